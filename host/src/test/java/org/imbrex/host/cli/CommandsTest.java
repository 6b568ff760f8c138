package org.imbrex.host.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.runtime.schedule.RunOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {
    @TempDir
    Path folder;

    private Path x;

    @BeforeEach
    void data() throws IOException {
        x = folder.resolve("x.npy");
        try (Engine engine = Engine.open()) {
            Array data = Array.of(new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 5, 2);
            engine.write(Parser.parse("x"), Map.of("x", data), x, RunOptions.defaults());
        }
    }

    private String in() {
        return "x=" + x;
    }

    @Test
    void evalPrintsOrWrites() throws IOException {
        CommandRun printed = CommandRun.of("eval", "sum(x, axis=0)", "--in", in());
        assertThat(printed.status()).as(printed.err()).isZero();
        assertThat(printed.out()).isEqualTo("[25. 30.] f64(2,)\n");
        assertThat(printed.err()).contains("vector").contains("not looked for, the work is small");
        Path y = folder.resolve("y.csv");
        CommandRun written = CommandRun.of("eval", "x * 2", "--in", in(), "--out", y.toString(), "--quiet", "--verify");
        assertThat(written.status()).as(written.err()).isZero();
        assertThat(written.err()).isEmpty();
        assertThat(Files.readAllLines(y)).hasSize(5).first().asString().startsWith("2");
    }

    @Test
    void explainTellsAndRunsNothing() {
        Path y = folder.resolve("y.npy");
        CommandRun run = CommandRun.of("eval", "mean(blocks(x, 2), axis=1)", "--in", in(), "--out", y.toString(), "--explain");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out()).contains("stage 0").contains("reduce");
        assertThat(y).doesNotExist();
    }

    @Test
    void jobsRunTheirStepsAndGoOnWhereAsked() throws IOException {
        Path job = Files.writeString(folder.resolve("job.yaml"), """
                steps:
                  - name: means
                    eval: mean(blocks(x, 2), axis=1)
                    in: {x: x.npy}
                    out: means.npy
                  - name: broken
                    eval: m[99]
                    in: {m: $means}
                  - name: needs
                    eval: b + 1
                    in: {b: $broken}
                  - name: anomaly
                    eval: m - mean(m, axis=0)
                    in: {m: $means}
                    out: anomaly.csv
                """);
        CommandRun stopped = CommandRun.of("run", job.toString(), "--quiet");
        assertThat(stopped.status()).isEqualTo(1);
        assertThat(stopped.err()).contains("step 'broken'").contains("index 99");
        assertThat(folder.resolve("anomaly.csv")).doesNotExist();
        CommandRun whole = CommandRun.of("run", job.toString(), "--quiet", "--keep-going");
        assertThat(whole.status()).isEqualTo(1);
        assertThat(whole.err()).contains("step 'needs' skipped");
        assertThat(Files.readAllLines(folder.resolve("anomaly.csv"))).hasSize(3);
    }

    @Test
    void infoAndDevicesTellWhatThereIs() {
        assertThat(CommandRun.of("info", x.toString()).out()).contains("f64(5, 2)");
        assertThat(CommandRun.of("info", x.toString(), "--json").out()).contains("\"shape\": [");
        assertThat(CommandRun.of("devices").out()).contains("vector", "reference", "sizes     tiles ", "in flight");
        assertThat(CommandRun.of("devices", "--json").out()).contains("\"tuning\": {", "\"stream_bytes\": ");
    }

    @Test
    void plotDrawsAPng() throws IOException {
        Path png = folder.resolve("x.png");
        CommandRun run = CommandRun.of("plot", x.toString(), "--out", png.toString());
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(Files.readAllBytes(png)).startsWith((byte) 0x89, (byte) 'P', (byte) 'N', (byte) 'G');
    }

    @Test
    void wrongUsageIsOneLineAndStatus2() {
        String[][] wrong = {
            {"eval"},
            {"eval", "x", "--in", "x"},
            {"eval", "x", "--in", in(), "--memory", "lots"},
            {"eval", "x", "--in", in(), "--memory", "1k"},
            {"eval", "x", "--in", in(), "--tile", "0x5"},
            {"eval", "x", "--in", in(), "--threads", "0"},
            {"eval", "x", "--in", in(), "--verify", "7"},
            {"eval", "x", "--in", in(), "--in", in()},
            {"eval", "x", "--in", in(), "--dtype", "f32"},
            {"eval", "x", "--in", in(), "--nonsense"},
            {"plot", x.toString(), "--index", "a"},
            {"demo", "--rows", "1"},
        };
        for (String[] args : wrong) {
            CommandRun run = CommandRun.of(args);
            assertThat(run.status()).as("%s: %s", java.util.List.of(args), run.err()).isEqualTo(2);
            assertThat(run.err().lines()).as(run.err()).hasSize(1);
            assertThat(run.out()).isEmpty();
        }
    }

    @Test
    void failedWorkIsOneLineAndStatus1AndLeavesNothing() throws IOException {
        Path text = Files.writeString(folder.resolve("text.npy"), "hello");
        Path cut = folder.resolve("cut.npy");
        Files.write(cut, java.util.Arrays.copyOf(Files.readAllBytes(x), 150));
        Path empty = Files.createFile(folder.resolve("empty.npy"));
        long before;
        try (var files = Files.list(folder)) {
            before = files.count();
        }
        String out = folder.resolve("out.npy").toString();
        String[][] failing = {
            {"eval", "x +", "--in", in(), "--out", out},
            {"eval", "y + 1", "--in", in(), "--out", out},
            {"eval", "x @ x", "--in", in(), "--out", out},
            {"eval", "sinn(x)", "--in", in(), "--out", out},
            {"eval", "x", "--in", "x=" + folder.resolve("missing.npy"), "--out", out},
            {"eval", "x", "--in", "x=" + text, "--out", out},
            {"eval", "x", "--in", "x=" + cut, "--out", out},
            {"eval", "x", "--in", "x=" + empty, "--out", out},
            {"eval", "x", "--in", "x=" + folder, "--out", out},
            {"eval", "x", "--in", in(), "--out", folder.resolve("no/such/out.npy").toString()},
            {"eval", "x", "--in", in(), "--device", "gpu", "--out", out},
            {"eval", "x", "--in", in(), "--device", "reference:7", "--out", out},
            {"eval", "1", "--in", in(), "--out", out},
            {"info", folder.resolve("missing.npy").toString()},
            {"run", folder.resolve("missing.yaml").toString()},
            {"plot", folder.resolve("missing.npy").toString()},
        };
        for (String[] args : failing) {
            CommandRun run = CommandRun.of(args);
            assertThat(run.status()).as("%s: %s", java.util.List.of(args), run.err()).isEqualTo(1);
            assertThat(run.err().lines()).as(run.err()).hasSize(1);
            assertThat(run.err()).startsWith("imbrex " + args[0] + ": ").doesNotContain("Exception");
        }
        try (var files = Files.list(folder)) {
            assertThat(files.count()).isEqualTo(before);
        }
    }
}
