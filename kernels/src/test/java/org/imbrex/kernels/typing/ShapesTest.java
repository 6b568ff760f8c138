package org.imbrex.kernels.typing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.imbrex.kernels.type.ShapeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShapesTest {
    @Test
    void indexingReductionsAndShapesAreNumPys() {
        for (String[] row : Tables.rows("shapes.tsv", "\t")) {
            check(row[0], "x=f64" + row[1], row[2]);
        }
    }

    @Test
    void broadcastingProductsAndConcatAreNumPys() {
        for (String[] row : Tables.rows("shapes-of-two.tsv", "\t")) {
            check(row[0], "x=f64" + row[1] + "; y=f64" + row[2], row[3]);
        }
    }

    private static void check(String expr, String inputs, String expected) {
        String found;
        try {
            found = Tables.check(expr, inputs).type().shape().toString();
        } catch (ShapeException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
            found = "-";
        }
        assertThat(found).as(expr + " of " + inputs).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x[1, ..., ::2] | x=f32(4, 3, 6) | f32(3, 3)",
                "at(x, -1, 0) | x=f32(4, 3) | f32(4, 3)",
                "stencil(at(x, 100) + x, mode='wrap') | x=i16(4,) | i16(4,)",
                "blocks(x, 2) | x=f32(4, 3) | f32(2, 2, 3)",
                "blocks(x, 2) | x=f32(0, 3) | f32(0, 2, 3)",
                "rolling(x, 3) | x=f32(4, 3) | f32(2, 3, 3)",
                "rolling(x, 4) | x=f32(4,) | f32(1, 4)",
                "sum(x, axis=()) | x=i8(2, 3) | i64(2, 3)",
                "sum(x) | x=f32(0,) | f32()",
                "mean(x, axis=0) | x=f32(0, 2) | f32(2,)",
                "min(x, axis=1) | x=f32(0, 2) | f32(0,)",
                "dot(x, 2) | x=f32(3, 4, 5) | f32(3, 4, 5)",
                "transpose(x) | x=f32(3, 4, 5) | f32(5, 4, 3)",
                "x @ y | x=i8(7, 1, 2, 3); y=u8(5, 3, 4) | i16(7, 5, 2, 4)",
            })
    void shapes(String expr, String inputs, String expected) {
        assertThat(Tables.check(expr, inputs).type().toString()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x + y | x=f32(3,); y=f32(4,) | shapes (3,) and (4,) do not broadcast: 3 against 4 on axis 0",
                "2 * (x + y) - 1 | x=f32(3,); y=f32(4,) | in 'x + y'",
                "sum(x, axis=2) | x=f32(3, 4) | found axis 2 in sum of an array of shape (3, 4), expected one from -2"
                        + " to 1",
                "sum(x, axis=(0, -2)) | x=f32(3, 4) | found axis -2 twice in sum, expected each once",
                "sum(x, axis=0) | x=f32() | found axis 0 in sum of an array of shape (), which has no axes",
                "max(x) | x=f32(3, 0) | found no elements along axis 1 of an array of shape (3, 0), expected at least"
                        + " one for max",
                "argmin(x, axis=0) | x=f32(0, 3) | expected at least one for argmin",
                "x[3] | x=f32(3,) | found index 3 on axis 0 of an array of shape (3,), expected one from -3 to 2",
                "x[0, 0] | x=f32(3,) | found 2 indices for an array of shape (3,), expected at most 1",
                "x[..., ...] | x=f32(3,) | found 2 times ... in an index, expected one at most",
                "transpose(x, (0, 0)) | x=f32(2, 3) | found axis 0 twice in transpose",
                "transpose(x, (0,)) | x=f32(2, 3) | found 1 axes in transpose",
                "reshape(x, (4, -1)) | x=f32(2, 3) | with 6 elements to [4, -1], expected as many elements",
                "reshape(x, (-1, -1)) | x=f32(2, 3) | found the extent -1 in reshape",
                "concat(x, y) | x=f32(2, 3); y=f32(2, 4) | in concat along axis 0, expected equal extents along the"
                        + " others",
                "concat(x, 1) | x=f32(2,) | in concat along axis 0",
                "x @ y | x=f32(2, 3); y=f32(2, 3) | found shapes (2, 3) and (2, 3) in a @ b",
                "x @ 2 | x=f32(2, 3) | for scalars use *",
                "dot(x, x) | x=f32(2, 3, 3) | found shapes (2, 3, 3) and (2, 3, 3) in dot",
                "at(x, 1) | x=f32(2, 3) | found 1 offsets in at of an array of shape (2, 3), expected one for each"
                        + " axis",
                "at(x, 3000000000) | x=f32(2,) | found the offset 3000000000 in at, expected one within 2^31",
                "rolling(x, 5) | x=f32(4, 3) | found windows of 5 rows over an array of shape (4, 3), expected at most"
                        + " its 4 rows",
                "blocks(x, 5) | x=f32() | found a scalar in blocks, expected an array with rows",
                "reshape(x, (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)) | x=f32(1,) | rank 17, expected at"
                        + " most 16",
            })
    void refusedWithWhatToDo(String expr, String inputs, String message) {
        assertThatThrownBy(() -> Tables.check(expr, inputs))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(", in '")
                .hasMessageNotContaining("\n");
    }
}
