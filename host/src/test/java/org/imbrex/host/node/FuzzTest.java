package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.imbrex.host.coordinator.JobClientFuzz;
import org.imbrex.host.coordinator.VisitFuzz;
import org.imbrex.host.node.trust.GreetingFuzz;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Jazzer, led by coverage, for a few seconds each: frames that crash who reads them, stop it or take its memory.
 * {@code -Dimbrex.test.fuzz=N} makes N inputs of each, {@code -Dimbrex.test.fuzz.seconds=N} as many as that takes.
 */
class FuzzTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime()) & 0x7fffffff;
    private static final int SECONDS = Integer.getInteger("imbrex.test.fuzz.seconds", 0);
    private static final int RUNS = Integer.getInteger("imbrex.test.fuzz", 10_000);

    /** Whether the optimizing compiler pays. */
    private static final boolean LONG = SECONDS > 30 || RUNS > 30_000;

    /** On a busy machine as well nothing takes so long. */
    private static final int HANGS_SECONDS = 60;

    /** Writes inputs to begin with. */
    @FunctionalInterface
    private interface Seeds {
        void write(Path folder, long seed) throws IOException;
    }

    private record Target(Class<?> reader, Seeds seeds) {
        @Override
        public String toString() {
            return reader.getSimpleName();
        }
    }

    static Stream<Target> targets() {
        return Stream.of(
                new Target(SessionFuzz.class, SessionFuzz::seeds),
                new Target(AnswersFuzz.class, AnswersFuzz::seeds),
                new Target(GreetingFuzz.class, GreetingFuzz::seeds),
                new Target(VisitFuzz.class, VisitFuzz::seeds),
                new Target(JobClientFuzz.class, JobClientFuzz::seeds));
    }

    @ParameterizedTest
    @MethodSource("targets")
    void noFramesCrashStopOrFillWhoReadsThem(Target target, @TempDir Path folder) throws Exception {
        Path corpus = Files.createDirectory(folder.resolve("corpus"));
        Path seeds = Files.createDirectory(folder.resolve("seeds"));
        target.seeds.write(seeds, SEED);
        List<String> arguments = new ArrayList<>(List.of(
                "--target_class=" + target.reader.getName(),
                "--instrumentation_includes=org.imbrex.host.**",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + "/",
                "-seed=" + SEED,
                "-timeout=" + HANGS_SECONDS,
                SECONDS > 0 ? "-max_total_time=" + SECONDS : "-runs=" + RUNS,
                corpus.toString(),
                seeds.toString()));
        TestProcess.Ended ended = TestProcess.run(
                List.of("-Xmx1g", LONG ? "-XX:+UseSerialGC" : "-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + folder),
                "com.code_intelligence.jazzer.Jazzer",
                arguments.toArray(String[]::new));
        assertThat(ended.status()).as("-Dimbrex.test.seed=" + SEED + "\n" + ended.output()).isZero();
        assertThat(ended.output()).contains(SECONDS > 0 ? "Done " : "Done " + RUNS + " runs");
        if (SECONDS > 0) {
            System.out.println(target + ": " + ended.output().lines()
                    .filter(line -> line.startsWith("Done ") || line.startsWith("frames: "))
                    .toList());
        }
    }
}
