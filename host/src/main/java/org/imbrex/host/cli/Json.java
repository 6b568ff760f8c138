package org.imbrex.host.cli;

import java.util.List;
import java.util.Map;

/** Maps, lists, strings, numbers and truths as JSON (RFC 8259), indented by two blanks. */
public final class Json {
    private final StringBuilder text = new StringBuilder();

    private Json() {}

    public static String of(Object value) {
        Json json = new Json();
        json.write(value, 0);
        return json.text.toString();
    }

    private void write(Object value, int depth) {
        switch (value) {
            case null -> text.append("null");
            case Map<?, ?> map -> {
                String between = "";
                text.append('{');
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    text.append(between);
                    line(depth + 1);
                    string(entry.getKey().toString());
                    text.append(": ");
                    write(entry.getValue(), depth + 1);
                    between = ",";
                }
                end(map.isEmpty(), depth, '}');
            }
            case List<?> list -> {
                String between = "";
                text.append('[');
                for (Object item : list) {
                    text.append(between);
                    line(depth + 1);
                    write(item, depth + 1);
                    between = ",";
                }
                end(list.isEmpty(), depth, ']');
            }
            case Double number when Double.isNaN(number) || Double.isInfinite(number) -> text.append("null");
            case Number number -> text.append(number);
            case Boolean truth -> text.append(truth);
            default -> string(value.toString());
        }
    }

    private void end(boolean empty, int depth, char bracket) {
        if (!empty) {
            line(depth);
        }
        text.append(bracket);
    }

    private void line(int depth) {
        text.append('\n').repeat("  ", depth);
    }

    private void string(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\t' -> text.append("\\t");
                default -> text.append(c < 0x20 ? String.format("\\u%04x", (int) c) : String.valueOf(c));
            }
        }
        text.append('"');
    }
}
