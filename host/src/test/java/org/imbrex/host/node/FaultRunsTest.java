package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Summary;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Jobs on three to five nodes in processes of their own. Any but one of them are killed or stopped at moments that a seed
 * decides, and some come back: each job ends with one process's bits, and the nodes that were there all the time have
 * computed no more tiles than there were, and losses. {@code -Dimbrex.test.faults=N} makes N runs.
 */
class FaultRunsTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());
    private static final int RUNS = Integer.getInteger("imbrex.test.faults", 3);
    private static final int MOST_NODES = 5;
    private static final int MOMENTS_MILLIS = 400;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final List<String> EXPRESSIONS = List.of(
            "mean(blocks(exp(x) * sin(x), 8), axis=1)",
            "exp(x) - mean(x, axis=0)",
            "sum(tanh(x) * x)",
            "x @ transpose(x[:40])",
            "sort(exp(x), axis=1)");

    private static final List<NodeProcess> NODES = new ArrayList<>();

    /** What happens to a node. */
    private enum Trouble {
        NONE,
        KILLED,
        KILLED_AND_BACK,
        STOPPED,
        STOPPED_AND_BACK;

        boolean kills() {
            return this == KILLED || this == KILLED_AND_BACK;
        }
    }

    private record Planned(int node, Trouble trouble, int atMillis, int forMillis) {}

    /** What all runs have met. */
    private int jobs;

    private long tiles;
    private long faults;
    private int killed;
    private int stopped;
    private int cameBack;

    @AfterAll
    static void end() {
        NODES.forEach(NodeProcess::close);
    }

    private static FleetOptions options(int count) {
        return new FleetOptions(
                NODES.subList(0, count).stream().map(NodeProcess::address).toList(),
                new Credentials.Loopback(),
                TIMEOUT,
                "imbrex test");
    }

    private static List<Planned> plan(Random random, int count) {
        int stays = random.nextInt(count);
        List<Planned> plan = new ArrayList<>();
        for (int node = 0; node < count; node++) {
            Trouble trouble = Trouble.values()[random.nextInt(Trouble.values().length)];
            if (node != stays && trouble != Trouble.NONE) {
                plan.add(new Planned(node, trouble, random.nextInt(MOMENTS_MILLIS), random.nextInt(MOMENTS_MILLIS)));
            }
        }
        return plan;
    }

    private void strike(Planned planned) {
        NodeProcess node = NODES.get(planned.node);
        try {
            Thread.sleep(planned.atMillis);
            switch (planned.trouble) {
                case KILLED, KILLED_AND_BACK -> node.signal("KILL");
                default -> node.signal("STOP");
            }
            Thread.sleep(planned.forMillis);
            switch (planned.trouble) {
                case KILLED_AND_BACK -> {
                    node.end();
                    NODES.set(planned.node, new NodeProcess(node.port()));
                }
                case STOPPED_AND_BACK -> node.signal("CONT");
                default -> {}
            }
        } catch (Exception e) {
            throw new IllegalStateException(planned.toString(), e);
        }
    }

    /** Tiles that each of some nodes has computed, once none is at work. */
    private static Map<Integer, Long> computed(int count, Set<Integer> of) throws InterruptedException {
        if (of.isEmpty()) {
            return Map.of();
        }
        Map<Integer, Long> before = Map.of();
        try (Fleet fleet = new Fleet(options(count))) {
            while (true) {
                Map<Integer, Long> now = new HashMap<>();
                boolean idle = true;
                List<NodeStatus> all = fleet.status(Duration.ofSeconds(60));
                for (int node : of) {
                    Map<String, Long> numbers = all.get(node).numbers();
                    idle &= !numbers.isEmpty() && numbers.get("busy_workers") + numbers.get("waiting_tiles") == 0;
                    now.put(node, numbers.getOrDefault("tiles_total", -1L));
                }
                if (idle && now.equals(before)) {
                    return now;
                }
                before = now;
                Thread.sleep(20);
            }
        }
    }

    /** As {@link #computed}, once nodes that were stopped in the run before have done what they still had. */
    private static Map<Integer, Long> settled(int count, Set<Integer> there) throws Exception {
        Map<Integer, Long> last = computed(count, there);
        while (true) {
            Thread.sleep(200);
            Map<Integer, Long> now = computed(count, there);
            if (now.equals(last)) {
                return now;
            }
            last = now;
        }
    }

    private void run(long seed) throws Exception {
        Random random = new Random(seed);
        while (NODES.size() < MOST_NODES) {
            NODES.add(new NodeProcess(0));
        }
        int count = 3 + random.nextInt(MOST_NODES - 2);
        String expression = EXPRESSIONS.get(random.nextInt(EXPRESSIONS.size()));
        double[] data = new double[600 * 60];
        java.util.Arrays.setAll(data, k -> random.nextGaussian());
        Map<String, Array> inputs = Map.of("x", Array.of(data, 600, 60));
        double[] expected;
        try (Engine alone = Engine.open()) {
            expected = alone.eval(expression, inputs).toDoubleArray();
        }
        List<Planned> plan = plan(random, count);
        Set<Integer> there = new HashSet<>();
        for (int node = 0; node < count; node++) {
            there.add(node);
        }
        plan.stream().filter(planned -> planned.trouble.kills()).forEach(planned -> there.remove(planned.node));
        Map<Integer, Long> before = settled(count, there);
        long most = 0;
        try (Engine engine = Engine.open(options(count))) {
            CompletableFuture<?> troubles = CompletableFuture.allOf(plan.stream()
                    .map(planned -> CompletableFuture.runAsync(() -> strike(planned), Thread.ofVirtual()::start))
                    .toArray(CompletableFuture[]::new));
            boolean more = true;
            while (more) {
                more = !troubles.isDone(); // the last job begins when all has happened
                Engine.Run run = engine.run(expression, inputs, RunOptions.defaults().withTile(2, 30));
                assertThat(run.result().toDoubleArray()).as(expression).isEqualTo(expected);
                Summary summary = run.summary();
                most += summary.devices().stream().mapToLong(Summary.DeviceUse::tiles).sum() + summary.faults();
                tiles += summary.devices().stream().mapToLong(Summary.DeviceUse::tiles).sum();
                faults += summary.faults();
                jobs++;
            }
            troubles.join();
        }
        for (Planned planned : plan) {
            if (planned.trouble == Trouble.STOPPED) {
                NODES.get(planned.node).signal("CONT");
            }
        }
        Map<Integer, Long> after = computed(count, there);
        long did = there.stream().mapToLong(node -> after.get(node) - before.get(node)).sum();
        assertThat(did).as("tiles computed by nodes that stayed, of " + most + " with losses").isLessThanOrEqualTo(most);
        for (Planned planned : plan) {
            killed += planned.trouble.kills() ? 1 : 0;
            stopped += planned.trouble.kills() ? 0 : 1;
            cameBack += planned.trouble == Trouble.KILLED_AND_BACK || planned.trouble == Trouble.STOPPED_AND_BACK ? 1 : 0;
            if (planned.trouble == Trouble.KILLED) {
                NODES.get(planned.node).end();
                NODES.set(planned.node, new NodeProcess(0));
            }
        }
    }

    @Test
    void jobsEndWithTheRightBitsWhateverNodesAreLost() throws Exception {
        for (int run = 0; run < RUNS; run++) {
            try {
                run(SEED + run);
            } catch (Exception | AssertionError e) {
                throw new AssertionError("-Dimbrex.test.faults=1 -Dimbrex.test.seed=" + (SEED + run), e);
            }
            if (run % 10 == 9 || run == RUNS - 1) {
                System.out.println(run + 1 + " runs from seed " + SEED + ", " + jobs + " jobs, " + tiles + " tiles, " + faults
                        + " losses and refusals, " + killed + " nodes killed, " + stopped + " stopped, " + cameBack
                        + " of them came back");
            }
        }
    }
}
