package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jazzer, led by coverage, for a few seconds: frames that crash a node's session, stop it or take its memory. */
class SessionFuzzTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime()) & 0x7fffffff;
    private static final int RUNS = Integer.getInteger("imbrex.test.fuzz", 4_000);

    @Test
    void noFramesCrashStopOrFillASession(@TempDir Path folder) throws IOException, InterruptedException {
        Path corpus = Files.createDirectory(folder.resolve("corpus"));
        Path seeds = Files.createDirectory(folder.resolve("seeds"));
        SessionFuzz.seeds(seeds, SEED);
        TestProcess.Ended ended = TestProcess.run(
                List.of("-Xmx1g", "-XX:TieredStopAtLevel=1"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + SessionFuzz.class.getName(),
                "--instrumentation_includes=org.imbrex.host.node.**",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + "/",
                "-runs=" + RUNS,
                "-seed=" + SEED,
                "-timeout=10",
                corpus.toString(),
                seeds.toString());
        assertThat(ended.status()).as("-Dimbrex.test.seed=" + SEED + "\n" + ended.output()).isZero();
        assertThat(ended.output()).contains("Done " + RUNS + " runs");
    }
}
