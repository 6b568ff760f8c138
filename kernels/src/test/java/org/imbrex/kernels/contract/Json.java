package org.imbrex.kernels.contract;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the JSON of the golden cases: objects as maps, arrays as lists, numbers as doubles. */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    static Object read(String text) {
        return new Json(text).value();
    }

    private Object value() {
        return switch (peek()) {
            case '{' -> {
                Map<String, Object> object = new LinkedHashMap<>();
                for (at++; peek() != '}'; comma()) {
                    String name = string();
                    expect(':');
                    object.put(name, value());
                }
                at++;
                yield object;
            }
            case '[' -> {
                List<Object> array = new ArrayList<>();
                for (at++; peek() != ']'; comma()) {
                    array.add(value());
                }
                at++;
                yield array;
            }
            case '"' -> string();
            default -> word();
        };
    }

    private void comma() {
        if (peek() == ',') {
            at++;
        }
    }

    private String string() {
        expect('"');
        StringBuilder string = new StringBuilder();
        while (text.charAt(at) != '"') {
            char c = text.charAt(at++);
            if (c == '\\') {
                c = text.charAt(at++);
                if (c == 'u') {
                    c = (char) Integer.parseInt(text, at, at + 4, 16);
                    at += 4;
                } else if (c != '"' && c != '\\' && c != '/') {
                    throw new IllegalArgumentException("found the escape \\" + c);
                }
            }
            string.append(c);
        }
        at++;
        return string.toString();
    }

    private Object word() {
        int from = at;
        while (at < text.length() && ",]}".indexOf(text.charAt(at)) < 0 && !Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        String word = text.substring(from, at);
        return switch (word) {
            case "true" -> true;
            case "false" -> false;
            default -> Double.valueOf(word);
        };
    }

    private char peek() {
        while (Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return text.charAt(at);
    }

    private void expect(char c) {
        if (peek() != c) {
            throw new IllegalArgumentException("found " + text.charAt(at) + " at " + at + ", expected " + c);
        }
        at++;
    }
}
