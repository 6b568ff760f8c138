package org.imbrex.host.node;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.host.node.wire.WireException;

/**
 * A connection to another node, for one client: one thread sends what is to go there while another reads the answers.
 */
final class Neighbour {
    /** What comes of an order: told once, empty where it was accepted, else why not. */
    interface Outcome {
        void is(Optional<String> refused);
    }

    /**
     * A frame for the other node.
     *
     * @param free is called once its elements are not read any more, before anybody is told of the outcome
     */
    record Order(FrameType type, byte[] fields, MemorySegment elements, Runnable free, Outcome outcome) {
        static Order word(FrameType type, byte[] fields, Outcome outcome) {
            return new Order(type, fields, MemorySegment.NULL, () -> {}, outcome);
        }
    }

    /** An order on its way: over once it is sent, or cannot be, and answered. */
    private static final class Pending {
        final Order order;
        boolean sent;
        boolean answered;
        Optional<String> refused = Optional.empty();

        Pending(Order order) {
            this.order = order;
        }
    }

    final InetSocketAddress address;
    private final String name;
    private final Surroundings surroundings;
    private final Wire wire;
    private final ArrayDeque<Order> queue = new ArrayDeque<>();
    private final Map<Integer, Pending> pending = new HashMap<>();
    private int requests;
    private String trouble = "";
    private boolean over;

    Neighbour(InetSocketAddress address, Wire wire, Surroundings surroundings, Duration timeout) {
        this.address = address;
        this.name = FleetOptions.name(address);
        this.wire = wire;
        this.surroundings = surroundings;
        Surroundings.Task pulse = Pulse.watch(surroundings, wire, timeout, this::lost);
        surroundings.start("imbrex-neighbour " + name, true, () -> {
            try {
                receive();
            } catch (IOException | RuntimeException e) {
                lost(NodeException.why(e));
            } finally {
                pulse.interrupt();
                end();
            }
        });
        surroundings.start("imbrex-giving " + name, true, this::give);
    }

    synchronized boolean isOver() {
        return over;
    }

    /** Sends it when its turn comes; where the connection is over it is refused at once. */
    void add(Order order) {
        synchronized (this) {
            if (!over) {
                queue.add(order);
                surroundings.wake(this);
                return;
            }
        }
        order.free.run();
        order.outcome.is(Optional.of(lostBecause()));
    }

    private synchronized String lostBecause() {
        return name + ": lost (" + trouble + ")";
    }

    private void give() {
        while (true) {
            int request;
            Pending next;
            synchronized (this) {
                while (queue.isEmpty() && !over) {
                    try {
                        surroundings.await(this, Surroundings.FOREVER);
                    } catch (InterruptedException e) {
                        wire.close(); // whoever reads ends it
                    }
                }
                if (queue.isEmpty()) {
                    return;
                }
                next = new Pending(queue.remove());
                request = ++requests;
                if (over) {
                    next.answered = true;
                    next.refused = Optional.of(lostBecause());
                } else {
                    pending.put(request, next);
                }
            }
            try {
                if (!next.answered) {
                    MemorySegment elements = next.order.elements;
                    wire.send(next.order.type, request, next.order.fields, elements.byteSize(), to -> to.put(elements));
                }
            } catch (IOException | RuntimeException e) {
                lost(String.valueOf(e.getMessage()));
            } finally {
                next.order.free.run();
                settle(next, true, next.refused);
            }
        }
    }

    /** Whoever comes last of who sends it and who hears of it tells. */
    private void settle(Pending one, boolean sent, Optional<String> refused) {
        synchronized (one) {
            boolean before = one.sent && one.answered;
            one.sent |= sent;
            if (!sent && !one.answered) {
                one.answered = true;
                one.refused = refused;
            }
            if (before || !one.sent || !one.answered) {
                return;
            }
        }
        one.order.outcome.is(one.refused);
    }

    private void receive() throws IOException {
        while (true) {
            Wire.Header header = wire.receive();
            byte[] fields = wire.fields(header);
            switch (header.type()) {
                case ACCEPTED -> answered(header.request(), Optional.empty());
                case FAULT -> {
                    Decoder from = new Decoder(fields);
                    from.u8();
                    answered(header.request(), Optional.of(name + ": " + from.text()));
                }
                case PING -> {}
                case GOODBYE -> throw new WireException("it said goodbye: " + new Decoder(fields).text());
                default -> throw new WireException("found " + header.type() + ", which no node sends to another");
            }
        }
    }

    private void answered(int request, Optional<String> refused) throws WireException {
        Pending one;
        synchronized (this) {
            one = pending.remove(request);
        }
        if (one == null) {
            throw new WireException("found an answer that nobody has asked for");
        }
        settle(one, false, refused);
    }

    /** From any thread: the connection is of no use any more; whoever reads it ends it. */
    private void lost(String why) {
        synchronized (this) {
            trouble = trouble.isEmpty() ? why : trouble;
        }
        wire.close();
    }

    /** By the thread that reads, at its end: no answer comes any more. */
    private void end() {
        List<Pending> left;
        synchronized (this) {
            over = true;
            left = new ArrayList<>(pending.values());
            pending.clear();
            surroundings.wake(this);
        }
        String why = lostBecause();
        left.forEach(one -> settle(one, false, Optional.of(why)));
    }

    void close() {
        lost("the client has gone");
    }
}
