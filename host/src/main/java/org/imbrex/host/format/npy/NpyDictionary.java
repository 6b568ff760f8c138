package org.imbrex.host.format.npy;

import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.imbrex.host.format.FormatException;
import org.imbrex.host.format.file.Sizes;
import org.imbrex.host.format.file.StoredType;
import org.imbrex.kernels.type.Shape;

/**
 * Reads an NPY header's Python dictionary: the three keys, a string, a truth value and a tuple of integers, and nothing
 * else, so nothing of Python is ever run.
 */
final class NpyDictionary {
    private final Path file;
    private final String member;
    private final long start;
    private final String text;
    private int at;

    /** @param start the offset of the dictionary in the file */
    NpyDictionary(Path file, String member, long start, String text) {
        this.file = file;
        this.member = member;
        this.start = start;
        this.text = text;
    }

    NpyHeader header(int major, long bytes) {
        String descr = "";
        int fortran = -1;
        long[] extents = {-1};
        int keys = 0;
        expect('{');
        while (!next('}')) {
            String key = string();
            expect(':');
            switch (key) {
                case "descr" -> {
                    keys |= once(keys, 1, key);
                    descr = descr();
                }
                case "fortran_order" -> {
                    keys |= once(keys, 2, key);
                    fortran = truth();
                }
                case "shape" -> {
                    keys |= once(keys, 4, key);
                    extents = extents();
                }
                default -> throw wrong("the key '" + key + "'", "descr, fortran_order and shape");
            }
            if (!next(',')) {
                expect('}');
                break;
            }
        }
        blanks();
        if (at < text.length()) {
            throw wrong(found(), "the end of the header");
        }
        if (keys != 7) {
            throw wrong(
                    "a header without " + ((keys & 1) == 0 ? "descr" : (keys & 2) == 0 ? "fortran_order" : "shape"),
                    "descr, fortran_order and shape");
        }
        Shape shape = Sizes.shape(file, extents);
        ByteOrder order = descr.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        return new NpyHeader(major, stored(descr), order, fortran == 1, shape, bytes);
    }

    private int once(int keys, int key, String name) {
        if ((keys & key) != 0) {
            throw wrong("the key '" + name + "' twice", "it once");
        }
        return key;
    }

    private String descr() {
        blanks();
        if (at < text.length() && text.charAt(at) == '[') {
            throw refused("a structured dtype", "a plain one; save each field as an array of its own");
        }
        return string();
    }

    private StoredType stored(String descr) {
        boolean ordered = !descr.isEmpty() && "<>|=".indexOf(descr.charAt(0)) >= 0;
        String kind = ordered ? descr.substring(1) : descr;
        StoredType stored = switch (kind) {
            case "b1" -> StoredType.BOOL;
            case "i1" -> StoredType.I8;
            case "i2" -> StoredType.I16;
            case "i4" -> StoredType.I32;
            case "i8" -> StoredType.I64;
            case "u1" -> StoredType.U8;
            case "u2" -> StoredType.U16;
            case "u4" -> StoredType.U32;
            case "f2" -> StoredType.F16;
            case "f4" -> StoredType.F32;
            case "f8" -> StoredType.F64;
            default -> throw unread(descr, kind);
        };
        if (stored.bytes() > 1 && descr.charAt(0) != '<' && descr.charAt(0) != '>') {
            throw refused("the dtype '" + descr + "' without a byte order", "< or > before it");
        }
        return stored;
    }

    private FormatException unread(String descr, String kind) {
        String dtype = "the dtype '" + descr + "'";
        String plain = "bool, int8 to int64, uint8 to uint32, float16 to float64; ";
        return switch (kind.isEmpty() ? ' ' : kind.charAt(0)) {
            case 'O' ->
                refused(
                        "pickled Python objects",
                        "numbers: reading pickles runs code, so they are refused; save"
                                + " the array with a numeric dtype");
            case 'u' -> refused(dtype + " (uint64)", plain + "save it with .astype('int64') or .astype('float64')");
            case 'f', 'g' -> refused(dtype + " (extended precision)", plain + "save it with .astype('float64')");
            case 'c' -> refused(dtype + " (complex)", plain + "save .real and .imag as two arrays");
            case 'S', 'a', 'U' -> refused(dtype + " (text)", plain + "save the numbers with .astype('float64')");
            case 'M', 'm' -> refused(dtype + " (times)", plain + "save it with .astype('int64')");
            case 'V' -> refused(dtype + " (raw records)", plain + "save each field as an array of its own");
            default -> refused(dtype, plain + "save it as one of these");
        };
    }

    private String string() {
        blanks();
        char quote = at < text.length() ? text.charAt(at) : ' ';
        int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
        if (end < 0 || text.substring(at, end).indexOf('\\') >= 0) {
            throw wrong(found(), "a plain string");
        }
        String string = text.substring(at + 1, end);
        at = end + 1;
        return string;
    }

    private int truth() {
        blanks();
        for (String word : List.of("False", "True")) {
            if (text.startsWith(word, at)) {
                at += word.length();
                return word.equals("True") ? 1 : 0;
            }
        }
        throw wrong(found(), "True or False");
    }

    private long[] extents() {
        List<Long> extents = new ArrayList<>();
        expect('(');
        boolean comma = true;
        while (!next(')')) {
            if (!comma) {
                throw wrong(found(), "',' or ')'");
            }
            extents.add(extent());
            comma = next(',');
        }
        if (extents.size() == 1 && !comma) {
            throw wrong("a shape that is no tuple", "(" + extents.getFirst() + ",)");
        }
        if (extents.size() > Shape.MAX_RANK) {
            throw refused("an array of rank " + extents.size(), "at most " + Shape.MAX_RANK);
        }
        return extents.stream().mapToLong(Long::longValue).toArray();
    }

    private long extent() {
        blanks();
        int from = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == from) {
            throw wrong(found(), "an extent of 0 or more");
        }
        try {
            long extent = Long.parseLong(text, from, at, 10);
            // Python 2 wrote its long integers so.
            if (at < text.length() && text.charAt(at) == 'L') {
                at++;
            }
            return extent;
        } catch (NumberFormatException e) {
            throw refused("the extent " + text.substring(from, Math.min(at, from + 40)), "less than 2^63");
        }
    }

    private boolean next(char c) {
        blanks();
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char c) {
        if (!next(c)) {
            throw wrong(found(), "'" + c + "'");
        }
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n\f".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private String found() {
        if (at >= text.length()) {
            return "the end of the header";
        }
        StringBuilder found = new StringBuilder("'");
        for (char c : text.substring(at, Math.min(at + 16, text.length()))
                .stripTrailing()
                .toCharArray()) {
            found.append(c < ' ' || c > '~' ? '?' : c);
        }
        return found.append("'").toString();
    }

    private FormatException wrong(String found, String expected) {
        return FormatException.at(
                file, start + at, member + "found " + found + " in the NPY header, expected " + expected);
    }

    private FormatException refused(String found, String expected) {
        return FormatException.of(file, member + "found " + found + ", expected " + expected);
    }
}
