package org.imbrex.kernels.typing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.type.ShapeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlocksTest {
    private static final int COLS = 3;

    /**
     * Block by block it is the expression of that block's rows alone: B stands for the blocks, w has an element for
     * each block, v one for each row of a block, c one for each column.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "mean(B, axis=1)",
                "sum(B - mean(B, axis=1, keepdims=true), axis=1)",
                "max(B * 2 - 1, axis=1)",
                "var(B, axis=1, keepdims=true)",
                "sum(B * w, axis=1)",
                "sum(w * B * v, axis=1)",
                "max(B + v + c, axis=1)",
                "max(B + c, axis=(1, 2))",
                "sum(sum(B, axis=2), axis=1)",
                "sum(sum(B, axis=2, keepdims=true) * B, axis=(1, -1))",
                "argmax(B, axis=1)",
                "count(B > 0, axis=1)",
                "sum(where(B > w, B, 0), axis=1)",
                "mean(B[..., 1], axis=1)",
                "mean(B[:, :, None, ::-1] - B[:, :, :, None], axis=1)",
                "sum(f64(B), axis=1) / sum(B, axis=1)",
                "mean(mean(B, axis=1, keepdims=true) + B, axis=1) - mean(B, axis=1)",
            })
    void aRaggedReductionSeesOnlyWhatIsThere(String template) {
        for (int seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int size = random.nextInt(1, 7);
            int rows = random.nextInt(1, 20);
            int blocks = Math.ceilDiv(rows, size);
            double[] x = random.doubles((long) rows * COLS, -1, 1).toArray();
            double[] w = random.doubles(blocks).toArray();
            double[] v = random.doubles(size).toArray();
            double[] c = random.doubles(COLS).toArray();
            Values inputs = new Values()
                    .with("x", x, rows, COLS)
                    .with("w", w, blocks, 1, 1)
                    .with("v", v, size, 1)
                    .with("c", c, COLS);
            Result found = inputs.result(template.replace("B", "blocks(x, " + size + ")"));
            List<Double> expected = new ArrayList<>();
            for (int block = 0; block < blocks; block++) {
                int from = block * size;
                int to = Math.min(rows, from + size);
                String part = template.replace("B", "x[None, " + from + ":" + to + "]")
                        .replaceAll("\\bw\\b", "w[" + block + ":" + (block + 1) + "]")
                        .replaceAll("\\bv\\b", "v[:" + (to - from) + "]");
                Result one = inputs.result(part);
                assertThat(one.shape().extent(0)).isEqualTo(1);
                for (double value : one.values()) {
                    expected.add(value);
                }
            }
            assertThat(found.shape().extent(0)).as(template + ", seed " + seed).isEqualTo(blocks);
            assertThat(found.values())
                    .as(template + ", seed " + seed)
                    .containsExactly(
                            expected.stream().mapToDouble(Double::doubleValue).toArray());
        }
    }

    /** Over the blocks and their rows together it is the reduction over all rows. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max(B) | max(x)",
                "argmax(B) | argmax(x)",
                "max(B, axis=(0, 1)) | max(x, axis=0)",
                "argmax(B, axis=(0, 1)) | argmax(x, axis=0)",
                "max(B * 2 + c, axis=(0, 1), keepdims=true) | max(x * 2 + c, axis=0, keepdims=true)[None]",
                "count(B > 0, axis=(0, 1, 2)) | count(x > 0)",
            })
    void overBlocksAndRowsItIsTheReductionOverAll(String template, String plain) {
        for (int seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int rows = random.nextInt(1, 20);
            Values inputs = new Values()
                    .with("x", random.doubles((long) rows * COLS, -1, 1).toArray(), rows, COLS)
                    .with("c", random.doubles(COLS).toArray(), COLS);
            Result found = inputs.result(template.replace("B", "blocks(x, " + random.nextInt(1, 7) + ")"));
            Result expected = inputs.result(plain);
            assertThat(found.shape()).isEqualTo(expected.shape());
            assertThat(found.values()).as(template + ", seed " + seed).containsExactly(expected.values());
        }
    }

    private record Result(Shape shape, double[] values) {}

    private record Values(Map<String, ArrayType> types, Map<String, double[]> values) {
        Values() {
            this(new LinkedHashMap<>(), new LinkedHashMap<>());
        }

        Values with(String name, double[] elements, long... extents) {
            types.put(name, new ArrayType(DType.F64, Shape.of(extents)));
            values.put(name, elements);
            return this;
        }

        Result result(String text) {
            Node node = Typing.check(Parser.parse(text), types);
            return new Result(node.type().shape(), new Evaluator(values).all(node));
        }
    }

    @Test
    void fullBlocksAndTheLastAreTwoPartsOfOneArray() {
        assertThat(NodeText.of(Tables.check("max(blocks(x, 4), axis=1)", "x=f32(10,)")))
                .isEqualTo("concat0(MAX(x[0][[4, 1]](2, 4)[1]), MAX(x[8][[1, 1]](1, 2)[1]))");
        assertThat(NodeText.of(Tables.check("max(blocks(x, 4), axis=1)", "x=f32(8,)")))
                .isEqualTo("MAX(x[0][[4, 1]](2, 4)[1])");
        assertThat(NodeText.of(Tables.check("max(blocks(x, 4), axis=1)", "x=f32(3,)")))
                .isEqualTo("MAX(x[0][[1, 1]](1, 3)[1])");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "blocks(x, 4) | found a result of blocks of 4 rows whose last has 2, expected elementwise operations"
                        + " and then a reduction over the rows, as mean(blocks(x, 4), axis=1); or leave the last block"
                        + " out, as blocks(x[:8], 4), in 'blocks(x, 4)'",
                "blocks(x, 16) | as blocks(x[:0], 16)",
                "blocks(x, 4) + 1 | found a result of blocks",
                "sum(blocks(x, 4), axis=0) | found sum over the blocks, not their rows, of blocks of 4 rows whose last"
                        + " has 2",
                "transpose(blocks(x, 4)) | found transpose of blocks",
                "reshape(blocks(x, 4), (4, 3)) | found reshape of blocks",
                "concat(blocks(x, 4), blocks(x, 4)) | found concat of blocks",
                "blocks(x, 4) @ y | found @ of blocks",
                "at(blocks(x, 4), 0, 1) | found neighbours in blocks",
                "blocks(blocks(x, 4), 2) | found blocks of blocks",
                "rolling(blocks(x, 4), 2) | found windows of blocks",
                "sum(blocks(x, 4)[0]) | found an index of blocks",
                "sum(blocks(x, 4)[:, 1:], axis=1) | found an index of blocks",
                "sum(blocks(x, 4) + blocks(x, 6)[:3, :4], axis=1) | found an index of blocks of 6 rows whose last has"
                        + " 4",
                "sum(blocks(x, 4) * blocks(q, 4), axis=1) | found other blocks beside blocks of 4 rows",
                "sum(blocks(x, 16) * blocks(y, 4)[:, :1], axis=1) | found more blocks beside blocks of 16 rows",
                "sum(blocks(x, 4) + z, axis=1) | do not broadcast",
            })
    void whatIsNoArrayIsRefusedWithWhatToDo(String expr, String message) {
        assertThatThrownBy(() -> Tables.check(expr, "x=f32(10,); y=f32(12,); z=f32(3,); q=f32(11,)"))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("\n");
    }
}
