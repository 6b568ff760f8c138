package org.imbrex.kernels.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.ExprException;
import org.junit.jupiter.api.Test;

class RoundTripTest {
    @Test
    void theTextOfAnyExpressionParsesToItAndHasNoNeedlessParentheses() {
        Map<String, String> ids = new HashMap<>();
        for (int seed = 0; seed < 6_000; seed++) {
            Expr expr = new RandomExpr(new SplittableRandom(seed)).expr(1 + seed % 5);
            String text = expr.text();
            Expr parsed = Parser.parse(text);
            assertThat(parsed).as("seed " + seed + ": " + text).isEqualTo(expr);
            assertThat(parsed.text()).as("seed " + seed).isEqualTo(text);
            assertThat(parsed.id()).as("seed " + seed).isEqualTo(expr.id());
            String other = ids.put(expr.id(), text);
            assertThat(other == null || other.equals(text))
                    .as("seed " + seed + ": " + text)
                    .isTrue();
            if (text.length() < 80) {
                checkParenthesesNeeded(text, expr, seed);
            }
        }
    }

    /** Taking out any pair that is no call's, no index's and no tuple's changes or breaks the expression. */
    private static void checkParenthesesNeeded(String text, Expr expr, int seed) {
        for (int open = 0; open < text.length(); open++) {
            boolean call = open > 0 && Character.isJavaIdentifierPart(text.charAt(open - 1));
            if (text.charAt(open) != '(' || call) {
                continue;
            }
            int close = open;
            int depth = 0;
            do {
                depth += text.charAt(close) == '(' ? 1 : text.charAt(close) == ')' ? -1 : 0;
                close++;
            } while (depth > 0);
            String inside = text.substring(open + 1, close - 1);
            if (inside.matches("[-0-9, ]*") && text.substring(0, open).matches(".*(, |axis=)")) {
                continue;
            }
            String without = text.substring(0, open) + " " + inside + text.substring(close);
            try {
                assertThat(Parser.parse(without))
                        .as("seed " + seed + ": " + text)
                        .isNotEqualTo(expr);
            } catch (SyntaxException needed) {
                assertThat(needed.position()).isBetween(0, without.length());
            }
        }
    }

    @Test
    void sharedPartsDoNotExplode() {
        Expr x = Expr.input("x");
        Expr parsed = Parser.parse("x");
        for (int k = 0; k < 10; k++) {
            x = x.times(x);
            parsed = parsed.times(Parser.parse(parsed.text()));
        }
        assertThat(x.id()).isEqualTo(parsed.id());
        for (int k = 0; k < 90; k++) {
            x = x.times(x);
        }
        assertThat(x.id()).hasSize(64);
        assertThat(x.inputs()).containsExactly("x");
        assertThat(x.toString()).hasSize(1000).endsWith("…");
        assertThatThrownBy(x::text).isInstanceOf(ExprException.class).hasMessageContaining("shared too often");
    }

    @Test
    void deepGraphsAreRefusedNotWalked() {
        Expr x = Expr.input("x");
        for (int k = 0; k < 100_000; k++) {
            x = x.plus(1);
        }
        assertThatThrownBy(x::text).isInstanceOf(ExprException.class).hasMessageContaining("more than 10000 operators");
        assertThatThrownBy(x::id).isInstanceOf(ExprException.class);
        assertThatThrownBy(x::inputs).isInstanceOf(ExprException.class);
        assertThat(x.toString()).hasSizeLessThanOrEqualTo(1000);
    }
}
