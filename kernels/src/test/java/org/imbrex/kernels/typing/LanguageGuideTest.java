package org.imbrex.kernels.typing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.expr.LineFunction;
import org.imbrex.kernels.expr.Reduction;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.parse.SyntaxException;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.ImbrexException;
import org.junit.jupiter.api.Test;

/** The guide to the language tells the truth. */
class LanguageGuideTest {
    private static final Path GUIDE = Path.of("../docs/language.md");
    private static final Path TRACED = Path.of("src/test/java/org/imbrex/kernels/expr/TracedTest.java");

    private static List<String> examples(String kind) throws IOException {
        List<String> examples = new ArrayList<>();
        boolean open = false;
        boolean wanted = false;
        for (String line : Files.readAllLines(GUIDE)) {
            if (line.startsWith("```")) {
                open = !open;
                wanted = open && line.equals("```" + kind);
            } else if (wanted) {
                examples.add(line);
            }
        }
        return examples;
    }

    @Test
    void everyExampleHasTheTypeOrTheErrorThatItTells() throws IOException {
        List<String> examples = examples("imbrex");
        assertThat(examples).hasSizeGreaterThan(60);
        for (String example : examples) {
            String expr = example.substring(0, example.indexOf('#')).strip();
            String[] told = example.substring(example.indexOf('#') + 1).split("->", 2);
            String inputs = told[0].strip();
            String result = told[1].strip();
            if (result.startsWith("error: ")) {
                assertThatThrownBy(() -> Tables.check(expr, inputs))
                        .as(example)
                        .isInstanceOf(ImbrexException.class)
                        .hasMessageContaining(result.substring("error: ".length()));
            } else {
                assertThat(Tables.check(expr, inputs).type()).as(example).hasToString(result);
            }
        }
    }

    /** The traced examples are in {@code TracedTest}, which compares them with the same texts. */
    @Test
    void everyTracedExampleIsTested() throws IOException {
        String tested = Files.readString(TRACED);
        for (String example : examples("java")) {
            String[] pair = example.split(" +// ", 2);
            assertThat(tested).contains("same(" + pair[0] + ", \"" + pair[1] + "\");");
        }
    }

    @Test
    void thePromotionTableIsTrue() throws IOException {
        List<String> lines = Files.readAllLines(GUIDE);
        int header = lines.indexOf("| | bool | i8 | u8 | i16 | i32 | i64 | f32 | f64 |");
        List<DType> dtypes = dtypes(lines.get(header).replaceFirst("\\| ", ""));
        assertThat(dtypes).containsExactlyInAnyOrder(DType.values());
        for (int row = 0; row < dtypes.size(); row++) {
            List<DType> cells = dtypes(lines.get(header + 2 + row).replace("*", ""));
            assertThat(cells.getFirst()).isEqualTo(dtypes.get(row));
            for (int col = 0; col < dtypes.size(); col++) {
                assertThat(cells.get(col + 1)).isEqualTo(Promotion.of(dtypes.get(row), dtypes.get(col)));
            }
        }
    }

    private static List<DType> dtypes(String row) {
        return Arrays.stream(row.split("\\|"))
                .map(String::strip)
                .filter(cell -> !cell.isEmpty())
                .map(cell -> DType.named(cell).orElseThrow())
                .toList();
    }

    @Test
    void everyFunctionIsTold() throws IOException {
        String guide = Files.readString(GUIDE);
        for (Function function : Function.values()) {
            String name = function.symbol().isEmpty()
                    ? "`" + function.text()
                    : function.symbol().replace("|", "\\|");
            assertThat(guide).contains(name);
        }
        for (Reduction reduction : Reduction.values()) {
            assertThat(guide).contains("`" + reduction.text() + "`");
        }
        for (LineFunction function : LineFunction.values()) {
            assertThat(guide).contains("`" + function.text() + "(");
        }
    }

    @Test
    void thePictureIsWhatIsShown() throws IOException {
        List<String> shown = examples("");
        SyntaxException e = null;
        try {
            Parser.parse("x - meen(x)");
        } catch (SyntaxException thrown) {
            e = thrown;
        }
        assertThat(shown).containsSequence((e.getMessage() + "\n" + e.picture()).split("\n"));
    }
}
