package org.imbrex.host.cli;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.format.ArrayName;
import org.imbrex.host.format.ReadOptions;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options that say what the names in an expression stand for. */
final class InputArguments {

    @Option(
            names = "--in",
            paramLabel = "NAME=FILE[:VAR]",
            description = "What a name stands for: an array file (.npy .npz .csv .nc), or one variable of it.")
    private List<String> inputs = List.of();

    @Option(names = "--dtype", paramLabel = "f32", description = "The dtype of raw input files.")
    private Optional<String> dtype;

    @Option(names = "--shape", paramLabel = "100,200", description = "The shape of raw input files.")
    private Optional<String> shape;

    @Option(names = "--offset", paramLabel = "BYTES", description = "Where the elements of raw input files begin.")
    private Optional<Long> offset;

    @Option(names = "--order", paramLabel = "little|big", description = "The byte order of raw input files.")
    private Optional<String> order;

    /** Opens the inputs, each once. */
    Map<String, Array> open(Engine engine, CommandLine line) throws IOException {
        ReadOptions options = readOptions(line);
        Map<String, Array> arrays = new LinkedHashMap<>();
        for (String input : inputs) {
            int equals = input.indexOf('=');
            if (equals < 1 || !input.substring(0, equals).matches("[A-Za-z_][A-Za-z_0-9]*")) {
                throw new ParameterException(
                        line, "found --in '" + input + "', expected NAME=FILE or NAME=FILE:VARIABLE");
            }
            String name = input.substring(0, equals);
            ArrayName file = ArrayName.parse(input.substring(equals + 1));
            if (arrays.containsKey(name)) {
                throw new ParameterException(line, "found --in " + name + "=… twice, expected each name once");
            }
            arrays.put(name, engine.read(file.file(), file.variable(), options));
        }
        return arrays;
    }

    ReadOptions readOptions(CommandLine line) {
        return raw(line, dtype, shape, offset, order);
    }

    static ReadOptions raw(
            CommandLine line,
            Optional<String> dtype,
            Optional<String> shape,
            Optional<Long> offset,
            Optional<String> order) {
        if (dtype.isEmpty() && shape.isEmpty()) {
            if (offset.isPresent() || order.isPresent()) {
                throw new ParameterException(line, "found --offset or --order, expected --dtype and --shape with them");
            }
            return ReadOptions.DEFAULT;
        }
        if (dtype.isEmpty() || shape.isEmpty()) {
            throw new ParameterException(line, "found one of --dtype and --shape, expected both, for raw files");
        }
        DType type = DType.named(dtype.get())
                .orElseThrow(() -> new ParameterException(line, "found --dtype " + dtype.get() + ", expected one of "
                        + Arrays.toString(DType.values())));
        if (!shape.get().matches("[0-9]{1,18}([,x][0-9]{1,18})*")) {
            throw new ParameterException(line, "found --shape " + shape.get() + ", expected extents such as 100,200");
        }
        Shape extents = new Shape(
                Arrays.stream(shape.get().split("[,x]")).mapToLong(Long::parseLong).toArray());
        ByteOrder bytes = switch (order.orElse("little")) {
            case "little" -> ByteOrder.LITTLE_ENDIAN;
            case "big" -> ByteOrder.BIG_ENDIAN;
            default -> throw new ParameterException(line, "found --order " + order.get() + ", expected little or big");
        };
        return ReadOptions.raw(new ArrayType(type, extents), offset.orElse(0L), bytes);
    }

    /** A name for a file that does not name one. */
    static Path file(String text) {
        return ArrayName.parse(text).file();
    }
}
