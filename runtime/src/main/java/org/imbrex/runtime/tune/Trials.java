package org.imbrex.runtime.tune;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Compares candidates by turns, so that a drifting machine slows all. The first one is what goes without a measurement;
 * another one is taken only where it won nearly all rounds against it, and clearly: a busy machine must not choose.
 */
final class Trials {
    private static final int ROUNDS = 7;
    private static final int LEAST_ROUNDS = 3;
    /** A turn's length, where single runs are shorter. */
    private static final long TURN_NANOS = 8_000_000;
    /** What counts as clearly faster, in medians. */
    private static final double CLEARLY = 0.96;

    private Trials() {}

    /**
     * The outcome.
     *
     * @param best the number of the one to take
     * @param nanos the median of a run of each; 0 of those that had no turn
     * @param rounds that were run
     */
    record Outcome(int best, double[] nanos, int rounds) {

        /** How many times as fast the best is as the first. */
        double gain() {
            return best == 0 ? 1 : nanos[0] / nanos[best];
        }
    }

    /**
     * Runs them until there are rounds enough or the time is over.
     *
     * @param runs a run of each candidate, warmed up
     * @param nanosLeft how much time there is, asked again before each round
     */
    static Outcome of(List<Runnable> runs, LongSupplier nanosLeft) {
        List<double[]> rounds = new ArrayList<>();
        int[] times = new int[runs.size()];
        while (rounds.size() < ROUNDS && (nanosLeft.getAsLong() > 0 || rounds.isEmpty())) {
            double[] round = new double[runs.size()];
            for (int k = 0; k < runs.size(); k++) {
                if (times[k] == 0) {
                    times[k] = Math.clamp(TURN_NANOS / Math.max(1, nanos(runs.get(k), 1)), 1, 1000);
                }
                round[k] = (double) nanos(runs.get(k), times[k]) / times[k];
            }
            rounds.add(round);
        }
        return decide(rounds);
    }

    private static long nanos(Runnable run, int times) {
        long began = System.nanoTime();
        for (int k = 0; k < times; k++) {
            run.run();
        }
        return System.nanoTime() - began;
    }

    /** @param rounds the nanoseconds of each candidate in each round */
    static Outcome decide(List<double[]> rounds) {
        int candidates = rounds.getFirst().length;
        double[] medians = new double[candidates];
        int best = 0;
        for (int k = 0; k < candidates; k++) {
            int candidate = k;
            medians[k] = rounds.stream().mapToDouble(r -> r[candidate]).sorted().skip(rounds.size() / 2).findFirst().orElseThrow();
            long won = rounds.stream().filter(r -> r[candidate] < r[0]).count();
            boolean clearly = rounds.size() >= LEAST_ROUNDS && won >= rounds.size() - 1 && medians[k] < CLEARLY * medians[0];
            if (clearly && medians[k] < medians[best]) {
                best = k;
            }
        }
        return new Outcome(best, medians, rounds.size());
    }
}
