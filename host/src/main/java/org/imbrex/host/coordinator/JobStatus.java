package org.imbrex.host.coordinator;

import java.util.List;
import java.util.Optional;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.WireException;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.type.ShapeException;
import org.imbrex.runtime.schedule.Summary;

/**
 * How far a job is.
 *
 * @param name by which its coordinator knows it
 * @param label the expression as it was written
 * @param done finished tiles of {@code total}
 * @param found how many of them were there when the coordinator's process began
 * @param message why it waits or has failed
 * @param missing inputs that the coordinator does not have whole
 * @param out where the result is in the coordinator's store; empty where it is to be fetched
 * @param summary once it is done
 */
public record JobStatus(
        String name,
        String label,
        State state,
        long done,
        long total,
        long found,
        String message,
        List<Missing> missing,
        ArrayType type,
        Optional<String> out,
        Optional<Summary> summary) {
    private static final int INPUTS = 4096;

    /** Where a job stands. */
    public enum State {
        /** Inputs are missing. */
        INCOMPLETE,
        /** Others are before it, or no node is there. */
        WAITING,
        RUNNING,
        DONE,
        /** Submitted again, it goes on with what is missing. */
        FAILED
    }

    /** @param have how many of its bytes are there */
    record Missing(int input, long have) {}

    byte[] encode() {
        Encoder to = new Encoder()
                .text(name)
                .text(label)
                .choice(state)
                .i64(done)
                .i64(total)
                .i64(found)
                .text(message)
                .list(missing, (e, one) -> e.u16(one.input()).i64(one.have()))
                .choice(type.dtype())
                .longs(type.shape().extents())
                .text(out.orElse(""))
                .u8(summary.isPresent() ? 1 : 0);
        summary.ifPresent(s -> Summaries.encode(to, s));
        return to.finished();
    }

    static JobStatus decode(byte[] message) throws WireException {
        Decoder from = new Decoder(message);
        String name = JobSpec.checkName(from.text());
        String label = from.text();
        State state = from.choice(State.values());
        long done = from.i64();
        long total = from.i64();
        long found = from.i64();
        String why = from.text();
        List<Missing> missing = from.list(INPUTS, d -> new Missing(d.u16(), d.i64()));
        DType dtype = from.choice(DType.values());
        ArrayType type;
        try {
            type = new ArrayType(dtype, new Shape(from.longs(Shape.MAX_RANK)));
        } catch (ShapeException e) {
            throw new WireException(e.getMessage());
        }
        if (type.shape().elements() > Long.MAX_VALUE / dtype.bytes()) {
            throw new WireException("found a result of more than 2^63 bytes");
        }
        String out = from.text();
        Optional<Summary> summary = from.u8() == 0 ? Optional.empty() : Optional.of(Summaries.decode(from));
        from.end();
        if (state == State.DONE && summary.isEmpty()) {
            throw new WireException("found a job that is done without its summary");
        }
        return new JobStatus(
                name,
                label,
                state,
                done,
                total,
                found,
                why,
                missing,
                type,
                out.isEmpty() ? Optional.empty() : Optional.of(out),
                summary);
    }
}
