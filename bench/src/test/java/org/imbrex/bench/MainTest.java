package org.imbrex.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command: what it writes, and how it refuses. */
class MainTest {
    private static final List<String> KEYS =
            List.of("work", "device", "dtype", "size", "threads", "value", "unit", "limit", "of_limit", "peers");

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    @Test
    void aRunWritesRecordsATableAndAPage() throws IOException {
        Path json = folder.resolve("records.json");
        int status = run("--quick", "--scale", "2e-4", "--device", "vector", "--work", "fma3,heat5,blockmean-seed,matmul-f64-512,tile-dispatch",
                "--out", folder.resolve("out").toString(), "--json", json.toString());
        assertThat(err.toString()).isEmpty();
        assertThat(status).isZero();

        String records = Files.readString(json);
        assertThat(records).isEqualTo(Files.readString(folder.resolve("out/bench.json")));
        String[] parts = records.split("(?m)^  \\{");
        assertThat(parts).hasSizeGreaterThan(10);
        for (int k = 1; k < parts.length; k++) {
            for (String key : KEYS) {
                assertThat(parts[k]).contains("\"" + key + "\": ");
            }
            assertThat(Pattern.compile("\"value\": -?[0-9.Ee+-]+,").matcher(parts[k]).find()).as(parts[k]).isTrue();
        }
        String page = Files.readString(folder.resolve("out/bench.html"));
        for (String work : List.of("fma3", "heat5", "blockmean-seed", "matmul-f64-512", "tile-dispatch")) {
            assertThat(records).contains("\"work\": \"" + work + "\"");
            assertThat(page).contains(work);
            assertThat(out.toString()).contains(work);
        }
        assertThat(page).contains("<svg", "prefers-color-scheme: dark").doesNotContain("http:", "https:", "<script");
        assertThat(out.toString().lines().filter(line -> !line.startsWith("written"))).allMatch(line -> line.length() <= 80);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--unknown", "--threads=0", "--threads=x", "--work=nothing", "--scale=2", "--json=/no/such/folder/x.json"})
    void wrongUsageIsToldInOneLineBeforeAnythingRuns(String option) {
        assertThat(run(option)).isEqualTo(2);
        assertThat(err.toString().lines()).hasSize(1);
        assertThat(err.toString()).startsWith("imbrex bench: ");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void anUnknownDeviceIsRefused() {
        assertThat(run("--device", "abacus", "--scale", "2e-4")).isEqualTo(2);
        assertThat(err.toString()).contains("--device abacus", "vector");
    }
}
