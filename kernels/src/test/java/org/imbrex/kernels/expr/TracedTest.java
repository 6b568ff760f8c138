package org.imbrex.kernels.expr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.imbrex.kernels.expr.Expr.Subscript.all;
import static org.imbrex.kernels.expr.Expr.Subscript.at;
import static org.imbrex.kernels.expr.Expr.Subscript.ellipsis;
import static org.imbrex.kernels.expr.Expr.Subscript.every;
import static org.imbrex.kernels.expr.Expr.Subscript.from;
import static org.imbrex.kernels.expr.Expr.Subscript.newAxis;
import static org.imbrex.kernels.expr.Expr.Subscript.slice;
import static org.imbrex.kernels.expr.Expr.Subscript.to;

import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.type.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TracedTest {
    /** Both forms build the same tree, print as the same text, and hash to the same id. */
    private static void same(Expr traced, String text) {
        assertThat(traced.text()).isEqualTo(text);
        assertThat(Parser.parse(text)).isEqualTo(traced);
        assertThat(Parser.parse(text).id()).isEqualTo(traced.id());
        assertThat(traced).hasToString(text);
    }

    @Test
    void lambdasOfOneToFourInputs() {
        same(Expr.of(u -> u.at(-1, 0).plus(u.at(1, 0)).times(0.5f)), "(at(x, -1, 0) + at(x, 1, 0)) * 0.5");
        same(Expr.of((x, y) -> x.minus(y)), "x - y");
        same(Expr.of((x, y, z) -> x.fma(y, z)), "fma(x, y, z)");
        same(Expr.of((a, b, c, d) -> a.plus(b).plus(c).plus(d)), "x + y + z + w");
        same(Expr.of("t", t -> t.mean(0)), "mean(t, axis=0)");
        same(Expr.of("a", "b", (a, b) -> a.dot(b)), "dot(a, b)");
        same(Expr.of("a", "b", "c", (a, b, c) -> Expr.where(a, b, c)), "where(a, b, c)");
        same(Expr.of("a", "b", "c", "d", (a, b, c, d) -> Expr.concat(0, a, b, c, d)), "concat(a, b, c, d, axis=0)");
    }

    @Test
    void operatorsTakeExpressionsAndNumbers() {
        same(Expr.of(x -> x.plus(1).minus(2.5).times(x).dividedBy(3)), "(x + 1 - 2.5) * x / 3");
        same(Expr.of(x -> x.floorDiv(2).mod(3).pow(2)), "(x // 2 % 3) ** 2");
        same(Expr.of(x -> x.negate().pow(-1).negate()), "-(-x) ** -1");
        same(
                Expr.of(x -> x.gt(0).and(x.le(9)).or(x.eq(-1).xor(x.ne(2.0))).not()),
                "~((x > 0) & (x <= 9) | (x == -1) ^ (x != 2.0))");
        same(Expr.of(x -> x.lt(1).and(x.ge(x))), "(x < 1) & (x >= x)");
        same(Expr.of(x -> x.and(255).or(1).xor(2)), "(x & 255 | 1) ^ 2");
        same(Expr.of(x -> Expr.literal(1).dividedBy(x)), "1 / x");
        same(Expr.of(x -> x.times(Expr.literal(-2)).minus(Expr.literal(2).negate())), "x * -2 - -(2)");
        same(Expr.of(x -> x.minimum(0).maximum(-1.5)), "maximum(minimum(x, 0), -1.5)");
        same(Expr.of((x, y) -> Expr.atan2(y, x).plus(Expr.hypot(x, y))), "atan2(y, x) + hypot(x, y)");
        same(Expr.of((x, y) -> Expr.minimum(x, y).plus(Expr.maximum(x, y))), "minimum(x, y) + maximum(x, y)");
        same(Expr.of((x, y, z) -> Expr.fma(x, y, z)), "fma(x, y, z)");
        same(Expr.of((x, y) -> x.matmul(y)), "x @ y");
    }

    @Test
    void functionsByTheirNames() {
        same(Expr.of(x -> x.exp().log().sin().tanh().sqrt().abs()), "abs(sqrt(tanh(sin(log(exp(x))))))");
        same(Expr.of(x -> x.isnan().where(0, x)), "where(isnan(x), 0, x)");
        same(Expr.of(x -> x.gt(0).where(1, 0.5)), "where(x > 0, 1.0, 0.5)");
        same(Expr.of(x -> x.gt(0).where(1, 0)), "where(x > 0, 1, 0)");
        same(Expr.of(x -> x.clip(0, 1)), "clip(x, 0, 1)");
        same(Expr.of(x -> x.clip(-0.5, 0.5)), "clip(x, -0.5, 0.5)");
        same(Expr.of(x -> x.cast(DType.F32).floor().round()), "round(floor(f32(x)))");
    }

    @Test
    void reductionsKeepTheirAxesIfAsked() {
        same(Expr.of(x -> x.minus(x.mean(1).keepingDims())), "x - mean(x, axis=1, keepdims=true)");
        same(Expr.of(x -> x.sum().keepingDims()), "sum(x, keepdims=true)");
        same(Expr.of(x -> x.nanmax(0, -1)), "nanmax(x, axis=(0, -1))");
        same(Expr.of(x -> x.reduce(Reduction.ARGMIN, 1)), "argmin(x, axis=1)");
        same(Expr.of("u", u -> u.iterate(9, s -> s.at(1).plus(s))), "iterate(u=at(u, 1) + u, steps=9)");
        same(Expr.of((x, w) -> x.mean(w, 0)), "mean(x, weights=y, axis=0)");
        same(Expr.random(1, 1000, 3), "random((1000, 3), 1)");
        same(Expr.of(x -> x.blocks(8).mean(1)), "mean(blocks(x, 8), axis=1)");
    }

    @Test
    void indexingAndShapes() {
        same(Expr.of(x -> x.get(3)), "x[3]");
        same(Expr.of(x -> x.get(0, -1)), "x[0, -1]");
        same(Expr.of(x -> x.slice(1, 2, 5)), "x[:, 2:5]");
        same(Expr.of(x -> x.slice(0, 9, 0, -2)), "x[9:0:-2]");
        same(Expr.of(x -> x.index(all(), newAxis(), slice(2, 5))), "x[:, None, 2:5]");
        same(Expr.of(x -> x.index(ellipsis(), at(4))), "x[..., 4]");
        same(Expr.of(x -> x.index(from(1), to(-1), every(-1), slice(0, 8, 2))), "x[1:, :-1, ::-1, 0:8:2]");
        same(Expr.of(x -> x.transpose()), "transpose(x)");
        same(Expr.of(x -> x.transpose(1, 0)), "transpose(x, (1, 0))");
        same(Expr.of(x -> x.reshape(2, -1)), "reshape(x, (2, -1))");
        same(Expr.of(x -> x.reshape(6)), "reshape(x, (6,))");
    }

    @Test
    void neighboursAndWindows() {
        same(Expr.of(u -> u.at(0, 1).minus(u).stencil(EdgeMode.WRAP)), "stencil(at(x, 0, 1) - x, mode='wrap')");
        same(Expr.of(u -> u.at(1).stencil(0)), "stencil(at(x, 1), mode=0)");
        same(Expr.of(u -> u.at(1).stencil(Double.NaN)), "stencil(at(x, 1), mode=nan)");
        same(Expr.of(x -> x.rolling(5).mean(1)), "mean(rolling(x, 5), axis=1)");
    }

    @Test
    void literalsAsText() {
        same(Expr.literal(0.1), "0.1");
        same(Expr.literal(1e22), "1e22");
        same(Expr.literal(-1.5e-7), "-1.5e-7");
        same(Expr.literal(Double.NEGATIVE_INFINITY), "-inf");
        same(Expr.literal(-Double.NaN), "nan");
        same(Expr.literal(Long.MIN_VALUE), "-9223372036854775808");
        same(Expr.literal(true), "true");
        assertThat(new Expr.Literal(DType.F64, 0x7ff8000000000123L)).isEqualTo(Expr.literal(Double.NaN));
    }

    @Test
    void idsTellApartWhatTextTellsApart() {
        assertThat(Parser.parse("x + 1").id())
                .isNotEqualTo(Parser.parse("x + 1.0").id());
        assertThat(Parser.parse("concat(a, b, c)").id())
                .isNotEqualTo(Parser.parse("concat(concat(a, b), c)").id());
        assertThat(Parser.parse("x+(1)").id())
                .isEqualTo(Parser.parse("x + 1").id())
                .matches("[0-9a-f]{64}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1x", "a b", "a.b", "é", "x\n", "nan", "True", "None"})
    void anInputsNameIsOneThatTextCanName(String name) {
        assertThatThrownBy(() -> Expr.input(name))
                .isInstanceOf(ExprException.class)
                .hasMessageStartingWith("found the input name '")
                .hasMessageNotContaining("\n");
    }

    @Test
    void whatTextCannotSayIsRefused() {
        Expr x = Expr.input("x");
        assertThatThrownBy(() -> x.blocks(0)).isInstanceOf(ExprException.class);
        assertThatThrownBy(() -> x.rolling(-1)).isInstanceOf(ExprException.class);
        assertThatThrownBy(x::at).isInstanceOf(ExprException.class);
        assertThatThrownBy(x::index).isInstanceOf(ExprException.class);
        assertThatThrownBy(() -> x.slice(0, 1, 2, 0)).isInstanceOf(ExprException.class);
        assertThatThrownBy(() -> x.slice(-1, 1, 2)).isInstanceOf(ExprException.class);
        assertThatThrownBy(() -> Expr.concat(0)).isInstanceOf(ExprException.class);
        assertThatThrownBy(() -> x.stencil(EdgeMode.CONSTANT)).isInstanceOf(ExprException.class);
        assertThatThrownBy(() -> Expr.call(Function.ADD, x)).isInstanceOf(ExprException.class);
    }
}
