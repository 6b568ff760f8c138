package org.imbrex.host.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code NAME=FILE[:VAR]}. */
record InputArgument(String name, FileArgument file) {

    static InputArgument parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 1 || !text.substring(0, equals).matches("[A-Za-z_][A-Za-z_0-9]*")) {
            throw new TypeConversionException("found '" + text + "', expected NAME=FILE or NAME=FILE:VARIABLE");
        }
        return new InputArgument(text.substring(0, equals), FileArgument.parse(text.substring(equals + 1)));
    }

    /** {@code FILE[:VAR]}: the longest beginning that is a file, so that a colon may stand in its name. */
    record FileArgument(Path path, Optional<String> variable) {

        static FileArgument parse(String text) {
            try {
                int colon = text.lastIndexOf(':');
                if (text.isEmpty()) {
                    throw new TypeConversionException("found no file name");
                }
                if (colon < 1 || Files.exists(Path.of(text))) {
                    return new FileArgument(Path.of(text), Optional.empty());
                }
                return new FileArgument(Path.of(text.substring(0, colon)), Optional.of(text.substring(colon + 1)));
            } catch (InvalidPathException e) {
                throw new TypeConversionException("found '" + text + "', which is no file name: " + e.getReason());
            }
        }

        @Override
        public String toString() {
            return path + variable.map(v -> ":" + v).orElse("");
        }

        static final class Converter implements ITypeConverter<FileArgument> {
            @Override
            public FileArgument convert(String text) {
                return parse(text);
            }
        }
    }

    static final class Converter implements ITypeConverter<InputArgument> {
        @Override
        public InputArgument convert(String text) {
            return parse(text);
        }
    }
}
