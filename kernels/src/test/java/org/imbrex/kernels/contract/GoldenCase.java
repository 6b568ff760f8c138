package org.imbrex.kernels.contract;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Node;
import org.imbrex.kernels.typing.Typing;

/**
 * An expression with its inputs and what NumPy says it is, read from {@code golden/cases.json}; see the README beside
 * it.
 *
 * @param bound the absolute error allowed in each element; empty asks for equal values
 * @param signedZero whether the sign of zero matters
 */
public record GoldenCase(
        String id, String expr, Map<String, Values> inputs, Values expected, Optional<Values> bound, boolean signedZero) {

    /** All cases, in the file's order. */
    public static List<GoldenCase> all() {
        List<GoldenCase> cases = new ArrayList<>();
        Map<String, Values> files = new LinkedHashMap<>();
        String json = new String(resource("cases.json"), StandardCharsets.UTF_8);
        for (Object object : (List<?>) Json.read(json)) {
            Map<?, ?> fields = (Map<?, ?>) object;
            Map<String, Values> inputs = new LinkedHashMap<>();
            ((Map<?, ?>) fields.get("inputs"))
                    .forEach((name, file) -> inputs.put((String) name, array(file, files)));
            cases.add(new GoldenCase(
                    (String) fields.get("id"),
                    (String) fields.get("expr"),
                    inputs,
                    expected(fields, files),
                    Optional.ofNullable(fields.get("bound")).map(file -> array(file, files)),
                    Boolean.TRUE.equals(fields.get("signed_zero"))));
        }
        return cases;
    }

    /** The expected array, which has the dtype and the shape that the case asks for, too. */
    private static Values expected(Map<?, ?> fields, Map<String, Values> files) {
        Values expected = array(fields.get("expected"), files);
        long[] extents = ((List<?>) fields.get("shape"))
                .stream().mapToLong(extent -> ((Double) extent).longValue()).toArray();
        DType dtype = switch ((String) fields.get("dtype")) {
            case "bool" -> DType.BOOL;
            case "int8" -> DType.I8;
            case "int16" -> DType.I16;
            case "int32" -> DType.I32;
            case "int64" -> DType.I64;
            case "uint8" -> DType.U8;
            case "float32" -> DType.F32;
            case "float64" -> DType.F64;
            default -> throw new IllegalArgumentException("found the dtype " + fields.get("dtype"));
        };
        if (!expected.type().equals(new ArrayType(dtype, new Shape(extents)))) {
            throw new IllegalArgumentException("found " + expected.type() + " in " + fields);
        }
        return expected;
    }

    private static Values array(Object file, Map<String, Values> files) {
        return files.computeIfAbsent((String) file, name -> Npy.read(resource("arrays/" + name)));
    }

    private static byte[] resource(String name) {
        try (InputStream in = GoldenCase.class.getResourceAsStream("/golden/" + name)) {
            if (in == null) {
                throw new IllegalStateException("there is no resource golden/" + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The case's program over C-contiguous inputs. */
    public Program program() {
        Map<String, ArrayType> types = new LinkedHashMap<>();
        Map<String, Program.Buffer> buffers = new LinkedHashMap<>();
        inputs.forEach((name, values) -> {
            ArrayType type = values.type();
            types.put(name, type);
            buffers.put(name, new Program.Buffer(type.dtype(), type.shape(), type.shape().strides()));
        });
        Node node = Typing.check(Parser.parse(expr), types);
        return Fuser.fuse(List.of(node), buffers);
    }

    /** Runs the case by a host lowering and checks what it gives. */
    public void check(Function<Stage, ? extends HostKernel> lowering) {
        check(ProgramRunner.run(program(), inputs, lowering).getFirst());
    }

    /** Fails where {@code found} is not the expected array. */
    public void check(Values found) {
        if (!found.type().equals(expected.type())) {
            throw new AssertionError(this + ": expected " + expected.type() + ", found " + found.type());
        }
        for (int i = 0; i < expected.bits().length; i++) {
            if (!accepts(i, found.bits()[i])) {
                DType dtype = expected.type().dtype();
                throw new AssertionError(this + ": at element " + i + " expected "
                        + Values.real(dtype, expected.bits()[i]) + (bound.isPresent() ? " within " + bound(i) : "")
                        + ", found " + Values.real(dtype, found.bits()[i]));
            }
        }
    }

    private double bound(int i) {
        return bound.map(values -> Values.real(DType.F64, values.bits()[i])).orElse(0d);
    }

    private boolean accepts(int i, long found) {
        DType dtype = expected.type().dtype();
        long wanted = expected.bits()[i];
        if (Values.isSame(dtype, wanted, found)) {
            return true;
        }
        if (!dtype.isFloat()) {
            return bound.isPresent() && Math.abs((double) (found - wanted)) <= bound(i);
        }
        double a = Values.real(dtype, wanted);
        double b = Values.real(dtype, found);
        if (a == b) {
            return !signedZero;
        }
        return Double.isFinite(a) && Double.isFinite(b) && Math.abs(a - b) <= bound(i);
    }

    @Override
    public String toString() {
        return id + ": " + expr;
    }
}
