package org.imbrex.host.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A size in bytes as {@code 512m}, {@code 2g}, {@code 1.5g}, {@code 4096}: powers of 1024. */
record ByteSize(long bytes) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,18}(?:\\.\\d{1,6})?)([kmgt]?)(?:i?b)?");

    static ByteSize parse(String text) {
        Matcher matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new TypeConversionException("found '" + text + "', expected a size such as 512m or 2g");
        }
        double bytes = Double.parseDouble(matcher.group(1));
        for (int i = "kmgt".indexOf(matcher.group(2)); i >= 0 && !matcher.group(2).isEmpty(); i--) {
            bytes *= 1024;
        }
        if (bytes < 1 || bytes >= 0x1p62) {
            throw new TypeConversionException("found '" + text + "', expected a size from 1 byte to 2^62 bytes");
        }
        return new ByteSize((long) bytes);
    }

    /** The size for people: three digits at most. */
    static String text(long bytes) {
        String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1000 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0
                ? bytes + " B"
                : String.format(Locale.ROOT, value < 10 ? "%.2f %s" : value < 100 ? "%.1f %s" : "%.0f %s", value, units[unit]);
    }

    static final class Converter implements ITypeConverter<ByteSize> {
        @Override
        public ByteSize convert(String text) {
            return parse(text);
        }
    }
}
