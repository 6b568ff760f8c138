package org.imbrex.kernels.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.imbrex.kernels.expr.Expr;
import org.junit.jupiter.api.Test;

class IterateTextTest {
    @Test
    void textIsWhatItParsesTo() {
        for (String text : List.of(
                "iterate(u=at(u, 1) + u, steps=9)",
                "iterate(u=u - v, v=at(u, 1), steps=0)[1]",
                "iterate(z=z * z + c, steps=50, start=0 * c)",
                "iterate(a=b, b=a, steps=5, start=(x, y + 1))",
                "iterate(u=iterate(u=u + 1, steps=2), steps=3)",
                "random((1000, 3), 1)",
                "random((), -4)",
                "normal((5,), 9, dtype=f32)",
                "randint((5,), 9, -3, 4)",
                "mean(x, weights=w + 1, axis=(0, 1), keepdims=true)")) {
            Expr expr = Parser.parse(text);
            assertThat(expr.text()).isEqualTo(text);
            assertThat(Parser.parse(expr.text())).isEqualTo(expr);
        }
        assertThat(Parser.parse("iterate(at(u, 1) * 2, steps=9)").text())
                .isEqualTo("iterate(u=at(u, 1) * 2, steps=9)");
    }

    @Test
    void inputsAreWhatIsFree() {
        assertThat(Parser.parse("iterate(z=z * z + c, steps=50, start=0 * d)").inputs()).containsExactly("d", "c");
        assertThat(Parser.parse("iterate(u=u + v, v=u, steps=50)").inputs()).containsExactly("u", "v");
        assertThat(Parser.parse("z + iterate(z=z + 1, steps=5, start=x)").inputs()).containsExactly("z", "x");
    }

    @Test
    void mistakesAreTold() {
        String[][] wrong = {
            {"iterate(u + 1)", "found no steps= in iterate"},
            {"iterate(u + v, steps=2)", "found the inputs [u, v] in iterate"},
            {"iterate(u=u, v + 1, steps=2)", "found 2 fields of iterate"},
            {"iterate(u=u, u=u, steps=2)", "found a field twice in iterate"},
            {"iterate(u=u, steps=-1)", "found -1 steps"},
            {"iterate(u=u, steps=2, start=(a, b))", "found 2 starts in iterate"},
            {"random(5)", "',' and a seed in random"},
            {"random((5,), 1, dtype=i64)", "expected dtype=f32 or dtype=f64"},
            {"randint((5,), 1, 3, 3)", "found integers from 3 to 3 in randint"},
            {"sum(x, weights=w)", "found the option 'weights'"}
        };
        for (String[] pair : wrong) {
            assertThatThrownBy(() -> Parser.parse(pair[0])).as(pair[0]).hasMessageContaining(pair[1]);
        }
    }
}
