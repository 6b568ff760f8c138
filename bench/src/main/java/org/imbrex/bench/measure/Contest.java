package org.imbrex.bench.measure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Rounds in which each entrant runs in turn, after all have warmed up. Short runs are repeated within a turn until it is
 * long enough for the clock; an entrant that is slow as such has fewer turns. A contest has so much time: warm-ups and
 * rounds are cut to it, and guests for whom none is left stay out, which its result tells.
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
    /** What a JIT needs to warm up beside one run of what is compiled already. */
    private static final double COMPILED_WEIGHT = 4;
    /** Of a contest's time, what first runs and warm-ups may take before the rounds begin. */
    private static final double WARM_SHARE = 0.65;
    /** The same for guests that need no warm-up. */
    private static final double LAST_SHARE = 0.9;

    /** Rounds that are had even without time where they are short: one turn alone may be another process's. */
    private static final int LEAST_ROUNDS = 3;

    private static final double CHEAP_SECONDS = 0.3;

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

    /**
     * Who runs.
     *
     * @param compiled whether it runs on the JVM, which compiles it as it goes
     * @param guest whether it stays out where there is no time for it
     */
    public record Entrant(String name, boolean compiled, boolean guest, Trial trial) {

        /** One that runs whatever time there is. */
        public Entrant(String name, boolean compiled, Trial trial) {
            this(name, compiled, false, trial);
        }
    }

    /**
     * What a contest gave.
     *
     * @param spreads by name, in the order given, without those that failed or stayed out
     * @param cut what there was no time for
     */
    public record Result(Map<String, Spread> spreads, Cut cut) {}

    private static final class Turns {
        private final Entrant entrant;
        private final List<Double> seconds = new ArrayList<>();
        private int times = 1;
        private double spent;
        private boolean warmedUp;

        private Turns(Entrant entrant) {
            this.entrant = entrant;
        }

        private double run(int count) {
            double seconds = entrant.trial().seconds(count);
            spent += seconds;
            return seconds / count;
        }

        /** About what its next turn takes, its rest and the run before it with it. */
        private double nextSeconds() {
            return REST_MILLIS / 1e3 + (seconds.isEmpty() ? 0 : seconds.getLast() * times * (times > 1 ? 1.125 : 1));
        }
    }

    /**
     * Runs all of them, however long it takes.
     *
     * @param failed takes the name of who fails and why; the others go on
     * @return by name, in the order given, without those that failed
     */
    public Map<String, Spread> run(List<Entrant> entrants, BiConsumer<String, RuntimeException> failed) {
        return run(entrants, Double.POSITIVE_INFINITY, failed).spreads();
    }

    /**
     * Runs all of them.
     *
     * @param allowed the seconds that it should take; only those who are no guests and slow make it longer
     * @param failed takes the name of who fails and why; the others go on
     */
    public Result run(List<Entrant> entrants, double allowed, BiConsumer<String, RuntimeException> failed) {
        long began = System.nanoTime();
        List<Turns> all = new ArrayList<>();
        List<String> out = new ArrayList<>();
        for (int k = 0; k < entrants.size(); k++) {
            Entrant entrant = entrants.get(k);
            Turns turns = new Turns(entrant);
            double left = WARM_SHARE * allowed - seconds(began);
            // a run or two of what is compiled already is cheap
            boolean late = entrant.compiled() ? left <= 0 : seconds(began) > LAST_SHARE * allowed;
            if (late && entrant.guest()) {
                out.add(entrant.name());
                continue;
            }
            all.add(turns);
            double others = entrants.subList(k, entrants.size()).stream().mapToDouble(Contest::warmWeight).sum();
            double its = left == Double.POSITIVE_INFINITY ? left : Math.max(0, left * warmWeight(entrant) / others);
            orLeaves(all, turns, () -> warmUp(turns, its), failed);
        }
        // once more: what the compiler still had to do when the first warm-up ended is done by now
        for (Turns turns : List.copyOf(all)) {
            double left = WARM_SHARE * allowed - seconds(began);
            if (turns.entrant.compiled() && turns.spent < mostSeconds && left > 0) {
                orLeaves(all, turns, () -> warm(turns, Math.min(warmSeconds / 3, left / MOST_WARM), left), failed);
            }
        }
        int played = 0;
        while (played < rounds) {
            double next = all.stream().filter(this::plays).mapToDouble(Turns::nextSeconds).sum();
            boolean cheap = played < LEAST_ROUNDS && next < CHEAP_SECONDS;
            if (played > 0 && !cheap && seconds(began) + next > allowed) {
                break;
            }
            for (Turns turns : List.copyOf(all)) {
                orLeaves(all, turns, () -> turn(turns), failed);
            }
            played++;
        }
        Map<String, Spread> spreads = new LinkedHashMap<>();
        all.forEach(turns -> spreads.put(
                turns.entrant.name(),
                Spread.of(turns.seconds.stream().mapToDouble(Double::doubleValue).toArray())));
        return new Result(spreads, cut(played, all, out));
    }

    private static double warmWeight(Entrant entrant) {
        return entrant.compiled() ? COMPILED_WEIGHT : 1;
    }

    private Cut cut(int played, List<Turns> all, List<String> out) {
        List<String> cold = all.stream()
                .filter(turns -> turns.entrant.compiled() && !turns.warmedUp)
                .map(turns -> turns.entrant.name())
                .toList();
        return new Cut("", played, rounds, cold, out);
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

    /** The first run, and all that makes the next ones faster. */
    private void warmUp(Turns turns, double its) {
        long began = System.nanoTime();
        double first = turns.run(1);
        boolean guest = turns.entrant.guest();
        if (its > 0 || !guest) {
            turns.entrant.trial().settle();
        }
        double left = its - seconds(began);
        if (left <= 0 && guest && first > its / 2) {
            // no time for more: what the first run took is what there is to tell, unless most of it may not have been the work
            boolean tells = turns.entrant.trial().firstTells() || first > mostSeconds;
            turns.seconds.add(tells ? first : turns.run(1));
            turns.spent = mostSeconds;
            return;
        }
        turns.warmedUp = left >= warmSeconds;
        warm(turns, Math.min(warmSeconds, Math.max(0, left)), Math.max(0, left));
    }

    /** Until it has run for a while and gets no faster: a JIT needs its time, and more of it on a busy machine. */
    private void warm(Turns turns, double seconds, double allowed) {
        boolean compiled = turns.entrant.compiled();
        double least = compiled ? seconds : seconds / 8;
        double most = Math.min(allowed, compiled ? MOST_WARM * seconds : least);
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

    private boolean plays(Turns turns) {
        return turns.spent < mostSeconds || turns.seconds.isEmpty();
    }

    private void turn(Turns turns) {
        if (!plays(turns)) {
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
