package org.imbrex.runtime.tornado;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.tornado.TornadoLowering;
import org.imbrex.kernels.tornado.TornadoTypes;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.DeviceException.Kind;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.LaunchedKernel;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.device.Tuning;

/** One of TornadoVM's devices: its execution plans, by kernel and by the sizes of their arrays. */
final class TornadoDevice implements Device {
    /** What one tile's arrays may take: TornadoVM gives a device 1 GiB in all unless told otherwise. */
    static final long MOST_BYTES = 256L << 20;
    /** What the arrays of kept plans may take. */
    private static final long KEPT_BYTES = 384L << 20;
    private static final long TILE_BYTES = 32L << 20;
    private static final int KEPT = 64;
    private static final int KEPT_CLASSES = 256;

    private final TornadoVm.Found found;
    private final DeviceInfo info;
    private final TornadoTypes types;
    private final Map<String, Plan> plans = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<String, KernelClasses> classes = new LinkedHashMap<>(16, 0.75f, true);
    private boolean closed;

    TornadoDevice(TornadoVm.Found found, DeviceInfo info, TornadoTypes types) {
        this.found = found;
        this.info = info;
        this.types = types;
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public int workers() {
        return 1;
    }

    @Override
    public Tuning tuning() {
        return Tuning.usual(TILE_BYTES, info.hostCpu() ? 2 * TILE_BYTES : TILE_BYTES);
    }

    @Override
    public boolean takes(Stage stage) {
        return !(stage instanceof LineStage || stage instanceof IterateStage);
    }

    @Override
    public TileKernel kernel(Program program, int number) {
        return kernel(program.stages().get(number));
    }

    TileKernel kernel(Stage stage) {
        if (!takes(stage)) {
            throw new DeviceException(Kind.UNSUPPORTED, info.id() + " has no kernels for whole lines nor for several time"
                    + " steps at once: use another device");
        }
        long wanted = (info.hostCpu() ? 4L : 1024L) * Math.max(1, info.units());
        TornadoLowering lowering;
        try {
            lowering = Lowerings.tornado(stage, types, wanted);
        } catch (IllegalArgumentException e) {
            throw new DeviceException(Kind.UNSUPPORTED, info.id() + ": the stage is too large for one Java method ("
                    + e.getMessage() + "): compute parts of the expression in steps, or use another device", e);
        }
        return kernel(stage, lowering);
    }

    TileKernel kernel(Stage stage, TornadoLowering lowering) {
        return new LaunchedKernel(lowering.hash(), lowering.launches(), new TornadoTileKernel(this, stage, lowering));
    }

    /** The classes of a lowering; TornadoVM keeps what it has compiled by the class. */
    KernelClasses classes(TornadoLowering lowering) {
        KernelClasses found = classes.get(lowering.hash());
        if (found == null) {
            found = new KernelClasses(lowering, info.id());
            classes.put(lowering.hash(), found);
            if (classes.size() > KEPT_CLASSES) {
                classes.remove(classes.keySet().iterator().next());
            }
        }
        return found;
    }

    /** To be called, and the plan used, under TornadoVM's lock. */
    Plan plan(String key, Supplier<Plan> make) {
        if (closed) {
            throw new DeviceException(Kind.LOST, info.id() + ": the device has been closed");
        }
        Plan plan = plans.get(key);
        if (plan == null) {
            plan = make.get();
            plans.put(key, plan);
            trim(KEPT_BYTES);
        }
        return plan;
    }

    private void trim(long most) {
        long bytes = plans.values().stream().mapToLong(Plan::bytes).sum();
        var oldest = plans.values().iterator();
        while ((bytes > most || plans.size() > KEPT) && plans.size() > 1) {
            Plan old = oldest.next();
            oldest.remove();
            bytes -= old.bytes();
            old.close();
        }
    }

    /** Gives up a plan that failed. */
    void drop(String key) {
        Plan plan = plans.remove(key);
        if (plan != null) {
            plan.close();
        }
    }

    Object tornado() {
        return found.device();
    }

    @Override
    public void close() {
        synchronized (TornadoVm.LOCK) {
            closed = true;
            plans.values().forEach(Plan::close);
            plans.clear();
            classes.clear();
        }
    }
}
