package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Many schedules of jobs on simulated nodes. Of each: the right bits, every tile's result used once, no more work than
 * faults explain, an end as long as one node stays, no credit and no memory lost.
 */
class FleetSimulationTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());
    private static final int SCHEDULES = Integer.getInteger("imbrex.test.schedules", 10_000);

    @Test
    void jobsEndWithTheRightBitsInWhateverOrderThingsHappen() throws InterruptedException {
        FleetSimulation.Met met = schedules(SEED, SCHEDULES);
        System.out.println("simulated: " + met);
        if (SCHEDULES >= 1000) {
            assertThat(met.losses).isGreaterThan(SCHEDULES / 10);
            assertThat(met.slow).isPositive();
            assertThat(met.refused).isPositive();
            assertThat(met.putAside).isPositive();
            assertThat(met.withoutNodes).isPositive();
        }
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
