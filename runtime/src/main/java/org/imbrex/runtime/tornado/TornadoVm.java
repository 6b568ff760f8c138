package org.imbrex.runtime.tornado;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** TornadoVM as it is found in this process. */
final class TornadoVm {
    private static final String RUNTIME = "runtime.TornadoRuntimeProvider";
    private static final String OPTIONS = "uk.ac.manchester.tornado.runtime.common.TornadoOptions";
    private static final String GET = "get TornadoVM 5 for JDK 25 (tornadovm.org), set TORNADOVM_HOME to it and start ./imbrex";

    /** TornadoVM calls are made one at a time: of its own threads it says nothing. */
    static final Object LOCK = new Object();

    /**
     * What keeps the bits, or tells the truth: each an option that TornadoVM reads once, and the constant by which it
     * went.
     */
    private static final Map<String, String> NEEDED = new LinkedHashMap<>();

    /** With it additions of products are fused: kernels have none that is not meant so. Without it, fma is software. */
    private static final String FMA = "tornado.enable.fma";

    static {
        NEEDED.put("tornado.enable.nativeFunctions", "ENABLE_NATIVE_FUNCTION");
        NEEDED.put("tornado.enable.mathOptimizations", "MATH_OPTIMIZATIONS");
        NEEDED.put("tornado.enable.fastMathOptimizations", "FAST_MATH_OPTIMIZATIONS");
        NEEDED.put("tornado.recover.bailout", "RECOVER_BAILOUT");
    }

    private TornadoVm() {}

    /**
     * A device that TornadoVM lists.
     *
     * @param device TornadoVM's own object
     * @param backend TornadoVM's backend: OPENCL, PTX, SPIRV …
     */
    record Found(
            Object device, String backend, String name, String platform, boolean cpu, int units, long memoryBytes,
            long allocationBytes) {}

    /** Brings TornadoVM up. */
    static List<Found> start() throws TornadoMissing {
        synchronized (LOCK) {
            String version = TornadoVersion.found().orElseThrow(() -> new TornadoMissing(absent()));
            if (!TornadoVersion.isBound(version)) {
                throw new TornadoMissing("tornado: found TornadoVM " + version + ", for which Imbrex is not made; " + GET);
            }
            if (System.getProperty("tornado.load.runtime.implementation") == null) {
                throw new TornadoMissing("tornado: TornadoVM's classes are here but not its JVM options; add"
                        + " @$TORNADOVM_HOME/tornado-argfile, or start ./imbrex with TORNADOVM_HOME set");
            }
            try {
                NEEDED.keySet().forEach(option -> System.setProperty(option, "False"));
                if (System.getProperty(FMA) == null) {
                    System.setProperty(FMA, "True");
                }
                System.setProperty("tornado.compiler.fullInlining", "True"); // else none of more than 600 nodes
                Annotations.install();
                List<Found> found = devices();
                check();
                return found;
            } catch (ReflectiveOperationException | RuntimeException | LinkageError | InternalError e) {
                throw new TornadoMissing("tornado: TornadoVM " + version + " does not start (" + first(e) + "); " + GET, e);
            }
        }
    }

    private static String absent() {
        String home = System.getenv("TORNADOVM_HOME");
        if (home == null || home.isBlank()) {
            return "tornado: no TornadoVM; to reach devices that have no OpenCL driver " + GET;
        }
        if (!Files.isDirectory(Path.of(home, "share", "java", "tornado"))) {
            return "tornado: found no TornadoVM SDK in TORNADOVM_HOME=" + home + " (it has no share/java/tornado); " + GET;
        }
        String refused = System.getenv("IMBREX_TORNADO");
        if (refused != null) {
            return "tornado: the JVM does not start with the options of TORNADOVM_HOME=" + home + " (" + refused + "); " + GET;
        }
        boolean hasOptions = Stream.of("tornado-argfile", "tornado-argfile.template")
                .anyMatch(name -> Files.isReadable(Path.of(home, name)));
        return hasOptions
                ? "tornado: this JVM was started without the options of TORNADOVM_HOME; start ./imbrex, or add"
                        + " @$TORNADOVM_HOME/tornado-argfile"
                : "tornado: TORNADOVM_HOME=" + home + " has no tornado-argfile, the JVM options that TornadoVM needs; run"
                        + " 'tornado --generate-argfile' once";
    }

    /** Whether a TornadoVM may be meant to be there. */
    static boolean isAskedFor() {
        String home = System.getenv("TORNADOVM_HOME");
        return home != null && !home.isBlank() || TornadoVersion.found().isPresent();
    }

    /** The first line of what went wrong. */
    static String first(Throwable e) {
        Throwable root = root(e);
        String text = String.valueOf(root.getMessage()).replaceAll("\u001B\\[[0-9;]*m", "").strip();
        return root.getClass().getSimpleName() + ": " + text.lines().findFirst().orElse("");
    }

    static Throwable root(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root;
    }

    private static List<Found> devices() {
        Object runtime = Reflected.call(RUNTIME, null, "getTornadoRuntime");
        int backends = (int) Reflected.call("TornadoRuntime", runtime, "getNumBackends");
        List<Found> found = new ArrayList<>();
        for (int backend = 0; backend < backends; backend++) {
            Object driver = Reflected.call("TornadoRuntime", runtime, "getBackend", backend);
            String type = Reflected.call("TornadoRuntime", runtime, "getBackendType", backend).toString();
            int devices = (int) Reflected.call("TornadoBackend", driver, "getNumDevices");
            for (int number = 0; number < devices; number++) {
                found.add(device(Reflected.call("TornadoBackend", driver, "getDevice", number), type));
            }
        }
        return found;
    }

    private static Found device(Object device, String backend) {
        String api = "common.TornadoDevice";
        Object target = Reflected.call(api, device, "getPhysicalDevice");
        String name = String.valueOf(Reflected.call("TornadoTargetDevice", target, "getDeviceName"));
        String platform = String.valueOf(Reflected.call(api, device, "getPlatformName"));
        boolean cpu = "CPU".equals(Reflected.call(api, device, "getDeviceType").toString());
        int units = (int) Reflected.call("TornadoTargetDevice", target, "getDeviceMaxComputeUnits");
        long memory = (long) Reflected.call(api, device, "getMaxGlobalMemory");
        long allocation = (long) Reflected.call(api, device, "getMaxAllocMemory");
        return new Found(device, backend, name.strip(), platform.strip(), cpu, units, memory, allocation);
    }

    /** Another user of TornadoVM in this process may have started it with options that break bits. */
    private static void check() throws ReflectiveOperationException, TornadoMissing {
        Class<?> options = Class.forName(OPTIONS, true, ClassLoader.getSystemClassLoader());
        for (Map.Entry<String, String> option : NEEDED.entrySet()) {
            if (options.getField(option.getValue()).getBoolean(null)) {
                throw new TornadoMissing("tornado: TornadoVM was started in this process with " + option.getKey()
                        + "=True, by which bits would differ or go unseen; start the JVM with -D" + option.getKey() + "=False");
            }
        }
    }
}
