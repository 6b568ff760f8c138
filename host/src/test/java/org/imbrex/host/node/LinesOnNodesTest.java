package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.runtime.schedule.RunOptions;
import org.junit.jupiter.api.Test;

/** Functions of whole lines on nodes in processes of their own: the bits of one process. */
class LinesOnNodesTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());

    private static final List<String> EXPRESSIONS = List.of(
            "sort(x * y, axis=1)",
            "argsort(x, axis=0)",
            "cumsum(x, axis=1)",
            "cumsum(x[:, 0])",
            "cumprod(1 + y / 100, axis=0)",
            "quantile(x, (0.25, 0.9), axis=1)",
            "median(x)",
            "histogram(x, 20, -2, 2)",
            "rfft(x, axis=0)",
            "irfft(rfft(y), axis=1)",
            "mean(sort(x, axis=0), axis=1)");

    @Test
    void linesAreWholeInTilesThatNodesRun() throws IOException {
        Random random = new Random(SEED);
        double[] x = new double[90 * 70];
        double[] y = new double[90 * 70];
        java.util.Arrays.setAll(x, k -> k % 11 == 0 ? -0.0 : random.nextGaussian());
        java.util.Arrays.setAll(y, k -> random.nextGaussian());
        Map<String, Array> inputs = Map.of("x", Array.of(x, 90, 70), "y", Array.of(y, 90, 70));
        List<NodeProcess> nodes = new ArrayList<>();
        try {
            for (int k = 0; k < 2; k++) {
                nodes.add(new NodeProcess(0));
            }
            FleetOptions fleet = new FleetOptions(
                    nodes.stream().map(NodeProcess::address).toList(),
                    new Credentials.Loopback(),
                    Duration.ofSeconds(5),
                    "imbrex test");
            try (Engine engine = Engine.open(fleet);
                    Engine alone = Engine.open()) {
                for (String expression : EXPRESSIONS) {
                    RunOptions here = RunOptions.defaults().withDevice("vector");
                    double[] expected = alone.run(expression, inputs, here).result().toDoubleArray();
                    Engine.Run run = engine.run(expression, inputs, RunOptions.defaults().withTile(8, 8).withVerify(0.3));
                    String where = expression + ", -Dimbrex.test.seed=" + SEED + "\n" + run.summary().text();
                    assertThat(run.result().toDoubleArray()).as(where).isEqualTo(expected);
                    assertThat(run.summary().faults()).as(where).isZero();
                    assertThat(run.summary().devices()).as(where).allMatch(use -> use.id().startsWith("127.0.0.1:"));
                }
            }
        } finally {
            nodes.forEach(NodeProcess::close);
        }
    }
}
