package org.imbrex.bench.measure;

import java.util.ArrayList;
import java.util.List;

/**
 * What a part of a run had no time for.
 *
 * @param part the work, and the number of threads where it is not the usual one
 * @param turns that were had {@code of} those meant
 * @param cold who warmed up for a shorter time
 * @param out who did not run at all
 */
public record Cut(String part, int turns, int of, List<String> cold, List<String> out) {

    public boolean isNothing() {
        return turns >= of && cold.isEmpty() && out.isEmpty();
    }

    /** The same with others who did not run. */
    public Cut with(String named, List<String> alsoOut) {
        List<String> all = new ArrayList<>(out);
        all.addAll(alsoOut);
        return new Cut(named, turns, of, cold, all);
    }

    /** In words; empty where nothing was cut. */
    public String text() {
        List<String> words = new ArrayList<>();
        if (turns < of) {
            words.add(turns + " of " + of + " turns");
        }
        if (!cold.isEmpty()) {
            words.add("a shorter warm-up of " + String.join(", ", cold));
        }
        if (!out.isEmpty()) {
            words.add("no time for " + String.join(", ", out));
        }
        return String.join("; ", words);
    }
}
