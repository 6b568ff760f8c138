package org.imbrex.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imbrex.bench.measure.TimeBudget;
import org.imbrex.bench.report.Findings;
import org.imbrex.bench.report.Outcome;
import org.imbrex.bench.report.Page;
import org.imbrex.host.cli.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.JsonSchema;

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
        List<Map<String, Object>> parsed = parsed(records);
        assertThat(parsed).hasSizeGreaterThan(10);
        for (Map<String, Object> record : parsed) {
            assertThat(record).containsKeys(KEYS.toArray(String[]::new)).containsEntry("run", "finished");
            assertThat(record.get("value")).as(record.toString()).isInstanceOf(Number.class);
            assertThat(record.get("peers")).isInstanceOf(Map.class);
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

    /** YAML 1.2 holds all of JSON. */
    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> parsed(String json) {
        LoadSettings settings = LoadSettings.builder().setSchema(new JsonSchema()).build();
        return (List<Map<String, Object>>) new Load(settings).loadFromString(json);
    }

    @Test
    void aRunIsWrittenAfterEachPartAndMarkedUntilItIsDone() throws Exception {
        BenchOptions options = new BenchOptions(List.of("fma3", "fft-2^10"), List.of("vector"), 1, true, 2e-4);
        List<Findings> told = new ArrayList<>();
        try (Bench bench = new Bench(options, new TimeBudget(60, System::nanoTime), (what, done, all, left) -> {})) {
            bench.run(told::add);
        }
        assertThat(told).hasSize(4);
        assertThat(told.stream().map(Findings::state)).containsExactly(
                "unfinished, 0 of 3 parts", "unfinished, 1 of 3 parts", "unfinished, 2 of 3 parts", "finished");
        Findings between = told.get(2);
        assertThat(between.outcomes().stream().map(Outcome::work)).containsExactly("fma3");
        assertThat(parsed(Json.of(between.records()))).isNotEmpty().allSatisfy(
                record -> assertThat(record).containsEntry("run", "unfinished, 2 of 3 parts"));
        assertThat(Page.of(between)).contains("unfinished, 2 of 3 parts");
        assertThat(Page.of(told.getFirst())).contains("unfinished, 0 of 3 parts");
        assertThat(Page.of(told.getLast())).doesNotContain("unfinished");
    }

    @Test
    void withoutTimeNoWorkIsDroppedAndWhatIsCutIsTold() throws Exception {
        BenchOptions options = new BenchOptions(List.of("sum", "matmul-f32-512"), List.of("vector"), 2, true, 2e-4);
        List<Findings> told = new ArrayList<>();
        try (Bench bench = new Bench(options, new TimeBudget(0, System::nanoTime), (what, done, all, left) -> {})) {
            bench.run(told::add);
        }
        Findings all = told.getLast();
        assertThat(all.isFinished()).isTrue();
        assertThat(all.outcomes().stream().map(o -> o.work() + " " + o.threads())).containsExactly(
                "sum 2", "matmul-f32-512 1", "matmul-f32-512 2");
        assertThat(all.outcomes()).allSatisfy(o -> {
            assertThat(o.rounds()).isBetween(1, 3);
            assertThat(o.cut()).contains(" of 4 turns");
            assertThat(o.value()).isPositive();
            assertThat(o.limit()).isPositive();
        });
        assertThat(all.cut()).hasSize(3);
    }

    @Test
    void theLineTellsTheWorkHowFarAndTheTimeLeft() {
        assertThat(ProgressLine.text("sort", 14, 40, 65.4)).isEqualTo("imbrex bench: sort, 14 of 40 done, at most 1:05 left");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--unknown", "--threads=0", "--threads=x", "--work=nothing", "--scale=2", "--seconds=0", "--json=/no/such/folder/x.json"})
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
