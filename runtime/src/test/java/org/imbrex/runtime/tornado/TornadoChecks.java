package org.imbrex.runtime.tornado;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.imbrex.kernels.contract.LoweringContract;
import org.imbrex.kernels.contract.RandomStages;
import org.imbrex.kernels.contract.RandomStages.Case;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.math.Functions;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.imbrex.runtime.BackendContract;
import org.imbrex.runtime.Stages;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.memory.Span;

/** What is checked on TornadoVM's first device, in a JVM of its own that has TornadoVM's options. */
final class TornadoChecks {
    private static final long SEED = Long.getLong("imbrex.test.seed", 1);
    private static final int STAGES_PER_KERNEL = 40;
    private static final int KERNELS = Integer.getInteger("imbrex.test.kernels", 26);
    private static final int PROGRAMS = Integer.getInteger("imbrex.test.programs", 6);

    private final TornadoDevice device;

    private TornadoChecks(TornadoDevice device) {
        this.device = device;
    }

    private interface Check {
        void run();
    }

    public static void main(String[] args) {
        Backend.Discovery found = new TornadoBackend().discover();
        if (found.devices().isEmpty()) {
            System.out.println("no TornadoVM device: " + found.notes());
            System.exit(3);
        }
        TornadoChecks checks = new TornadoChecks((TornadoDevice) found.devices().getFirst());
        System.out.println(checks.device.info());
        int failed = 0;
        failed += run(args, "exact", checks::isExact);
        failed += run(args, "contraction", checks::multiplyAndAddAreTwoOperations);
        failed += run(args, "bailout", checks::aKernelThatDoesNotCompileIsNoRun);
        failed += run(args, "stages", checks::stagesGiveTheReferencesBits);
        failed += run(args, "functions", checks::functionsGiveTheReferencesBits);
        found.devices().forEach(Device::close);
        failed += run(args, "programs", checks::programsGiveTheReferencesBits);
        System.exit(failed == 0 ? 0 : 1);
    }

    private static int run(String[] args, String name, Check check) {
        if (args.length > 0 && !List.of(args).contains(name)) {
            return 0;
        }
        long began = System.nanoTime();
        try {
            check.run();
            System.out.println("ok " + name + " " + (System.nanoTime() - began) / 1_000_000 + " ms");
            return 0;
        } catch (RuntimeException | AssertionError e) {
            System.out.println("FAILED " + name);
            e.printStackTrace(System.out);
            return 1;
        }
    }

    private LoweringContract.Runner runner(Stage stage) {
        TileKernel kernel = device.kernel(stage);
        return (tile, loads, stores) -> kernel.run(tile, spans(loads), spans(stores));
    }

    private static List<Span> spans(List<MemorySegment> memory) {
        return memory.stream().map(m -> new Span(m, 0)).toList();
    }

    private void isExact() {
        if (!device.info().exact()) {
            throw new AssertionError("the trial kernel's bits differ");
        }
    }

    /** With TornadoVM's own options this is a fused multiply-add. */
    private void multiplyAndAddAreTwoOperations() {
        for (DType dtype : List.of(DType.F32, DType.F64)) {
            Code code = new Code();
            Value x = code.load(dtype.scalar(), 0);
            Body body = code.body(code.add(code.mul(x, x), code.neg(code.real(dtype.scalar(), 1))), code.fma(x, x, code.real(dtype.scalar(), -1)));
            View in = new View(0, dtype, 0, new long[] {1});
            List<View> out = List.of(new View(1, dtype, 0, new long[] {1}), new View(2, dtype, 0, new long[] {1}));
            Stage stage = new MapStage(new long[] {100}, List.of(in), body, out);
            try (Arena arena = Arena.ofShared()) {
                MemorySegment input = arena.allocate(800, 64);
                for (int i = 0; i < 100; i++) {
                    double value = 1 + (i + 1) * (dtype == DType.F32 ? 0x1p-22 : 0x1p-50);
                    Elements.write(dtype, input.address() + (long) i * dtype.bytes(),
                            dtype == DType.F32 ? Float.floatToRawIntBits((float) value) : Double.doubleToRawLongBits(value));
                }
                LoweringContract.check(
                        new Case("contraction", stage, List.of(input), new long[] {100, 100}, arena), runner(stage),
                        new Random(SEED));
            }
        }
    }

    /** A kernel of more private memory than a device can have, or whatever else TornadoVM cannot compile. */
    private void aKernelThatDoesNotCompileIsNoRun() {
        Broken.check(device);
    }

    private void stagesGiveTheReferencesBits() {
        RandomStages stages = RandomStages.ofFewKernels(SEED, 600, STAGES_PER_KERNEL);
        Random which = new Random(SEED);
        int kept = 0;
        for (int i = 0; i < KERNELS * STAGES_PER_KERNEL; i++) {
            try (Case c = stages.next()) {
                // a shape is part of a kernel here, and each takes a second: a few of each body
                if (device.takes(c.stage()) && which.nextInt(STAGES_PER_KERNEL) < 3) {
                    LoweringContract.check(c, runner(c.stage()), new Random(SEED + i));
                    kept++;
                }
            }
        }
        System.out.println(kept + " stages");
    }

    private void functionsGiveTheReferencesBits() {
        Random random = new Random(SEED);
        int count = 2000;
        int functions = 0;
        for (DType dtype : List.of(DType.F32, DType.F64)) {
            for (Function function : Function.values()) {
                Body body;
                try {
                    body = body(function, dtype.scalar());
                } catch (IllegalArgumentException e) {
                    continue; // not a function of floats
                }
                try (Arena arena = Arena.ofShared()) {
                    List<MemorySegment> inputs = new ArrayList<>();
                    List<View> loads = new ArrayList<>();
                    for (int k = 0; k < Math.max(1, body.loads()); k++) {
                        inputs.add(values(dtype, count, random, arena));
                        loads.add(new View(k, dtype, 0, new long[] {1}));
                    }
                    DType result = Elements.dense(body.resultType(0));
                    Stage stage = new MapStage(
                            new long[] {count}, loads, body, List.of(new View(9, result, 0, new long[] {1})));
                    LoweringContract.check(
                            new Case(function + " of " + dtype, stage, inputs, new long[] {count}, arena), runner(stage),
                            random);
                    functions++;
                }
            }
        }
        System.out.println(functions + " functions");
    }

    private static Body body(Function function, ScalarType type) {
        for (int arity = 1; arity <= 3; arity++) {
            Code code = new Code();
            Value[] arguments = new Value[arity];
            for (int k = 0; k < arity; k++) {
                arguments[k] = code.load(type, k);
            }
            try {
                return code.body(Functions.apply(code, function, arguments));
            } catch (ArrayIndexOutOfBoundsException | IllegalArgumentException e) {
                if (arity == 3) {
                    throw new IllegalArgumentException(function.toString(), e);
                }
            }
        }
        throw new IllegalArgumentException();
    }

    private static MemorySegment values(DType dtype, int count, Random random, Arena arena) {
        MemorySegment input = arena.allocate((long) count * dtype.bytes(), 64);
        for (int i = 0; i < count; i++) {
            double value = random.nextGaussian() * (i < count / 2 ? 1 : Math.scalb(1.0, random.nextInt(200) - 60));
            long any = random.nextLong();
            long bits = dtype == DType.F32
                    ? i % 7 == 0 ? (int) any : Float.floatToRawIntBits((float) value)
                    : i % 7 == 0 ? any : Double.doubleToRawLongBits(value);
            Elements.write(dtype, input.address() + (long) i * dtype.bytes(), bits);
        }
        return input;
    }

    private void programsGiveTheReferencesBits() {
        long runs = BackendContract.check(new TornadoBackend(), SEED, PROGRAMS);
        for (EdgeMode mode : EdgeMode.values()) {
            Program program = Stages.stencilThenSquare(300, 700, mode);
            BackendContract.checkInParts(new TornadoBackend(), program, SEED, 40, 700);
        }
        System.out.println(runs + " runs of programs");
    }

    static Tile whole(Stage stage) {
        return new Tile(0, new long[stage.domain().length], stage.domain(), 0, stage.leaves());
    }
}
