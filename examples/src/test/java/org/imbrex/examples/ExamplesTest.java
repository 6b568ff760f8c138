package org.imbrex.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each example runs, and says what its data say. */
class ExamplesTest {
    private interface Program {
        void main() throws IOException;
    }

    private static String printed(Program program) throws IOException {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            System.setOut(out);
            program.main();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void blockMeans() throws IOException {
        assertThat(printed(() -> BlockMeans.main(new String[0])))
                .contains("f64(1461, 4)", "f64(183, 4), the last of 5 days", "9.2875", "differ  0");
    }

    /** As NumPy's corrcoef gives them. */
    @Test
    void correlations() throws IOException {
        assertThat(printed(() -> Correlations.main(new String[0])))
                .contains("temp_max              -0.229         1.000         0.876        -0.165");
    }

    @Test
    void seaSurface(@TempDir Path folder) throws IOException {
        assertThat(printed(() -> SeaSurface.main(new String[] {folder.toString()}))).contains("at most 24.34999");
        assertThat(folder.resolve("sea-surface-range.png")).isNotEmptyFile();
        assertThat(folder.resolve("sea-surface-range.npy")).hasSize(128 + 4 * 90 * 180);
    }
}
