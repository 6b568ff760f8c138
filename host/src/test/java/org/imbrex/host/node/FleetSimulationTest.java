package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Many schedules of jobs on simulated nodes. Of each: the right bits, every tile's result used once and nothing written
 * after it, no more work than faults explain, an end as long as one node stays, no credit and no memory lost.
 */
class FleetSimulationTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());
    private static final int SCHEDULES = Integer.getInteger("imbrex.test.schedules", 10_000);
    /** Turns are handed over within one thread of the system. */
    private static final List<String> OPTIONS = List.of(
            "-Djdk.virtualThreadScheduler.parallelism=1",
            "-Djdk.virtualThreadScheduler.maxPoolSize=1",
            "-XX:+UseSerialGC",
            "-Xmn256m",
            "-Xmx1g");

    @Test
    void jobsEndWithTheRightBitsInWhateverOrderThingsHappen() throws Exception {
        TestProcess.Ended ended =
                TestProcess.run(OPTIONS, FleetSimulationTest.class.getName(), "" + SEED, "" + SCHEDULES);
        System.out.println(ended.output());
        assertThat(ended.status()).as(ended.output()).isZero();
        assertThat(ended.output()).contains(SCHEDULES + " schedules");
    }

    /** Seed and number of schedules. */
    public static void main(String[] args) throws InterruptedException {
        long seed = Long.parseLong(args[0]);
        int count = Integer.parseInt(args[1]);
        FleetSimulation.Met met = schedules(seed, count);
        System.out.println(met);
        boolean all = met.losses > count / 10 && met.slow > 0 && met.refused > 0 && met.putAside > 0
                && met.withoutNodes > 0 && met.borders > 0 && met.carried > 0;
        System.exit(all || count < 1000 ? 0 : 1);
    }

    @Test
    void theSameSeedGivesTheSameSchedule() throws InterruptedException {
        for (long seed = SEED; seed < SEED + 20; seed++) {
            assertThat(schedules(seed, 1).toString()).isEqualTo(schedules(seed, 1).toString());
        }
    }

    /** In a virtual thread, so that turns are handed over without the system's scheduler. */
    static FleetSimulation.Met schedules(long seed, int count) throws InterruptedException {
        FleetSimulation.Met met = new FleetSimulation.Met();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread.ofVirtual()
                .start(() -> {
                    for (int schedule = 0; schedule < count && failure.get() == null; schedule++) {
                        try {
                            FleetSimulation.run(seed + schedule, met);
                        } catch (Throwable e) {
                            failure.set(new AssertionError(
                                    "-Dimbrex.test.seed=" + (seed + schedule) + " -Dimbrex.test.schedules=1: "
                                            + e.getMessage(),
                                    e));
                        }
                    }
                })
                .join();
        if (failure.get() != null) {
            throw new AssertionError(failure.get().getMessage(), failure.get());
        }
        return met;
    }
}
