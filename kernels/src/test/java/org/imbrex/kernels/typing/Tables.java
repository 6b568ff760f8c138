package org.imbrex.kernels.typing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;

/** Tables of cases as text, and types as text: {@code f32(2, 3)}. */
final class Tables {
    private Tables() {}

    /** The rows of a table beside this class, cut at tabs or spaces; lines that start with # say what it is. */
    static List<String[]> rows(String name, String separator) {
        try (InputStream in = Tables.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(separator))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Shape shape(String text) {
        String list = text.replaceAll("[() ]", "");
        long[] extents = list.isEmpty()
                ? new long[0]
                : java.util.Arrays.stream(list.split(","))
                        .mapToLong(Long::parseLong)
                        .toArray();
        return new Shape(extents);
    }

    static ArrayType type(String text) {
        int open = text.indexOf('(');
        return new ArrayType(DType.named(text.substring(0, open)).orElseThrow(), shape(text.substring(open)));
    }

    /** {@code x=f32(2, 3); y=bool()}. */
    static Map<String, ArrayType> inputs(String text) {
        Map<String, ArrayType> inputs = new LinkedHashMap<>();
        for (String part : text.isBlank() ? new String[0] : text.split("; ")) {
            String[] pair = part.split("=");
            inputs.put(pair[0].strip(), type(pair[1].strip()));
        }
        return inputs;
    }

    static Node check(String expr, String inputs) {
        return Typing.check(Parser.parse(expr), inputs(inputs));
    }
}
