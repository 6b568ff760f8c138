package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.runtime.schedule.RunOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fills while a result is written: one line, status 1, and nothing left behind. */
class FullDiskTest {
    private static boolean did(String... command) throws Exception {
        return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    }

    @Test
    void aResultThatDoesNotFitLeavesOneLineAndNoFile(@TempDir Path folder) throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        boolean mounted = did("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString());
        assumeTrue(mounted, "cannot mount a small file system here");
        try (NodeProcess node = new NodeProcess(0)) {
            Path input = folder.resolve("x.npy");
            double[] data = new double[400_000];
            Random random = new Random(1);
            java.util.Arrays.setAll(data, k -> random.nextGaussian());
            try (Engine engine = Engine.open()) {
                engine.write(
                        Parser.parse("x + 0"), Map.of("x", Array.of(data, 4000, 100)), input, RunOptions.defaults());
            }
            for (List<String> where : List.of(List.<String>of(), List.of("--on", "127.0.0.1:" + node.port()))) {
                List<String> command = new java.util.ArrayList<>(
                        List.of("eval", "exp(x)", "--in", "x=" + input, "--out", disk.resolve("y.npy").toString()));
                command.addAll(where);
                TestProcess.Ended ended = TestProcess.run(
                        List.of("-Xmx256m"), "org.imbrex.host.cli.Main", command.toArray(String[]::new));
                List<String> lines = ended.output().lines()
                        .filter(line -> !line.startsWith("WARNING"))
                        .toList();
                assertThat(ended.status()).as(ended.output()).isEqualTo(1);
                assertThat(lines).as(ended.output()).hasSize(1);
                assertThat(lines.getFirst()).contains("y.npy").containsPattern("room|space");
                try (var left = Files.list(disk)) {
                    assertThat(left.toList()).isEmpty();
                }
            }
        } finally {
            did("umount", disk.toString());
        }
    }
}
