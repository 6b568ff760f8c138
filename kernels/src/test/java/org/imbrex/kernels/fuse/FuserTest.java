package org.imbrex.kernels.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.expr.Reduction;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;
import org.imbrex.kernels.typing.Typing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How few stages there are; that they are right is what the contract tests. */
class FuserTest {
    private static final Map<String, ArrayType> INPUTS = new LinkedHashMap<>();

    static {
        input("a", DType.F32, 100, 50);
        input("b", DType.F32, 100, 50);
        input("c", DType.F32, 50);
        input("u", DType.F64, 30, 40);
        input("x", DType.F64, 1000, 3);
        input("y", DType.F64, 1003, 3);
        input("m", DType.F32, 64, 32);
        input("n", DType.F32, 32, 48);
        input("h", DType.F32, 20, 30, 40);
        input("none", DType.F32, 0, 5);
    }

    private static void input(String name, DType dtype, long... extents) {
        INPUTS.put(name, new ArrayType(dtype, new Shape(extents)));
    }

    /** Results are given apart by semicolons. */
    private static Program fuse(String exprs) {
        Map<String, Program.Buffer> buffers = new LinkedHashMap<>();
        INPUTS.forEach((name, type) -> buffers.put(name, contiguous(type)));
        List<Node> nodes = Typing.check(
                Arrays.stream(exprs.split(";")).map(Parser::parse).toList(), INPUTS);
        return Fuser.fuse(nodes, buffers);
    }

    private static Program.Buffer contiguous(ArrayType type) {
        return new Program.Buffer(type.dtype(), type.shape(), type.shape().strides());
    }

    private static String kinds(Program program) {
        List<String> kinds = new ArrayList<>();
        for (Stage stage : program.stages()) {
            kinds.add(switch (stage) {
                case MapStage map -> "map";
                case ReduceStage reduce -> "reduce";
                case MatMulStage product -> "matmul";
                case IterateStage iterate -> "iterate" + iterate.steps();
                case LineStage lines -> lines.line().text();
            });
        }
        return String.join(" ", kinds);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "a * b + c                                        | map",
                "sqrt(a * a + b * b) / (1 + exp(-c))              | map map", // exp once a column
                "a + b; (a + b) * c                               | map",
                "a[::2]; transpose(a)                             | map map",
                "stencil(at(u, -1, 0) + at(u, 1, 0) + at(u, 0, -1) + at(u, 0, 1) - 4 * u) | map",
                "stencil(at(u * 2, -1, 0) - at(u, 0, 1), mode='wrap') | map",
                "stencil(at(at(u, 1, 0), 1, 1), mode='reflect')   | map map",
                "stencil(at(at(u, 1, 0), 1, 1), mode='edge')      | map",
                "stencil(at(u * 2, -1, 0), mode=0)                | map map",
                "stencil(at(u * 2, -1, 0), mode=0)[1:, :]         | map",
                "stencil(at(exp(u), -1, 0) + at(exp(u), 1, 0))    | map map", // dear: computed once
                "max(a) - min(a)                                  | reduce",
                "sum(a); mean(a); min(a); max(a)                  | reduce",
                "sum(a) / sum(b)                                  | reduce",
                "mean(a, axis=0); std(a, axis=1)                  | reduce reduce reduce",
                "std(a)                                           | reduce reduce",
                "std(a) / mean(a)                                 | reduce reduce",
                "nanmean(a)                                       | reduce",
                "nanmin(a) + nanmax(a)                            | reduce",
                "argmin(a)                                        | reduce reduce",
                "count(a > 0) / count(b > 0)                      | reduce",
                "sum(h, axis=[0, 2])                              | reduce reduce",
                "mean(h, axis=[0, 2]) * 2                         | reduce reduce",
                "sum(h, axis=[1, 2])                              | reduce",
                "a - mean(a, axis=0)                              | reduce map",
                "(a - min(a)) / (max(a) - min(a))                 | reduce map",
                "exp(a) / sum(exp(a))                             | map reduce map", // exp once
                "mean(blocks(x, 8), axis=1)                       | reduce",
                "mean(blocks(y, 8), axis=1)                       | reduce reduce",
                "max(blocks(y, 8), axis=1) - min(blocks(y, 8), axis=1) | reduce reduce map",
                "mean(rolling(x, 8), axis=1)                      | reduce",
                "m @ n                                            | matmul",
                "transpose(n) @ transpose(m)                      | matmul",
                "(m * 2) @ n + 1                                  | map matmul",
                "maximum(m @ n + sum(n, axis=0), 0)               | reduce matmul", // waits for what it reads
                "f64((m @ n) * 2) + m[:, :1]                      | matmul",
                "m @ n; m @ n + 1                                 | matmul map", // is itself a result
                "(m @ n + 1) @ transpose(n)                       | matmul matmul",
                "m @ transpose(m) + transpose(m @ transpose(m))   | matmul map", // read at two places
                "reshape(a * b, -1)                               | map",
                "reshape(a, (50, 100))                            | map",
                "sum(reshape(a[10:20], -1))                       | reduce",
                "sum(reshape(transpose(a), -1))                   | map reduce",
                "concat(a, b * 2)                                 | map map",
                "sum(none); mean(none, axis=0); any(none)         | map map map",
                "where(none > 0, none, 1)                         | \"\""
            })
    void programsHaveFewStages(String exprs, String stages) {
        Program program = fuse(exprs);
        assertThat(kinds(program)).as(() -> ProgramText.summary(program)).isEqualTo(stages);
    }

    @Test
    void whatSeveralReductionsShareIsReadOnce() {
        ReduceStage stage = (ReduceStage) fuse("sum(a); mean(a); min(a); max(a) - min(a)").stages().getFirst();
        assertThat(stage.loads()).hasSize(1);
        assertThat(stage.combines()).hasSize(3);
        assertThat(stage.stores()).hasSize(4);
    }

    @Test
    void transposedOperandsOfAProductAreNotCopied() {
        MatMulStage stage = (MatMulStage) fuse("transpose(n) @ transpose(m)").stages().getFirst();
        assertThat(stage.a().strides()).containsExactly(1, 48);
        assertThat(stage.b().strides()).containsExactly(1, 32);
    }

    @Test
    void equalProgramsHaveEqualIdsAndOthersNot() {
        assertThat(fuse("a * b + c").id()).isEqualTo(fuse("a*b+c").id()).matches("[0-9a-f]{64}");
        assertThat(fuse("a * b - c").id()).isNotEqualTo(fuse("a * b + c").id());
    }

    @Test
    void theSummaryTellsBuffersViewsAndOperations() {
        assertThat(ProgramText.summary(fuse("max(stencil(at(u, -1, 0) - u, mode='wrap')) - min(u)")))
                .endsWith("""
                        b9: f64(20, 30, 40) input none
                        """.replace("f64(20, 30, 40)", "f32(0, 5)") + """
                        b10: f64() result
                        s0: reduce (30, 40) over axes 0:2 by [MAX, MIN], b3[-1, 0]wrap b3 -> b10, 2 SUB
                        """);
    }

    // ---- expressions that could explode

    private static Node repeat(int times, UnaryOperator<Node> step) {
        Node node = new Node.Input("v", new ArrayType(DType.F32, new Shape(1000)));
        for (int i = 0; i < times; i++) {
            node = step.apply(node);
        }
        return node;
    }

    private static Node apply(Function function, Node a, Node b) {
        return new Node.Apply(function, List.of(a, b), a.type());
    }

    private static Node mean(Node x) {
        return new Node.Reduce(
                Reduction.MEAN, x, new int[] {0}, true, new ArrayType(x.type().dtype(), new Shape(1)));
    }

    private static Node shift(Node x, long by) {
        return new Node.Shift(x, new long[] {by}, EdgeMode.REFLECT, 0, x.type());
    }

    private static Node reversed(Node x) {
        return new Node.Affine(x, new long[] {999}, new long[][] {{-1}}, x.type());
    }

    @Test
    void deepAndSharedExpressionsFuseOnASmallStackIntoBoundedBodies() throws InterruptedException {
        List<UnaryOperator<Node>> steps = List.of(
                x -> apply(Function.ADD, x, x),
                x -> apply(Function.SUB, apply(Function.MUL, x, x), x),
                x -> apply(Function.SUB, x, mean(x)),
                x -> apply(Function.SUB, shift(x, 1), shift(x, -1)),
                x -> apply(Function.SUB, x, reversed(x)),
                x -> apply(Function.ADD, x, apply(Function.MUL, mean(x), mean(reversed(x)))),
                x -> shift(x, 1),
                x -> apply(Function.MOD, x, x)); // hundreds of instructions each
        for (int k = 0; k < steps.size(); k++) {
            Node deep = repeat(k < steps.size() - 1 ? 1000 : 50, steps.get(k));
            List<Program> programs = new ArrayList<>();
            Program.Buffer input = contiguous(new ArrayType(DType.F32, new Shape(1000)));
            Thread thread = new Thread(
                    null, () -> programs.add(Fuser.fuse(List.of(deep), Map.of("v", input))), "fuse", 256 << 10);
            thread.start();
            thread.join();
            assertThat(programs).as("expression " + k).hasSize(1);
            for (Stage stage : programs.getFirst().stages()) {
                assertThat(stage.loads().size()).as("loads of expression " + k).isLessThanOrEqualTo(2 * Plan.MOST_LOADS);
                if (stage instanceof MapStage map) {
                    assertThat(map.body().instrs().size())
                            .as("body of expression " + k)
                            .isLessThanOrEqualTo(2 * Plan.MOST_INSTRS);
                }
            }
        }
    }

    @Test
    void aWideSumIsCutIntoStagesOfBoundedWidth() {
        Map<String, Program.Buffer> buffers = new LinkedHashMap<>();
        ArrayType type = new ArrayType(DType.F32, new Shape(10));
        Node sum = new Node.Constant(0, new ArrayType(DType.F32, Shape.SCALAR));
        Node means = sum;
        for (int k = 0; k < 500; k++) {
            Node input = new Node.Input("v" + k, type);
            buffers.put("v" + k, contiguous(type));
            sum = new Node.Apply(Function.ADD, List.of(sum, input), type);
            means = new Node.Apply(
                    Function.ADD, List.of(means, mean(input)), new ArrayType(DType.F32, new Shape(1)));
        }
        Program program = Fuser.fuse(List.of(sum, means), buffers);
        for (Stage stage : program.stages()) {
            assertThat(stage.loads().size()).isLessThanOrEqualTo(Plan.MOST_LOADS);
            if (stage instanceof ReduceStage reduce) {
                assertThat(reduce.combines().size()).isLessThanOrEqualTo(Plan.MOST_ACCUMULATORS);
            }
        }
    }
}
