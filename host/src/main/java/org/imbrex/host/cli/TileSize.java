package org.imbrex.host.cli;

import java.util.Arrays;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A tile's extents over the leading axes, as {@code 256x256}. */
record TileSize(long... extents) {

    static TileSize parse(String text) {
        if (!text.matches("[0-9]{1,18}(x[0-9]{1,18}){0,15}")) {
            throw new TypeConversionException("found '" + text + "', expected extents such as 256x256");
        }
        long[] extents = Arrays.stream(text.split("x")).mapToLong(Long::parseLong).toArray();
        for (long extent : extents) {
            if (extent < 1) {
                throw new TypeConversionException("found the extent " + extent + " in '" + text + "', expected 1 or more");
            }
        }
        return new TileSize(extents);
    }

    static final class Converter implements ITypeConverter<TileSize> {
        @Override
        public TileSize convert(String text) {
            return parse(text);
        }
    }
}
