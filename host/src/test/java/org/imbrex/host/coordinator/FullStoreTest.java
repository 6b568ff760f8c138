package org.imbrex.host.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.node.FleetOptions;
import org.imbrex.host.node.NodeException;
import org.imbrex.host.node.NodeProcess;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.runtime.schedule.RunOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A coordinator's disk that fills: the client is told in one line, the coordinator stays, and goes on once there is room. */
class FullStoreTest {
    private static final int ROWS = 4000;
    private static final int COLS = 100;

    private static boolean did(String... command) throws Exception {
        return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    }

    @Test
    void aJobGoesOnOnceThereIsRoom(@TempDir Path folder) throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        // less than the input's 3.2 MB; then room for it, but not for what tiles have written; then for all
        List<String> sizes = List.of("size=2m", "size=5m", "size=40m");
        boolean mounted = did("mount", "-t", "tmpfs", "-o", sizes.getFirst(), "tmpfs", disk.toString());
        assumeTrue(mounted, "cannot mount a small file system here");
        Random random = new Random(1);
        double[] data = new double[ROWS * COLS];
        java.util.Arrays.setAll(data, k -> random.nextGaussian());
        Map<String, Array> inputs = Map.of("x", Array.of(data, ROWS, COLS));
        RunOptions how = RunOptions.defaults().withTile(100, COLS);
        double[] expected;
        try (Engine alone = Engine.open()) {
            expected = alone.eval("exp(x)", inputs).toDoubleArray();
        }
        try (NodeProcess node = new NodeProcess(0);
                CoordinatorProcess coordinator =
                        new CoordinatorProcess(0, disk.resolve("store"), "127.0.0.1:" + node.port());
                Engine engine = Engine.openAt(new FleetOptions(
                        List.of(coordinator.address()), new Credentials.Loopback(), Duration.ofSeconds(20), "test"))) {
            for (String size : sizes.subList(0, 2)) {
                assertThat(did("mount", "-o", "remount," + size, disk.toString())).isTrue();
                assertThatThrownBy(() -> engine.run("exp(x)", inputs, how))
                        .as(size)
                        .isInstanceOf(NodeException.class)
                        .message()
                        .containsPattern("room|space")
                        .doesNotContain("\n");
            }
            assertThat(did("mount", "-o", "remount," + sizes.getLast(), disk.toString())).isTrue();
            assertThat(engine.run("exp(x)", inputs, how).result().toDoubleArray()).isEqualTo(expected);
            coordinator.kill(); // its files are closed before the disk goes
        } finally {
            did("umount", disk.toString());
        }
    }
}
