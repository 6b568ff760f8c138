package org.imbrex.host.node;

import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;
import org.imbrex.host.node.wire.Borders;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Ticket;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.host.node.wire.WireException;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.memory.BufferPool;

/**
 * Another node that brings borders, from its welcome to its end. Elements come into memory of their own, and into the
 * block of the client that expects them only whole, checked and as long as they are expected.
 */
final class Delivery {
    /** How long a node may be here without a ticket that is good for something. */
    private static final long SHOWING_NANOS = 5_000_000_000L;

    private final Wire wire;
    private final Peering peering;
    private final BufferPool pool;
    private final long most;
    private volatile boolean shown;

    /** @param most what the pool holds at most */
    Delivery(Wire wire, Peering peering, BufferPool pool, long most) {
        this.wire = wire;
        this.peering = peering;
        this.pool = pool;
        this.most = most;
    }

    /** Serves it until it goes. */
    void serve() throws IOException {
        Surroundings.Task limit = peering.surroundings().start("imbrex-showing", false, this::limit);
        try {
            while (true) {
                Wire.Header header = wire.receive();
                switch (header.type()) {
                    case TICKET -> show(header);
                    case BORDER -> border(header);
                    case PING -> wire.fields(header);
                    case GOODBYE -> {
                        return;
                    }
                    default -> throw new WireException("found " + header.type() + ", which no node sends to another");
                }
            }
        } catch (EOFException e) {
            return; // the client that sent it has gone
        } finally {
            limit.interrupt();
        }
    }

    private void limit() {
        try {
            peering.surroundings().sleep(SHOWING_NANOS);
            if (!shown) {
                peering.refusals().log("closed the connection of a node that has shown no ticket in "
                        + SHOWING_NANOS / 1_000_000 + " ms");
                wire.close();
            }
        } catch (InterruptedException e) {
            return; // it has gone
        }
    }

    private void show(Wire.Header header) throws IOException {
        Ticket ticket = Ticket.decode(wire.fields(header));
        if (peering.tickets().find(ticket).isPresent()) {
            shown = true;
            wire.send(FrameType.ACCEPTED, header.request(), new byte[0]);
        } else {
            refuse(header.request(), "its ticket is not good here");
        }
    }

    private void border(Wire.Header header) throws IOException {
        Borders.Border border = Borders.Border.decode(wire.fields(header), header.data());
        Optional<Expected> expected = peering.tickets().find(border.ticket());
        if (expected.isPresent() && !expected.get().allows(border.range())) {
            throw new WireException("found a border of elements " + border.range().first() + " to "
                    + border.range().last() + " of block " + border.range().block() + ", which are not expected");
        }
        long bytes = BufferPool.sizeOf(border.data());
        if (expected.isEmpty() || !expected.get().charge(bytes)) {
            wire.skip(header.data());
            wire.endOfData();
            refuse(
                    header.request(),
                    expected.isEmpty() ? "its ticket is not good here" : "its client has no memory for it");
            return;
        }
        boolean written;
        try {
            BufferPool.Buffer buffer = pool.take(border.data(), most);
            try {
                wire.take(buffer.memory());
                wire.endOfData();
                written = expected.get().write(border, buffer.memory());
            } finally {
                pool.give(buffer);
            }
        } finally {
            expected.get().uncharge(bytes);
        }
        if (written) {
            peering.counters().borders.incrementAndGet();
            peering.counters().borderBytes.addAndGet(border.data());
            wire.send(FrameType.ACCEPTED, header.request(), new byte[0]);
        } else {
            refuse(header.request(), "its block is not held, or not expected any more");
        }
    }

    private void refuse(int request, String why) throws IOException {
        peering.refusals().log("refused a border that another node has brought: " + why);
        wire.send(
                FrameType.FAULT,
                request,
                new Encoder().choice(DeviceException.Kind.FAILED).text(why).finished());
    }
}
