package org.imbrex.host.node;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.host.node.wire.WireException;

/** A connection to a coordinator: one question, then its answer. */
public final class Dialogue implements AutoCloseable {
    private final Wire wire;
    private final Surroundings.Task pulse;

    private Dialogue(Wire wire, FleetOptions options) {
        this.wire = wire;
        this.pulse = Pulse.watch(Surroundings.SYSTEM, wire, options.timeout(), why -> wire.close());
    }

    /** Connects and greets; a peer that does not answer within the timeout, then or later, is lost. */
    public static Dialogue open(InetSocketAddress address, FleetOptions options) throws IOException {
        Surroundings.Met met = Surroundings.SYSTEM.meet(address, Surroundings.Caller.client(options));
        if (met.header().type() != FrameType.WELCOME || !met.peer().takesJobs()) {
            met.peer().wire().close();
            met.mustNotRefuse();
            throw new NodeException(FleetOptions.name(address)
                    + " is a node, which takes no jobs; name nodes with --on, and a coordinator (imbrex node"
                    + " --coordinator) with --coordinator");
        }
        return new Dialogue(met.peer().wire(), options);
    }

    /** With a coordinator that has greeted. */
    public static Dialogue over(Wire wire, FleetOptions options) {
        return new Dialogue(wire, options);
    }

    /**
     * Asks.
     *
     * @return the fields of the answer, which has the expected type
     * @throws NodeException where the answer is a fault; IOException where the connection is lost
     */
    public byte[] ask(FrameType type, byte[] fields, MemorySegment elements, FrameType expected) throws IOException {
        wire.send(type, 0, fields, elements.byteSize(), to -> to.put(elements));
        Wire.Header header = answer(expected);
        if (header.data() > 0) {
            throw new WireException("found elements in " + header.type());
        }
        return wire.fields(header);
    }

    public byte[] ask(FrameType type, byte[] fields, FrameType expected) throws IOException {
        return ask(type, fields, MemorySegment.NULL, expected);
    }

    /** Asks for elements, which fill {@code into}. */
    public void fetch(FrameType type, byte[] fields, MemorySegment into) throws IOException {
        wire.send(type, 0, fields);
        Wire.Header header = answer(FrameType.ELEMENTS);
        if (header.data() != into.byteSize()) {
            throw new WireException("found " + header.data() + " bytes of elements, expected " + into.byteSize());
        }
        wire.fields(header);
        if (into.byteSize() > 0) {
            wire.take(into);
            wire.endOfData();
        }
    }

    private Wire.Header answer(FrameType expected) throws IOException {
        while (true) {
            Wire.Header header = wire.receive();
            if (header.type() == expected) {
                return header;
            }
            byte[] fields = wire.fields(header);
            switch (header.type()) {
                case PING -> {}
                case FAULT -> {
                    Decoder from = new Decoder(fields);
                    from.u8();
                    throw new NodeException(from.text());
                }
                case GOODBYE -> throw new NodeException("the coordinator refused: " + new Decoder(fields).text());
                default -> throw new WireException("found " + header.type() + ", expected " + expected);
            }
        }
    }

    @Override
    public void close() {
        pulse.interrupt();
        wire.close();
    }
}
