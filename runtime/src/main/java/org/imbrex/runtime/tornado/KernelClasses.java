package org.imbrex.runtime.tornado;

import java.util.HashMap;
import java.util.Map;
import org.imbrex.kernels.tornado.TornadoKernel;
import org.imbrex.kernels.tornado.TornadoLowering;
import org.imbrex.runtime.device.DeviceException;

/** A lowering's kernels as loaded classes: an instance of each is a TornadoVM task. */
final class KernelClasses {
    private final Map<String, Object> tasks = new HashMap<>();
    private final Map<String, TornadoKernel> kernels = new HashMap<>();

    KernelClasses(TornadoLowering lowering, String device) {
        for (TornadoKernel kernel : lowering.kernels()) {
            try {
                tasks.put(kernel.name(), new Loader().define(kernel).getConstructor().newInstance());
            } catch (ReflectiveOperationException | LinkageError e) {
                throw new DeviceException(
                        DeviceException.Kind.UNSUPPORTED,
                        device + ": the kernel's class does not load beside this TornadoVM: " + TornadoVm.first(e),
                        e);
            }
            kernels.put(kernel.name(), kernel);
        }
    }

    /** Each class has its own, so that equal names are other classes. */
    private static final class Loader extends ClassLoader {
        Loader() {
            super(Reflected.type("KernelContext").getClassLoader());
        }

        Class<?> define(TornadoKernel kernel) {
            return defineClass(kernel.className(), kernel.bytes(), 0, kernel.bytes().length);
        }
    }

    Object task(String name) {
        return tasks.get(name);
    }

    TornadoKernel kernel(String name) {
        return kernels.get(name);
    }
}
