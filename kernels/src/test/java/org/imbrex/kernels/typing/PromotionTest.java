package org.imbrex.kernels.typing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.DTypeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromotionTest {
    @Test
    void allPairsPromoteAsInNumPy() {
        List<String[]> rows = Tables.rows("promotion.txt", " ");
        assertThat(rows).hasSize(64);
        for (String[] row : rows) {
            DType a = DType.named(row[0]).orElseThrow();
            DType b = DType.named(row[1]).orElseThrow();
            assertThat(Promotion.of(a, b).text()).as(row[0] + " with " + row[1]).isEqualTo(row[2]);
        }
    }

    @Test
    void operatorsAndFunctionsGiveNumPysDTypeOrRefuseWhereItDoes() {
        for (String[] row : Tables.rows("operators.tsv", "\t")) {
            String found;
            try {
                found = Typing.check(
                                Parser.parse(row[0]), Tables.inputs("x=" + row[1] + "(2, 2); y=" + row[2] + "(2, 2)"))
                        .type()
                        .dtype()
                        .text();
            } catch (DTypeException e) {
                found = "-";
            }
            assertThat(found).as(row[0] + " of " + row[1] + " and " + row[2]).isEqualTo(row[3]);
        }
    }

    /** NEP 50: a literal takes the array's dtype where it can. */
    @ParameterizedTest
    @CsvSource({
        "x + 1, bool, i64",
        "x + 1, i8, i8",
        "x + 1, u8, u8",
        "x + 1, f32, f32",
        "x + 1, f64, f64",
        "x * 0.5, bool, f64",
        "x * 0.5, i8, f64",
        "x * 0.5, f32, f32",
        "x * 0.5, f64, f64",
        "x + true, bool, bool",
        "x + true, u8, u8",
        "x + true, f32, f32",
        "x / 2, i32, f64",
        "x / 2, f32, f32",
        "2 ** x, u8, u8",
        "x ** 2, i16, i16",
        "x ** 0.5, i16, f64",
        "x * (1 / 3), f32, f32",
        "x * sqrt(2), f32, f32",
        "x * (2 * pi), f32, f32",
        "x + e, i32, f64",
        "x + f64(1), f32, f64",
        "x + i64(1), i8, i64",
        "x < 300, u8, bool",
        "x == -1, u8, bool",
        "x > 1e9, i8, bool",
        "'minimum(x, 0)', f32, f32",
        "'clip(x, 0, 1)', f32, f32",
        "'where(x > 0, x, 0)', f32, f32",
        "'where(x > 0, 1, 0)', f32, i64",
        "'where(x > 0, 1, 0.5)', f32, f64",
        "x + inf, f32, f32",
        "x + 1e300, f32, f32",
        "x // 1, bool, i64",
        "-x, u8, u8",
        "abs(x), bool, bool",
        "floor(x), i16, i16",
        "round(x), f32, f32",
        "exp(x), i8, f64",
        "exp(x), bool, f64",
        "exp(x), f32, f32",
        "'atan2(x, i16(1))', f32, f32",
        "'fma(x, x, x)', i32, f64",
        "isnan(x), i32, bool",
        "~x, bool, bool",
        "x & 1, bool, i64",
        "x & 1, u8, u8",
        "sum(x), bool, i64",
        "sum(x), u8, i64",
        "sum(x), f32, f32",
        "prod(x), i32, i64",
        "nansum(x), i8, i64",
        "mean(x), i64, f64",
        "nanmean(x), bool, f64",
        "nanvar(x), f32, f32",
        "nanmax(x), i8, i8",
        "min(x), bool, bool",
        "any(x), f32, bool",
        "count(x), f32, i64",
        "argmax(x), bool, i64",
        "f32(x), i64, f32",
        "bool(x), f64, bool",
    })
    void dtypes(String expr, String dtype, String expected) {
        assertThat(Tables.check(expr, "x=" + dtype + "(3,)").type().dtype().text())
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "2 + 3, i64",
        "2 / 4, f64",
        "1.5, f64",
        "true, bool",
        "2 ** 10, i64",
        "2 ** -1, f64",
        "exp(1), f64",
        "3 < 4, bool",
        "pi, f64",
        "'where(true, 1, 2.5)', f64",
        "-7 // 2, i64",
        "f32(2), f32",
        "u8(255), u8",
        "abs(-3), i64",
        "sqrt(2), f64",
    })
    void literalsAloneAreScalars(String expr, String dtype) {
        ArrayType type = Tables.check(expr, "").type();
        assertThat(type.toString()).isEqualTo(dtype + "()");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x + 300 | u8 | found the literal 300 beside u8 in '+', expected one that u8 holds; cast the array, as"
                        + " i64(x)",
                "x - -1 | u8 | the literal -1 beside u8",
                "x * 128 | i8 | the literal 128 beside i8",
                "x & 32768 | i16 | the literal 32768 beside i16",
                "x + (200 + 100) | u8 | the literal 300 beside u8",
                "minimum(x, 3000000000) | i32 | the literal 3000000000 beside i32",
                "x ** -1 | i32 | found the power -1 of integers, expected 0 or more; cast the base, as f64(x)",
                "2 ** 63 | u8 | found literals whose '**' is beyond i64, expected less; write one as a float, as 2.0",
                "10 ** 1000000000 | u8 | beyond i64",
                "9223372036854775807 + 1 | u8 | beyond i64",
                "u8(256) | u8 | found the literal 256 cast to u8",
                "x & 1 | f32 | found f32 in '&', expected integers or bools",
                "x ^ 2 | f64 | a power is x ** y",
                "-x | bool | found bool in '-', expected numbers; cast it, as i32(x), or use ^ and ~",
                "sign(x) | bool | found bool in 'sign'",
                "~x | f32 | found f32 in '~'",
                "stencil(at(x, 1), mode=0.5) | i32 | found the edge value 0.5 for neighbours of i32",
                "stencil(at(x, 1), mode=nan) | i32 | found the edge value nan for neighbours of i32",
                "stencil(at(x, 1), mode=-1) | u8 | found the edge value -1 for neighbours of u8",
            })
    void refusedWithWhatToDo(String expr, String dtype, String message) {
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> Tables.check(expr, "x=" + dtype + "(3,)"))
                .isInstanceOf(DTypeException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(", in '")
                .hasMessageNotContaining("\n");
    }
}
