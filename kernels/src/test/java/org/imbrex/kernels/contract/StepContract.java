package org.imbrex.kernels.contract;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.fuse.ProgramText;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;
import org.imbrex.kernels.typing.Typing;

/** What time steps must do, with any lowering: give the bits of whole single steps, whatever the tiles. */
public final class StepContract {
    private StepContract() {}

    /** Iterations by chance: their text, their program, their inputs. */
    public record Case(String text, List<Node> nodes, Program program, Map<String, Values> inputs) {}

    /** Runs {@code count} iterations, one a seed, from the first seed on. */
    public static void check(Function<Stage, ? extends HostKernel> lowering, long first, int count) {
        for (long seed = first; seed < first + count; seed++) {
            Case c = of(seed);
            try {
                ProgramCheck.check(c.program);
                List<Values> expected = NodeEvaluator.evaluate(c.nodes, c.inputs);
                List<Values> found = ProgramRunner.run(c.program, c.inputs, lowering);
                expected.getFirst().checkEqual(found.getFirst(), "the result");
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + c.text + "\n" + ProgramText.of(c.program), e);
            }
        }
    }

    /** Runs each first stage of iterations whole, by the reference, and in tiles; how many there were. */
    public static int checkTiles(Function<Stage, ? extends HostKernel> lowering, long first, int count) {
        int stages = 0;
        for (long seed = first; seed < first + count; seed++) {
            Case c = of(seed);
            Random random = new Random(seed);
            for (Stage stage : c.program.stages()) {
                if (stage instanceof IterateStage iterate) {
                    try (RandomStages.Case made = made("seed " + seed + ": " + c.text, iterate, random)) {
                        LoweringContract.check(made, LoweringContract.runner(lowering.apply(iterate)), random);
                    }
                    stages++;
                    break;
                }
            }
        }
        return stages;
    }

    /** Loads of one buffer read one array; each load is given its own copy of it, from element 0 on. */
    @SuppressWarnings("MustBeClosedChecker") // the case owns it
    public static RandomStages.Case made(String name, IterateStage stage, Random random) {
        Arena arena = Arena.ofConfined();
        Map<Integer, Long> elements = new LinkedHashMap<>();
        for (int load = 0; load < stage.loads().size(); load++) {
            View view = stage.loads().get(load);
            long[][] box = stage.box(load, new long[stage.domain().length], stage.domain());
            elements.merge(view.buffer(), view.range(box[0], box[1])[1] + 1, Math::max);
        }
        Map<Integer, MemorySegment> arrays = new LinkedHashMap<>();
        for (View view : stage.loads()) {
            arrays.computeIfAbsent(view.buffer(), buffer -> {
                long count = Math.max(1, elements.get(buffer));
                MemorySegment segment = arena.allocate(count * view.dtype().bytes(), 64);
                for (long i = 0; i < count; i++) {
                    long address = segment.address() + i * view.dtype().bytes();
                    Elements.write(view.dtype(), address, RandomValues.bits(random, view.dtype(), false));
                }
                return segment;
            });
        }
        List<MemorySegment> loads =
                stage.loads().stream().map(view -> arrays.get(view.buffer())).toList();
        long[] stores = new long[stage.stores().size()];
        java.util.Arrays.fill(stores, new Shape(stage.domain()).elements());
        return new RandomStages.Case(name, stage, loads, stores, arena);
    }

    // ---- by chance

    private static final DType[] DTYPES = {DType.F32, DType.F64, DType.I32, DType.I64, DType.I16};
    private static final String[] MODES = {"'edge'", "'wrap'", "'wrap'", "'reflect'", "'symmetric'", "1"};

    /** An iteration that the seed determines. */
    public static Case of(long seed) {
        Random random = new Random(seed);
        int rank = 1 + random.nextInt(3);
        long[] extents = new long[rank];
        for (int axis = 0; axis < rank; axis++) {
            extents[axis] = 1 + random.nextInt(rank == 1 ? 90 : rank == 2 ? 18 : 8);
        }
        DType dtype = DTYPES[random.nextInt(DTYPES.length)];
        Shape shape = new Shape(extents);
        Map<String, ArrayType> types = new LinkedHashMap<>();
        for (String name : List.of("u", "v", "c")) {
            types.put(name, new ArrayType(dtype, shape));
        }
        types.put("r", new ArrayType(dtype, new Shape(new long[] {extents[rank - 1]})));
        String text = new Made(random, rank).iterate();
        Expr expression = Parser.parse(text);
        Map<String, Program.Buffer> buffers = new LinkedHashMap<>();
        Map<String, Values> inputs = new LinkedHashMap<>();
        for (String name : expression.inputs()) {
            ArrayType type = types.get(name);
            long[] strides = type.shape().strides();
            if (random.nextInt(5) == 0) {
                for (int axis = 0; axis < strides.length; axis++) {
                    strides[axis] *= 2;
                }
            }
            buffers.put(name, new Program.Buffer(dtype, type.shape(), strides));
            long[] bits = new long[(int) type.shape().elements()];
            for (int i = 0; i < bits.length; i++) {
                bits[i] = RandomValues.bits(random, dtype, random.nextInt(20) == 0);
            }
            inputs.put(name, new Values(type, bits));
        }
        List<Node> nodes = Typing.check(List.of(expression), types);
        return new Case(dtype + shape.toString() + ": " + text, nodes, Fuser.fuse(nodes, buffers), inputs);
    }

    private record Made(Random random, int rank) {
        String iterate() {
            String steps = ", steps=" + (1 + random.nextInt(random.nextInt(4) == 0 ? 40 : 9));
            String mode = MODES[random.nextInt(MODES.length)];
            return switch (random.nextInt(6)) {
                case 0 -> "iterate(u=" + next(mode, 2) + ", v=" + next(mode, 2) + steps + ")["
                        + random.nextInt(2) + "]";
                case 1 -> "iterate(u=" + next(mode, 1) + ", v=" + next(mode, 2) + steps + ")";
                case 2 -> "iterate(w=" + next(mode, 1).replace("v", "w") + steps + ", start=u - c) + v";
                default -> "iterate(u=" + next(mode, 2) + steps + ")";
            };
        }

        private String next(String mode, int depth) {
            String inside = sum(depth);
            return random.nextInt(5) == 0
                    ? "(stencil(" + inside + ", mode=" + mode + ") - stencil(" + sum(1) + ", mode="
                            + MODES[random.nextInt(MODES.length)] + "))"
                    : "stencil(" + inside + ", mode=" + mode + ")";
        }

        private String sum(int depth) {
            List<String> terms = new ArrayList<>();
            int count = 1 + random.nextInt(3);
            for (int k = 0; k < count; k++) {
                terms.add(term(depth));
            }
            return "(" + String.join(random.nextBoolean() ? " + " : " - ", terms) + ")";
        }

        private String term(int depth) {
            String of = depth > 0 && random.nextInt(4) == 0 ? sum(depth - 1) : leaf();
            return switch (random.nextInt(7)) {
                case 0 -> "minimum(" + leaf() + ", " + of + ")";
                case 1 -> of;
                case 2 -> random.nextInt(8) == 0 ? "max(" + of + ")" : of;
                default -> "at(" + of + offsets() + ")";
            };
        }

        private String offsets() {
            StringBuilder text = new StringBuilder();
            for (int axis = 0; axis < rank; axis++) {
                int most = random.nextInt(10) == 0 ? 9 : 2;
                text.append(", ").append(random.nextInt(2) == 0 ? 0 : random.nextInt(2 * most + 1) - most);
            }
            return text.toString();
        }

        private String leaf() {
            return switch (random.nextInt(8)) {
                case 0 -> "c";
                case 1 -> "(u + r)";
                case 2, 3 -> "v";
                default -> "u";
            };
        }
    }
}
