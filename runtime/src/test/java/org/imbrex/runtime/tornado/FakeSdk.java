package org.imbrex.runtime.tornado;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.ModuleAttribute;
import java.lang.constant.ClassDesc;
import java.lang.constant.ModuleDesc;
import java.lang.constant.PackageDesc;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;

/** As much of a TornadoVM SDK as is looked at first: an API of one class, that says its version, and JVM options. */
final class FakeSdk {
    private static final String API = "uk.ac.manchester.tornado.api";

    private FakeSdk() {}

    /**
     * Writes one.
     *
     * @param version empty for an API that does not say
     * @return the JVM options
     */
    static Path write(Path home, String version, boolean loads) throws IOException {
        Path api = home.resolve("share/java/tornado/api");
        Path folder = Files.createDirectories(api.resolve(API.replace('.', '/')));
        ModuleAttribute module = ModuleAttribute.of(ModuleDesc.of("tornado.api"), made -> {
            made.requires(ModuleDesc.of("java.base"), 0, null).exports(PackageDesc.of(API), 0);
            if (!version.isEmpty()) {
                made.moduleVersion(version);
            }
        });
        Files.write(api.resolve("module-info.class"), ClassFile.of().buildModule(module));
        byte[] context = ClassFile.of()
                .build(ClassDesc.of(API, "KernelContext"), made -> made.withFlags(AccessFlag.PUBLIC));
        if (!loads) {
            context[7]++; // of a Java that comes after this one, as another JDK's are
        }
        Files.write(folder.resolve("KernelContext.class"), context);
        return Files.writeString(
                home.resolve("tornado-argfile"),
                """
                --module-path %s
                --add-modules tornado.api
                -Dtornado.load.runtime.implementation=none
                """.formatted(home.resolve("share/java/tornado")));
    }
}
