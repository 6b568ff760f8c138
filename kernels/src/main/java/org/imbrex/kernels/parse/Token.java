package org.imbrex.kernels.parse;

/**
 * A piece of an expression's text.
 *
 * @param at its first character's position
 */
record Token(Kind kind, String text, int at) {
    enum Kind {
        NAME,
        INTEGER,
        REAL,
        STRING,
        SYMBOL,
        END
    }

    boolean is(String symbol) {
        return kind == Kind.SYMBOL && text.equals(symbol);
    }

    String told() {
        if (kind == Kind.END) {
            return "the end";
        }
        String shown = text.length() > 40 ? text.substring(0, 40) + "…" : text;
        return "'" + shown.replaceAll("\\p{Cntrl}", "?") + "'";
    }
}
