package org.imbrex.runtime.opencl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imbrex.kernels.opencl.OpenClLowering;
import org.imbrex.runtime.device.DeviceException;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_context;
import org.jocl.cl_kernel;
import org.jocl.cl_program;

/** A device's compiled programs by the hash of their source: those in use, the latest others, and those on disk. */
final class Programs {
    private static final int MOST = 512;

    private final DeviceFacts facts;
    private final String device;
    private final Calls calls;
    private final cl_context context;
    private final int lanes;
    private final BinaryCache cache;
    private final Map<String, Built> built = new LinkedHashMap<>(16, 0.75f, true);

    /** A program that runs; its kernels belong to one lane each, as their arguments are part of them. */
    final class Built implements AutoCloseable {
        private final cl_program program;
        private final List<Map<String, cl_kernel>> kernels = new ArrayList<>();
        private int users;

        private Built(cl_program program) {
            this.program = program;
            for (int lane = 0; lane < lanes; lane++) {
                kernels.add(new HashMap<>());
            }
        }

        cl_kernel kernel(int lane, String name) {
            return kernels.get(lane).computeIfAbsent(name, n -> calls.kernel(program, n));
        }

        private void release() {
            kernels.forEach(own -> own.values().forEach(calls::release));
            calls.release(program);
        }

        /** Ends a use that {@link #use} began. */
        @Override
        public void close() {
            synchronized (Programs.this) {
                users--;
            }
        }
    }

    Programs(DeviceFacts facts, String device, Calls calls, cl_context context, int lanes, BinaryCache cache) {
        this.facts = facts;
        this.device = device;
        this.calls = calls;
        this.context = context;
        this.lanes = lanes;
        this.cache = cache;
    }

    /**
     * The program of a lowering, built now if need be, until it is closed.
     *
     * @throws DeviceException UNSUPPORTED where it does not build
     */
    synchronized Built use(OpenClLowering lowering) {
        Built program = built.get(lowering.hash());
        if (program == null) {
            program = new Built(make(lowering));
            built.put(lowering.hash(), program);
            evict();
        }
        program.users++;
        return program;
    }

    private void evict() {
        Iterator<Built> oldest = built.values().iterator();
        while (built.size() > MOST && oldest.hasNext()) {
            Built old = oldest.next();
            if (old.users == 0) {
                oldest.remove();
                old.release();
            }
        }
    }

    private cl_program make(OpenClLowering lowering) {
        String options = "-cl-std=CL1.2" + (facts.correctDivision() ? " -cl-fp32-correctly-rounded-divide-sqrt" : "");
        String key = BinaryCache.key(List.of(
                facts.platform(), facts.name(), facts.driver(), "" + facts.units(), options, lowering.hash()));
        Optional<cl_program> known = cache.find(key).flatMap(binary -> load(binary, options, key));
        if (known.isPresent()) {
            return known.get();
        }
        cl_program program = calls.source(context, lowering.source());
        try {
            calls.build(program, facts.id(), options);
            if (cache.isOn()) {
                cache.store(key, calls.binary(program));
            }
            return program;
        } catch (CLException e) {
            DeviceException told = told(lowering, program, e);
            calls.release(program);
            throw told;
        } catch (DeviceException e) {
            calls.release(program);
            throw e;
        }
    }

    /** A program from its binary; empty, and the binary is gone, where the driver does not take it. */
    private Optional<cl_program> load(byte[] binary, String options, String key) {
        cl_program program;
        try {
            program = calls.binary(context, facts.id(), binary);
        } catch (DeviceException e) {
            if (e.kind() == DeviceException.Kind.LOST) {
                throw e;
            }
            cache.reject(key);
            return Optional.empty();
        }
        try {
            calls.build(program, facts.id(), options);
            return Optional.of(program);
        } catch (CLException e) {
            calls.release(program);
            cache.reject(key);
            return Optional.empty();
        }
    }

    private DeviceException told(OpenClLowering lowering, cl_program program, CLException e) {
        DeviceException plain = OpenClError.of(device, "building a kernel", e);
        boolean refused = e.getStatus() == CL.CL_BUILD_PROGRAM_FAILURE
                || e.getStatus() == CL.CL_COMPILE_PROGRAM_FAILURE
                || e.getStatus() == CL.CL_LINK_PROGRAM_FAILURE;
        if (!refused && plain.kind() != DeviceException.Kind.FAILED) {
            return plain;
        }
        String log = calls.log(program, facts.id());
        String where;
        try {
            Path file = Files.createTempFile("imbrex-kernel-", ".cl");
            Files.writeString(file, lowering.source() + "\n/* " + device + ", " + facts.name() + "\n"
                    + log.replace("*/", "* /") + "\n*/\n");
            where = "its source and the compiler's log are in " + file;
        } catch (IOException failed) {
            where = "its source could not be kept (" + failed.getMessage() + ")";
        }
        return new DeviceException(
                DeviceException.Kind.UNSUPPORTED,
                "%s: a kernel does not build (%s); %s".formatted(device, OpenClError.name(e.getStatus()), where),
                e);
    }

    synchronized void close() {
        built.values().forEach(Built::release);
        built.clear();
    }
}
