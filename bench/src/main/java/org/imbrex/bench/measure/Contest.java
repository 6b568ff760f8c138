package org.imbrex.bench.measure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Rounds in which each entrant runs in turn, after all have warmed up. Short runs are repeated within a turn until it is
 * long enough for the clock; an entrant that is slow as such has fewer turns.
 */
public final class Contest {
    /** A turn's length, where single runs are shorter. */
    private static final double TURN_SECONDS = 0.02;
    /** Threads that spin after their work (OpenMP's, OpenBLAS's) come to rest before the next turn. */
    private static final long REST_MILLIS = 4;

    /** So many runs in a row that are no faster than {@code GAIN} of the best before end the warm-up. */
    private static final int STEADY = 3;

    private static final double GAIN = 0.95;
    /** The longest warm-up, in shortest ones. */
    private static final double MOST_WARM = 10;

    private final int rounds;
    private final double warmSeconds;
    private final double mostSeconds;

    /**
     * @param warmSeconds how long those marked to be compiled while they run warm up
     * @param mostSeconds what one entrant may take for all its turns; it has one turn at least
     */
    public Contest(int rounds, double warmSeconds, double mostSeconds) {
        this.rounds = rounds;
        this.warmSeconds = warmSeconds;
        this.mostSeconds = mostSeconds;
    }

    /** @param compiled whether it runs on the JVM, which compiles it as it goes */
    public record Entrant(String name, boolean compiled, Trial trial) {}

    private static final class Turns {
        private final Entrant entrant;
        private final List<Double> seconds = new ArrayList<>();
        private int times = 1;
        private double spent;

        private Turns(Entrant entrant) {
            this.entrant = entrant;
        }

        private double run(int count) {
            double seconds = entrant.trial().seconds(count);
            spent += seconds;
            return seconds / count;
        }
    }

    /**
     * Runs all of them.
     *
     * @param failed takes the name of who fails and why; the others go on
     * @return by name, in the order given, without those that failed
     */
    public Map<String, Spread> run(List<Entrant> entrants, BiConsumer<String, RuntimeException> failed) {
        List<Turns> all = new ArrayList<>();
        for (Entrant entrant : entrants) {
            Turns turns = new Turns(entrant);
            try {
                turns.run(1);
                entrant.trial().settle();
                warm(turns, warmSeconds);
                all.add(turns);
            } catch (RuntimeException e) {
                failed.accept(entrant.name(), e);
            }
        }
        // once more: what the compiler still had to do when the first warm-up ended is done by now
        for (Turns turns : List.copyOf(all)) {
            if (turns.entrant.compiled() && turns.spent < mostSeconds) {
                orLeaves(all, turns, () -> warm(turns, warmSeconds / 3), failed);
            }
        }
        for (int round = 0; round < rounds; round++) {
            for (Turns turns : List.copyOf(all)) {
                orLeaves(all, turns, () -> turn(turns), failed);
            }
        }
        Map<String, Spread> spreads = new LinkedHashMap<>();
        all.forEach(turns -> spreads.put(
                turns.entrant.name(),
                Spread.of(turns.seconds.stream().mapToDouble(Double::doubleValue).toArray())));
        return spreads;
    }

    private static void orLeaves(
            List<Turns> all, Turns turns, Runnable does, BiConsumer<String, RuntimeException> failed) {
        try {
            does.run();
        } catch (RuntimeException e) {
            failed.accept(turns.entrant.name(), e);
            all.remove(turns);
        }
    }

    /** Until it has run for a while and gets no faster: a JIT needs its time, and more of it on a busy machine. */
    private void warm(Turns turns, double seconds) {
        boolean compiled = turns.entrant.compiled();
        double least = compiled ? seconds : seconds / 8;
        double most = compiled ? MOST_WARM * seconds : least;
        long began = System.nanoTime();
        double last;
        double best = Double.MAX_VALUE;
        int steady = 0;
        int times = 1;
        do {
            last = turns.run(times);
            steady = last < best * GAIN ? 0 : steady + 1;
            best = Math.min(best, last);
            times = (int) Math.clamp(TURN_SECONDS / last, 1, 1_000_000);
        } while (seconds(began) < least || compiled && steady < STEADY && seconds(began) < most);
        turns.times = times;
        boolean slow = best > mostSeconds / 3;
        if (slow) {
            // one run tells enough of who is that slow
            turns.seconds.add(last);
        }
        turns.spent = slow ? mostSeconds : 0;
    }

    private static double seconds(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    private void turn(Turns turns) {
        if (turns.spent >= mostSeconds && !turns.seconds.isEmpty()) {
            return;
        }
        rest();
        if (turns.times > 1) {
            // the caches hold what the one before has used
            turns.run(Math.max(1, turns.times / 8));
        }
        turns.seconds.add(turns.run(turns.times));
    }

    private static void rest() {
        try {
            Thread.sleep(REST_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the measurement was interrupted", e);
        }
    }
}
