package org.imbrex.host.coordinator;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.Limits;
import org.imbrex.host.node.wire.Programs;
import org.imbrex.host.node.wire.WireException;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.type.ArrayType;

/**
 * What a job computes.
 *
 * @param label the expression as its user wrote it, for people
 * @param inputs one for each of the program's inputs
 * @param tile as {@code --tile}; empty to choose
 * @param verify as {@code --verify}
 * @param out where the result goes in the coordinator's store; empty where the client fetches it
 */
record JobSpec(
        String label, Program program, List<Input> inputs, Optional<long[]> tile, double verify, Optional<String> out) {
    static final int DIGEST = 32;
    private static final Pattern NAME = Pattern.compile("[0-9a-f]{32}");

    /** What an input holds: its flat elements in native order. */
    record Input(String digest, long bytes) {}

    /** The same whatever the label: equal work has one name, so it is done once. */
    String name() {
        return hex(sha256().digest(plan()), 16);
    }

    ArrayType type() {
        Program.Buffer result = program.buffers().get(program.results().getFirst());
        return new ArrayType(result.dtype(), result.shape());
    }

    /** A job's name, from outside. */
    static String checkName(String name) throws WireException {
        if (!NAME.matcher(name).matches()) {
            throw new WireException("found the job's name '" + name + "', expected 32 hexadecimal digits");
        }
        return name;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    static String hex(byte[] digest, int bytes) {
        return HexFormat.of().formatHex(Arrays.copyOf(digest, bytes));
    }

    byte[] encode() {
        return new Encoder().text(label).bytes(plan()).finished();
    }

    private byte[] plan() {
        byte[] plan = Programs.encode(program);
        return new Encoder()
                .i32(plan.length)
                .bytes(plan)
                .list(inputs, (e, input) -> e.bytes(HexFormat.of().parseHex(input.digest())).i64(input.bytes()))
                .longs(tile.orElse(new long[0]))
                .i64(Double.doubleToRawLongBits(verify))
                .text(out.orElse(""))
                .finished();
    }

    /** @throws WireException where it is none, or its parts do not fit each other */
    static JobSpec decode(byte[] message) throws WireException {
        Decoder from = new Decoder(message);
        String label = from.text();
        int length = from.i32();
        if (length < 0 || length > Limits.FIELDS) {
            throw new WireException("found a program of " + length + " bytes, expected at most " + Limits.FIELDS);
        }
        Program program = Programs.decode(from.bytes(length));
        List<Input> inputs = from.list(program.inputs().size(), d -> new Input(hex(d.bytes(DIGEST), DIGEST), d.i64()));
        long[] tile = from.longs(32);
        double verify = Double.longBitsToDouble(from.i64());
        String out = from.text();
        from.end();
        if (program.results().size() != 1 || program.stages().isEmpty()) {
            throw new WireException("found a job with " + program.results().size() + " results and "
                    + program.stages().size() + " stages, expected one result and something to compute");
        }
        if (inputs.size() != program.inputs().size()) {
            throw new WireException("found " + inputs.size() + " inputs, expected " + program.inputs().size());
        }
        for (int k = 0; k < inputs.size(); k++) {
            if (inputs.get(k).bytes() != program.buffers().get(k).bytes()) {
                throw new WireException("found an input of " + inputs.get(k).bytes() + " bytes, expected "
                        + program.buffers().get(k).bytes());
            }
        }
        if (Arrays.stream(tile).anyMatch(extent -> extent < 1) || !(verify >= 0 && verify <= 1)) {
            throw new WireException("found a tile without extent, or a share to verify outside of 0 to 1");
        }
        return new JobSpec(
                label,
                program,
                inputs,
                tile.length == 0 ? Optional.empty() : Optional.of(tile),
                verify,
                out.isEmpty() ? Optional.empty() : Optional.of(out));
    }
}
