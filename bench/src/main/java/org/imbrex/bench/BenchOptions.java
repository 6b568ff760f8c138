package org.imbrex.bench;

import java.util.List;

/**
 * What to measure.
 *
 * @param works names, or beginnings of names that end in {@code *}; empty for all
 * @param devices ids; empty for all but the reference
 * @param threads the most threads
 * @param quick whether to be done in a fraction of the time, by fewer turns
 * @param scale of the arrays' elements; 1 but for tests
 */
record BenchOptions(List<String> works, List<String> devices, int threads, boolean quick, double scale) {

    boolean wants(String work) {
        return works.isEmpty()
                || works.stream().anyMatch(name -> name.endsWith("*")
                        ? work.startsWith(name.substring(0, name.length() - 1))
                        : work.equals(name));
    }

    int rounds() {
        return quick ? 4 : 11;
    }

    double warmSeconds() {
        return scale < 1 ? 0.05 : quick ? 0.25 : 1.5;
    }

    /** What one entrant may take for its turns. */
    double mostSeconds() {
        return quick ? 0.6 : 10;
    }
}
