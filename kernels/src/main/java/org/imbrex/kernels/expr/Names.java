package org.imbrex.kernels.expr;

import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/** Names in expressions: which may be an input's, and which is nearest to one that is unknown. */
public final class Names {
    /** Words that stand for a value or nothing wherever a name may stand. */
    public static final Set<String> RESERVED = Set.of("true", "True", "false", "False", "nan", "inf", "None");

    /** The longest name of an input. */
    public static final int MOST_CHARACTERS = 200;

    /** A name with more changes is another one. */
    private static final int MOST_CHANGES = 2;

    private Names() {}

    static void check(String name) {
        if (!isName(name)) {
            String shown = name.length() > 40 ? name.substring(0, 40) + "…" : name;
            throw new ExprException("found the input name '" + shown.replaceAll("\\p{Cntrl}", "?")
                    + "', expected at most " + MOST_CHARACTERS + " letters A to Z, digits and '_', no digit first");
        }
        if (RESERVED.contains(name)) {
            throw new ExprException("found the input name '" + name + "', expected another: it is a constant");
        }
    }

    private static boolean isName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
            if (!letter && !(i > 0 && c >= '0' && c <= '9')) {
                return false;
            }
        }
        return !name.isEmpty() && name.length() <= MOST_CHARACTERS;
    }

    /** The candidate with the fewest characters changed, of at most two, and fewer than the name has. */
    public static Optional<String> nearest(String name, Collection<String> candidates) {
        Optional<String> best = Optional.empty();
        int least = Math.min(MOST_CHANGES + 1, name.length());
        for (String candidate : candidates) {
            int distance = Math.abs(name.length() - candidate.length()) > MOST_CHANGES
                    ? Integer.MAX_VALUE
                    : distance(name, candidate);
            if (distance < least) {
                least = distance;
                best = Optional.of(candidate);
            }
        }
        return best;
    }

    /** Insertions, deletions, changes and swaps of neighbours (optimal string alignment). */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            d[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            d[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + change);
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
