package org.imbrex.kernels.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.Expr.Subscript;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.expr.Reduction;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.type.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParserTest {
    private static final Expr A = Expr.input("a");
    private static final Expr B = Expr.input("b");
    private static final Expr C = Expr.input("c");

    private static void parses(String text, Expr expected) {
        assertThat(Parser.parse(text)).as(text).isEqualTo(expected);
    }

    @Test
    void numbersAndConstants() {
        parses("0", Expr.literal(0));
        parses("1_000", Expr.literal(1000));
        parses("0xFF", Expr.literal(255));
        parses("9223372036854775807", Expr.literal(Long.MAX_VALUE));
        parses("-9223372036854775808", Expr.literal(Long.MIN_VALUE));
        parses("1.5", Expr.literal(1.5));
        parses("1.", Expr.literal(1.0));
        parses(".5", Expr.literal(0.5));
        parses("1e-3", Expr.literal(0.001));
        parses("2E+2", Expr.literal(200.0));
        parses("1_0.2_5", Expr.literal(10.25));
        parses("-2", Expr.literal(-2));
        parses("-0.0", Expr.literal(-0.0));
        parses("true", Expr.literal(true));
        parses("False", Expr.literal(false));
        parses("inf", Expr.literal(Double.POSITIVE_INFINITY));
        parses("-inf", Expr.literal(Double.NEGATIVE_INFINITY));
        parses("nan", Expr.literal(Double.NaN));
        parses("pi", Expr.input("pi"));
        parses("e", Expr.input("e"));
    }

    @Test
    void aSignBelongsToTheNumberThatFollowsItAndToNothingElse() {
        parses("-(2)", Expr.literal(2).negate());
        parses("--2", Expr.literal(-2).negate());
        parses("-a", A.negate());
        parses("+a", A);
        parses("+-+2", Expr.literal(2).negate());
        parses("-2 ** 2", Expr.literal(2).pow(2).negate());
        parses("(-2) ** 2", Expr.literal(-2).pow(2));
        parses("2 ** -1", Expr.literal(2).pow(-1));
        parses("-2[0]", Expr.literal(2).get(0).negate());
        parses("a - 2", A.minus(2));
        parses("a -2", A.minus(2));
    }

    @Test
    void operators() {
        parses("a + b", A.plus(B));
        parses("a - b", A.minus(B));
        parses("a * b", A.times(B));
        parses("a / b", A.dividedBy(B));
        parses("a // b", A.floorDiv(B));
        parses("a % b", A.mod(B));
        parses("a ** b", A.pow(B));
        parses("pow(a, b)", A.pow(B));
        parses("a @ b", A.matmul(B));
        parses("dot(a, b)", A.dot(B));
        parses("a == b", A.eq(B));
        parses("a != b", A.ne(B));
        parses("a < b", A.lt(B));
        parses("a <= b", A.le(B));
        parses("a > b", A.gt(B));
        parses("a >= b", A.ge(B));
        parses("a & b", A.and(B));
        parses("a | b", A.or(B));
        parses("a ^ b", A.xor(B));
        parses("~a", A.not());
    }

    /** Each text means the same as the one with all its parentheses. */
    @ParameterizedTest
    @CsvSource({
        "a + b * c, a + (b * c)",
        "a - b - c, (a - b) - c",
        "a / b / c, (a / b) / c",
        "a * b // c % a @ b, (((a * b) // c) % a) @ b",
        "a ** b ** c, a ** (b ** c)",
        "-a ** b, -(a ** b)",
        "~a ** -b, ~(a ** (-b))",
        "a ** -b ** c, a ** (-(b ** c))",
        "-a * b, (-a) * b",
        "- ~ - a, -(~(-a))",
        "a + b < c * a, (a + b) < (c * a)",
        "a | b ^ c & a + b, a | (b ^ (c & (a + b)))",
        "a & b | c & a, (a & b) | (c & a)",
        "~a & b, (~a) & b",
        "a == b | c, a == (b | c)",
        "a[0] ** b[1], (a[0]) ** (b[1])",
        "-a[0], -(a[0])",
        "sum(a)[0] + 1, (sum(a)[0]) + 1",
        "a[0][1], (a[0])[1]",
    })
    void precedenceIsPythons(String text, String whole) {
        assertThat(Parser.parse(text)).isEqualTo(Parser.parse(whole));
        assertThat(Parser.parse(text).text()).isEqualTo(text.replace("- ~ - a", "-~-a"));
        assertThat(Parser.parse(whole).text()).isEqualTo(Parser.parse(text).text());
    }

    @Test
    void everyFunctionByItsName() {
        for (Function function : Function.values()) {
            if (function.symbol().isEmpty()) {
                Expr[] args = List.of(A, B, C).subList(0, function.arity()).toArray(Expr[]::new);
                String list = "a, b, c".substring(0, 3 * function.arity() - 2);
                parses(function.text() + "(" + list + ")", Expr.call(function, args));
            }
        }
        for (Reduction reduction : Reduction.values()) {
            parses(reduction.text() + "(a)", A.reduce(reduction));
        }
        for (DType dtype : DType.values()) {
            parses(dtype.text() + "(a)", A.cast(dtype));
        }
    }

    @Test
    void reductions() {
        parses("sum(a, axis=0)", A.sum(0));
        parses("sum(a, 0)", A.sum(0));
        parses("sum(a, axis=(0,))", A.sum(0));
        parses("sum(a, axis=(0, -1))", A.sum(0, -1));
        parses("sum(a, axis=[0, 2],)", A.sum(0, 2));
        parses("sum(a, axis=None)", A.sum());
        parses("sum(a, axis=none, keepdims=True)", A.sum().keepingDims());
        parses("mean(a, keepdims=true, axis=1)", A.mean(1).keepingDims());
        parses("mean(a, axis=1, keepdims=false)", A.mean(1));
        parses("sum(a, axis=())", new Expr.Reduce(Reduction.SUM, A, Optional.of(List.of()), false));
    }

    @Test
    void indexing() {
        parses("a[3]", A.get(3));
        parses("a[-1, 0]", A.get(-1, 0));
        parses("a[2:10]", A.slice(0, 2, 10));
        parses("a[:, 2:10:3]", A.slice(1, 2, 10, 3));
        parses("a[::-1]", A.index(Subscript.every(-1)));
        parses("a[1:]", A.index(Subscript.from(1)));
        parses("a[:-1]", A.index(Subscript.to(-1)));
        parses("a[-3::2]", A.index(new Subscript.Slice(OptionalLong.of(-3), OptionalLong.empty(), 2)));
        parses("a[..., None, 4,]", A.index(Subscript.ellipsis(), Subscript.newAxis(), Subscript.at(4)));
        parses("a[1,...]", A.index(Subscript.at(1), Subscript.ellipsis()));
    }

    @Test
    void shapesAndNeighbours() {
        parses("transpose(a)", A.transpose());
        parses("transpose(a, (1, 0))", A.transpose(1, 0));
        parses("transpose(a, 1, 0)", A.transpose(1, 0));
        parses("transpose(a, axes=(1, 0))", A.transpose(1, 0));
        parses("reshape(a, (2, -1))", A.reshape(2, -1));
        parses("reshape(a, 2, -1)", A.reshape(2, -1));
        parses("reshape(a, shape=(6,))", A.reshape(6));
        parses("reshape(a, ())", A.reshape());
        parses("concat((a, b), axis=1)", Expr.concat(1, A, B));
        parses("concat(a, b, axis=1)", Expr.concat(1, A, B));
        parses("concat((a, b))", Expr.concat(0, A, B));
        parses("concat((a + b) * c, b)", Expr.concat(0, A.plus(B).times(C), B));
        parses("concat((a,), axis=-1)", Expr.concat(-1, A));
        parses("at(a, -1, 0)", A.at(-1, 0));
        parses("at(a, (-1, 0))", A.at(-1, 0));
        parses("stencil(a)", A.stencil(EdgeMode.EDGE));
        parses("stencil(a, mode='wrap')", A.stencil(EdgeMode.WRAP));
        parses("stencil(a, \"reflect\")", A.stencil(EdgeMode.REFLECT));
        parses("stencil(a, mode=0)", A.stencil(0));
        parses("stencil(a, mode=-1.5)", A.stencil(-1.5));
        parses("stencil(a, mode=nan)", A.stencil(Double.NaN));
        parses("blocks(a, 8)", A.blocks(8));
        parses("rolling(a, 3)", A.rolling(3));
    }

    @Test
    void namesOfFunctionsAreInputsWhereNothingIsCalled() {
        parses("sum(sum)", Expr.input("sum").sum());
        parses("at + f32", Expr.input("at").plus(Expr.input("f32")));
        parses("axis[0]", Expr.input("axis").get(0));
        assertThat(Parser.parse("b + a * b - pi").inputs()).containsExactly("b", "a", "pi");
    }

    @Test
    void spacesAndLinesDoNotMatter() {
        parses(" \n a\t+\r\n b ", A.plus(B));
        parses("sum(\n  a,\n  axis = 0,\n)", A.sum(0));
    }
}
