package org.imbrex.runtime.tornado;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.tornado.TornadoKernel.Parameter;
import org.imbrex.kernels.tornado.TornadoLowering;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.DeviceException.Kind;
import org.imbrex.runtime.device.LaunchedKernel;
import org.imbrex.runtime.device.TileKernel.TileTimes;
import org.imbrex.runtime.memory.Span;
import org.imbrex.runtime.tile.Scatter;

/** A stage on a TornadoVM device. */
final class TornadoTileKernel implements LaunchedKernel.Work {
    private final TornadoDevice device;
    private final Stage stage;
    private final TornadoLowering lowering;
    private final Scatter scatter;

    TornadoTileKernel(TornadoDevice device, Stage stage, TornadoLowering lowering) {
        this.device = device;
        this.stage = stage;
        this.lowering = lowering;
        this.scatter = new Scatter(stage);
    }

    @Override
    public TileTimes run(Launch.Sequence sequence, Tile tile, List<Span> loads, List<Span> stores) {
        Packing packing = new Packing(stage, tile, lowering, loads, stores, sequence);
        synchronized (TornadoVm.LOCK) {
            return run(sequence, packing);
        }
    }

    private TileTimes run(Launch.Sequence sequence, Packing packing) {
        List<String> names = sequence.launches().stream().map(Launch::kernel).toList();
        KernelClasses classes = device.classes(lowering);
        Set<Parameter> parameters = new LinkedHashSet<>();
        names.forEach(name -> parameters.addAll(classes.kernel(name).parameters()));
        Map<Parameter, Integer> lengths = packing.lengths(parameters, device.info().id());
        String key = lowering.hash() + names + lengths;
        long began = System.nanoTime();
        try {
            Plan plan = device.plan(key, () -> new Plan(device.tornado(), classes, names, lengths));
            long bytesUp = packing.up(plan);
            for (int k = 0; k < names.size(); k++) {
                plan.set(k, sequence.launches().get(k), packing.numbers(sequence.launches().get(k)));
            }
            long up = System.nanoTime();
            plan.run();
            long ran = System.nanoTime();
            long bytesDown = packing.down(plan, scatter);
            return new TileTimes(up - began, ran - up, System.nanoTime() - ran, bytesUp, bytesDown);
        } catch (DeviceException e) {
            throw e;
        } catch (RuntimeException | LinkageError e) {
            device.drop(key);
            throw told(e);
        }
    }

    /** A kernel that TornadoVM does not compile would otherwise run as Java, on one work item: its bailout. */
    private DeviceException told(Throwable e) {
        String name = e.getClass().getSimpleName() + TornadoVm.root(e).getClass().getSimpleName();
        String why = TornadoVm.first(e);
        Kind kind = name.contains("OutOfMemory") || name.contains("MemoryException")
                ? Kind.OUT_OF_MEMORY
                : name.contains("Bailout") || name.contains("Inlining") || name.contains("NotSupported")
                        || name.contains("Unsupported") || name.contains("Unimplemented") || name.contains("Internal")
                        || name.contains("Graal") || name.contains("Compilation") || e instanceof LinkageError
                        ? Kind.UNSUPPORTED
                        : Kind.FAILED;
        String what = switch (kind) {
            case OUT_OF_MEMORY -> "no memory on the device for a tile";
            case UNSUPPORTED -> "TornadoVM did not compile or start a kernel, which then ran nowhere";
            default -> "TornadoVM failed";
        };
        return new DeviceException(kind, device.info().id() + ": " + what + " (" + why + ")", e);
    }
}
