package org.imbrex.runtime.tornado;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.imbrex.kernels.contract.LoweringContract;
import org.imbrex.kernels.contract.RandomStages;
import org.imbrex.kernels.contract.RandomStages.Case;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Typing;
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

    /** The exit status where there is no device. */
    static final int NO_DEVICE = 3;

    /** Of every dtype. */
    private static final int LEAST_FUNCTIONS = 40;

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
            found.all().forEach(System.out::println);
            System.exit(NO_DEVICE);
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
        if (List.of(args).contains("speed")) {
            TornadoSpeed.table();
        }
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

    /** Every operator and function of every dtype that it takes. */
    private void functionsGiveTheReferencesBits() {
        Random random = new Random(SEED);
        int count = 2000;
        for (DType dtype : DType.values()) {
            long began = System.nanoTime();
            int functions = 0;
            for (Function function : Function.values()) {
                String text = text(function);
                Program program;
                try {
                    program = program(text, dtype, count);
                } catch (ImbrexException e) {
                    continue; // not a function of this dtype
                }
                Stage stage = program.stages().getFirst();
                if (program.stages().size() != 1 || !(stage instanceof MapStage)) {
                    throw new AssertionError(text + " is " + program.stages());
                }
                try (Arena arena = Arena.ofShared()) {
                    List<MemorySegment> inputs = new ArrayList<>();
                    for (View view : stage.loads()) {
                        inputs.add(values(view.dtype(), count, random, arena));
                    }
                    LoweringContract.check(
                            new Case(text + " of " + dtype, stage, inputs, new long[] {count}, arena), runner(stage),
                            random);
                    functions++;
                }
            }
            System.out.printf("%d operators and functions of %s, %d ms%n", functions, dtype,
                    (System.nanoTime() - began) / 1_000_000);
            if (functions < LEAST_FUNCTIONS) {
                throw new AssertionError("of " + dtype + " only " + functions + " functions were found");
            }
        }
    }

    private static String text(Function function) {
        String name = function.text();
        return switch (function.arity()) {
            case 1 -> function.symbol().isEmpty() ? name + "(x)" : function.symbol() + "x";
            case 2 -> function.symbol().isEmpty() ? name + "(x, y)" : "x " + function.symbol() + " y";
            default -> function == Function.WHERE ? "where(x < y, x, z)" : name + "(x, y, z)";
        };
    }

    private static Program program(String text, DType dtype, int count) {
        Map<String, ArrayType> types = new LinkedHashMap<>();
        for (String name : List.of("x", "y", "z")) {
            types.put(name, new ArrayType(dtype, new Shape(new long[] {count})));
        }
        Expr expression = Parser.parse(text);
        Map<String, Program.Buffer> buffers = new LinkedHashMap<>();
        for (String name : expression.inputs()) {
            buffers.put(name, new Program.Buffer(dtype, types.get(name).shape(), new long[] {1}));
        }
        return Fuser.fuse(List.of(Typing.check(expression, types)), buffers);
    }

    private static MemorySegment values(DType dtype, int count, Random random, Arena arena) {
        MemorySegment input = arena.allocate((long) count * dtype.bytes(), 64);
        for (int i = 0; i < count; i++) {
            double value = random.nextGaussian() * (i < count / 2 ? 1 : Math.scalb(1.0, random.nextInt(200) - 60));
            long any = random.nextLong();
            long bits = switch (dtype) {
                case F32 -> i % 7 == 0 ? (int) any : Float.floatToRawIntBits((float) value);
                case F64 -> i % 7 == 0 ? any : Double.doubleToRawLongBits(value);
                case BOOL -> any & 1;
                default -> i % 2 == 0 ? any : any >> random.nextInt(64);
            };
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
