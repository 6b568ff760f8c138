package org.imbrex.kernels.typing;

import static org.assertj.core.api.Assertions.assertThat;

import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.parse.Parser;
import org.junit.jupiter.api.Test;

class GoldenTypesTest {
    @Test
    void everyGoldenExpressionHasTheTypeThatNumPyGives() {
        for (String[] row : Tables.rows("golden-types.tsv", "\t")) {
            Expr expr = Parser.parse(row[0]);
            assertThat(Typing.check(expr, Tables.inputs(row[1])).type().toString())
                    .as(row[0] + " of " + row[1])
                    .isEqualTo(row[2]);
            assertThat(Parser.parse(expr.text())).isEqualTo(expr);
        }
    }
}
