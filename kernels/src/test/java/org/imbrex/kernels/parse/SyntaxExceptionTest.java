package org.imbrex.kernels.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyntaxExceptionTest {
    private static SyntaxException refused(String text) {
        SyntaxException e = catchThrowableOfType(SyntaxException.class, () -> Parser.parse(text));
        assertThat(e).as(text).isNotNull();
        assertThat(e.getMessage()).doesNotContain("\n").contains("found").contains("expected");
        assertThat(e.getMessage()).endsWith(", at character " + (e.position() + 1) + " of the expression");
        return e;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``            | 0 | found the end, expected a number, a name or '('",
                "a +           | 3 | found the end, expected a number",
                "(a            | 2 | found the end, expected an operator, or ')' for the '(' at character 1",
                "a)            | 1 | found ')', expected an operator or the end",
                "(a]           | 2 | found ']', expected an operator, or ')'",
                "a b           | 2 | found 'b', expected an operator or the end",
                "2x            | 1 | found 'x' after the number 2, expected an operator",
                "a $ b         | 2 | found the character '$', expected a name, a number or an operator",
                "a ! b         | 2 | perhaps ~ for not",
                "a\u00a0+ b    | 1 | found the character U+00A0",
                "'wrap'        | 0 | found 'wrap', expected a number",
                "'wrap         | 0 | found a text without its end, expected '",
                "a < b < c     | 6 | found a second comparison, expected '&' between two in parentheses, as (a < b) &"
                        + " (b < c)",
                "a = b         | 2 | found '=', expected an operator or the end; perhaps ==",
                "a && b        | 3 | found '&', expected a number, a name or '('; perhaps & once",
                "a and b       | 2 | found 'and', expected an operator or the end; perhaps &",
                "not a         | 4 | found 'a', expected an operator or the end; perhaps ~ for 'not'",
                "meen(a)       | 0 | found the unknown function 'meen', expected perhaps 'mean'",
                "b + sqr(a)    | 4 | expected perhaps 'sqrt'",
                "arctan2(a, b) | 0 | expected perhaps 'atan2'",
                "float32(a)    | 0 | expected perhaps 'f32'",
                "convolve(a)   | 0 | found the unknown function 'convolve', expected one that the expression language"
                        + " has",
                "exp()         | 0 | found 0 arguments of exp, expected 1",
                "exp(a, b)     | 0 | found 2 arguments of exp, expected 1",
                "atan2(a)      | 0 | found 1 argument of atan2, expected 2",
                "exp(a, axis=0)| 7 | found the option 'axis', expected none in exp",
                "exp(a b)      | 6 | found 'b', expected ',' or ')' in exp",
                "sum()         | 4 | found no argument of sum, expected an array",
                "sum(a, ddof=1)| 7 | found the option 'ddof', expected axis or keepdims",
                "sum(a, axis=b)| 12 | found 'b', expected an axis: an integer",
                "sum(a, axis=1.5)| 12 | found '1.5', expected an axis: an integer",
                "sum(a, axis=3000000000)| 12 | found the axis 3000000000, expected a small integer",
                "sum(a, axis=(0, 1| 17 | found the end, expected ',' or ')'",
                "sum(a, 0, 1)  | 10 | found a second axis, expected one axis=…; several are axis=(0, 1)",
                "sum(a, keepdims=1)| 16 | found '1', expected true or false",
                "(a, b)        | 2 | found ',', expected ')'; a tuple is only an axis, a shape or the parts of concat",
                "a[]           | 2 | found no index, expected an integer, a slice, None or ...",
                "a[b]          | 2 | found 'b', expected an index: an integer",
                "a[1.0]        | 2 | found '1.0', expected an index: an integer",
                "a[1           | 3 | found the end, expected ']' or ','",
                "a[::0]        | 4 | found the step 0, expected another integer",
                "None          | 0 | found None, expected it only as an index or an axis",
                "at(a)         | 4 | found ')', expected ',' and an offset for each axis in at",
                "at(a, ())     | 6 | found no offsets, expected one for each axis",
                "at(a, b)      | 6 | found 'b', expected an offset: an integer",
                "blocks(a, 0)  | 10 | found 0 rows, expected 1 or more",
                "rolling(a, -2)| 11 | found -2 rows, expected 1 or more",
                "blocks(a)     | 8 | found ')', expected ',' and a number of rows in blocks",
                "concat()      | 0 | found no arrays in concat, expected one or more",
                "stencil(a, mode='wrpa')| 16 | found 'wrpa', expected a mode: 'edge', 'wrap', 'reflect', 'symmetric'"
                        + " or a number",
                "stencil(a, mode='constant')| 16 | expected a mode",
                "reshape(a)    | 9 | expected ',' and a shape in reshape",
                "9223372036854775808| 0 | found the integer '9223372036854775808', expected one from -2^63 to 2^63 - 1",
                "0x            | 2 | found no digit after 0x",
                "0xffffffffffffffff| 0 | expected one from -2^63 to 2^63 - 1",
            })
    void saysWhatWasFoundAndExpectedAndWhere(String text, int position, String message) {
        SyntaxException e = refused(text.strip().replace("\\u00a0", "\u00a0"));
        assertThat(e.getMessage()).contains(message);
        assertThat(e.position()).isEqualTo(position);
        assertThat(e.picture().lines().toList().getLast()).isEqualTo(" ".repeat(position) + "^");
    }

    @Test
    void thePictureOfALongExpressionIsAWindowAroundTheCaret() {
        String text = "a +\n".repeat(100) + "? + " + "b + ".repeat(100) + "b";
        SyntaxException e = refused(text);
        assertThat(e.position()).isEqualTo(400);
        String[] lines = e.picture().split("\n");
        assertThat(lines).hasSize(2);
        assertThat(lines[0]).startsWith("…").endsWith("…").hasSizeLessThan(70);
        assertThat(lines[0].charAt(lines[1].indexOf('^'))).isEqualTo('?');
    }

    @Test
    void depthAndSizeAreLimited() {
        int deep = Parser.MOST_DEPTH;
        Parser.parse("(".repeat(deep - 1) + "a" + ")".repeat(deep - 1));
        assertThat(refused("(".repeat(50_000)).getMessage()).contains("a nesting deeper than 200");
        assertThat(refused("-".repeat(50_000) + "a").getMessage()).contains("a nesting deeper than 200");
        assertThat(refused("2 ** ".repeat(10_000) + "a").getMessage()).contains("a nesting deeper than 200");
        assertThat(refused("sum(".repeat(20_000)).getMessage()).contains("a nesting deeper than 200");
        assertThat(refused("a + ".repeat(3000) + "a").getMessage()).contains("a chain of more than 1000 operations");
        assertThat(refused("a" + "[0]".repeat(3000)).getMessage()).contains("a chain of more than 1000 operations");
        assertThat(refused("(" + "a + ".repeat(600) + "a)" + " + a".repeat(600)).getMessage())
                .contains("a chain of");
        assertThat(refused("concat(" + "a, ".repeat(11_000) + "a)").getMessage())
                .contains("more than 10000 operators");
        assertThat(refused("a".repeat(100_001)).getMessage()).contains("an expression of 100001 characters");
        assertThat(refused("a".repeat(1_000)).getMessage()).contains("a name of 1000 characters");
    }
}
