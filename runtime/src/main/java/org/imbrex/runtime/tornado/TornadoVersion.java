package org.imbrex.runtime.tornado;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which TornadoVM this process has, and whether it is one of those whose API and kernels Imbrex knows. */
final class TornadoVersion {
    private static final String MODULE = "tornado.api";
    private static final String UNKNOWN = "of unknown version";
    /** As 5.2.0-jdk25: the JDK is part of the version, as another's classes do not load. */
    private static final Pattern FORM = Pattern.compile("(\\d+)(\\.\\d+)*(-jdk(\\d+))?(-.*)?");

    private static final String MAJOR = "5";
    private static final String JDK = "25";

    private TornadoVersion() {}

    /** Empty where there is no TornadoVM; told by the API's module or, on the class path, by its jar's manifest. */
    static Optional<String> found() {
        Optional<Module> module = ModuleLayer.boot().findModule(MODULE);
        if (module.isPresent()) {
            return Optional.of(module.get().getDescriptor().rawVersion().orElse(UNKNOWN));
        }
        try {
            String version = Reflected.api("KernelContext").getPackage().getImplementationVersion();
            return Optional.of(version == null ? UNKNOWN : version);
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        } catch (LinkageError e) {
            return Optional.of(UNKNOWN);
        }
    }

    static boolean isBound(String version) {
        Matcher is = FORM.matcher(version);
        return is.matches() && MAJOR.equals(is.group(1)) && (is.group(4) == null || JDK.equals(is.group(4)));
    }
}
