package org.imbrex.kernels.typing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.ExprException;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TypingTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // literals take the array's dtype, promotions are casts, casts that change nothing vanish
                "x * 2 | x=f32(3,) | MUL(x, f32:2.0)",
                "x * (2 * pi) | x=f32(3,) | MUL(x, f32:6.2831855)",
                "x * 0.5 | x=i8(3,) | MUL(f64(x), f64:0.5)",
                "x + y | x=i16(3,); y=f32(3,) | ADD(f32(x), y)",
                "x + y | x=u8(3,); y=i8(3,) | ADD(i16(x), i16(y))",
                "x / 2 | x=i32(3,) | DIV(f64(x), f64:2.0)",
                "x < 300 | x=u8(3,) | LT(i64(x), i64:300)",
                "f32(x) + f32(1) | x=f32(3,) | ADD(x, f32:1.0)",
                "where(x, 1, y) | x=f64(3,); y=f32(3,) | WHERE(bool(x), f32:1.0, y)",
                "1 + 2 * 3 | x=f32(3,) | i64:7",
                "e * x | x=f64(3,) | MUL(f64:2.718281828459045, x)",
                "e * x | x=f64(3,); e=f64() | MUL(e, x)",
                // what NumPy defines by other operations
                "x + y | x=bool(3,); y=bool(3,) | OR(x, y)",
                "x * y | x=bool(3,); y=bool(3,) | AND(x, y)",
                "x ** 2 | x=f32(3,) | MUL(x, x)",
                "x ** 0.5 | x=f32(3,) | SQRT(x)",
                "x ** -1 | x=f32(3,) | DIV(f32:1.0, x)",
                "x ** 3 | x=f32(3,) | POW(x, f32:3.0)",
                "x ** 1 | x=i8(3,) | x",
                "floor(x) | x=i8(3,) | x",
                "isnan(x) | x=i8(3,) | ISNAN(f64(x))",
                // reductions combine in the result's dtype
                "sum(x) | x=u8(3, 2) | SUM(i64(x)[0, 1])",
                "mean(x, axis=-1) | x=i64(3, 2) | MEAN(f64(x)[1])",
                "any(x, axis=0, keepdims=true) | x=f32(3, 2) | ANY(bool(x)[0]kept)",
                "count(x > 1) | x=f32(3, 2) | COUNT(GT(x, f32:1.0)[0, 1])",
                "argmax(x, axis=(1, 0)) | x=f32(3, 2) | ARGMAX(x[0, 1])",
                "sum(x, axis=()) | x=f32(3, 2) | SUM(x[])",
                // what only rearranges indices is one map, and one that changes nothing is none
                "x[1:][::2] | x=f32(9,) | x[1][[2]](4,)",
                "x[::-1][1] | x=f32(9,) | x[7][[]]()",
                "x[:, None, ...] | x=f32(9,) | x[0][[1, 0]](9, 1)",
                "transpose(x[1:])[::-1] | x=f32(3, 4) | x[1, 3][[0, 1], [-1, 0]](4, 2)",
                "transpose(transpose(x)) | x=f32(3, 4) | x",
                "x[:][...][::1] | x=f32(3, 4) | x",
                "blocks(x, 2)[1, 1] | x=f32(6,) | x[3][[]]()",
                "rolling(x, 2) | x=f32(6,) | x[0][[1, 1]](5, 2)",
                "reshape(reshape(x, 12), 4, -1) | x=f32(3, 4) | reshape(x(4, 3))",
                "reshape(x, (3, 4)) | x=f32(3, 4) | x",
                "concat(x) | x=f32(3, 4) | x",
                "concat(x, x[:0], y) | x=f32(3,); y=i8(2,) | concat0(x, f32(y))",
                // neighbours: the innermost stencil says what is beyond the edge
                "at(x, 1) | x=f32(3,) | shift(x[1]edge)",
                "at(x, 0, 0) | x=f32(3, 3) | x",
                "stencil(at(x, 1) - x, mode='wrap') | x=f32(3,) | SUB(shift(x[1]wrap), x)",
                "stencil(at(x, 1) + stencil(at(x, 1), mode='wrap'), mode=7) | x=i8(3,) "
                        + "| ADD(shift(x[1]constant:7), shift(x[1]wrap))",
                "stencil(at(x, 1), mode='wrap') + at(x, 1) | x=i8(3,) | ADD(shift(x[1]wrap), shift(x[1]edge))",
                "stencil(at(at(x, 1), -1), mode='reflect') | x=i8(3,) | shift(shift(x[1]reflect)[-1]reflect)",
                // products are of matrices, in a dtype that holds sums
                "x @ y | x=f32(2, 3); y=f64(3, 4) | matmul(f64(x), y)",
                "x @ y | x=i8(3,); y=i8(3, 4) | i8(matmul(i32(x[0][[0, 1]](1, 3)), i32(y))[0, 0][[0], [1]](4,))",
                "dot(x, y) | x=f32(3,); y=f32(3,) "
                        + "| matmul(x[0][[0, 1]](1, 3), y[0][[1, 0]](3, 1))[0, 0][[], []]()",
                "dot(x, 2) | x=f32(3,) | MUL(x, f32:2.0)",
            })
    void graphs(String expr, String inputs, String expected) {
        assertThat(NodeText.of(Tables.check(expr, inputs))).isEqualTo(expected);
    }

    @Test
    void whatIsSharedOrEqualIsOneNode() {
        Map<String, ArrayType> inputs = Map.of("x", new ArrayType(DType.F32, Shape.of(3)));
        List<Node> nodes = Typing.check(
                List.of(Parser.parse("(x + 1) * (x + 1)"), Parser.parse("sqrt(x + f32(1))"), Parser.parse("x + 1")),
                inputs);
        Node.Apply product = (Node.Apply) nodes.getFirst();
        assertThat(product.args().get(0)).isSameAs(product.args().get(1)).isSameAs(nodes.get(2));
        assertThat(((Node.Apply) nodes.get(1)).args().getFirst()).isSameAs(nodes.get(2));
    }

    @Test
    void aGraphIsTypedOnceHoweverOftenItsPartsAreShared() {
        Expr x = Expr.input("x");
        for (int k = 0; k < 300; k++) {
            x = x.times(x);
        }
        Node node = Typing.check(x, Map.of("x", new ArrayType(DType.F32, Shape.of(3))));
        assertThat(node.type()).hasToString("f32(3,)");
    }

    @Test
    void aNameThatIsNoInputsIsToldWithTheNearest() {
        assertThatThrownBy(() -> Tables.check("tmep_max + 1", "wind=f32(3,); temp_max=f32(3,)"))
                .isInstanceOf(ExprException.class)
                .hasMessage("found the name 'tmep_max', expected an input: temp_max, wind; perhaps 'temp_max'");
        assertThatThrownBy(() -> Tables.check("x", ""))
                .hasMessage("found the name 'x', expected an input: none was given");
    }

    @Test
    void graphsBeyondTheBoundsAreRefused() {
        Map<String, ArrayType> inputs = Map.of("x", new ArrayType(DType.F32, Shape.of(3)));
        Expr deep = Expr.input("x");
        for (int k = 0; k < 5_000; k++) {
            deep = deep.times(deep);
        }
        Expr tooDeep = deep;
        assertThatThrownBy(() -> Typing.check(tooDeep, inputs))
                .isInstanceOf(ExprException.class)
                .hasMessageContaining("a chain of more than 1000 operations");
        Expr[] parts = new Expr[6_000];
        java.util.Arrays.setAll(parts, k -> Expr.input("x").plus(k));
        assertThatThrownBy(() -> Typing.check(Expr.concat(0, parts), inputs))
                .isInstanceOf(ExprException.class)
                .hasMessageContaining("more than 10000 operators");
    }
}
