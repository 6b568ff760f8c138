package org.imbrex.host.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.host.node.wire.Borders;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Limits;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.host.node.wire.WireException;

/**
 * The other nodes that a client lets this one hand borders to. Connections are made when the client names a node, kept
 * for later borders, and closed with the client's own.
 */
final class Neighbours {
    /** Nodes that a client may name. */
    private static final int MOST = 64;
    /** Connections that are made at once. */
    private static final int AT_ONCE = 4;
    /** Borders that a client may have ordered and not been answered. */
    private static final int ORDERS = 1024;
    /** A node that could not be reached holds up the next try: nobody looks through a network by us. */
    private static final long PAUSE_NANOS = 250_000_000;

    /** What a client hears of what it has asked for. */
    interface Replies {
        void accepted(int request);

        void refused(int request, String why);
    }

    /** An order that waits for tiles. */
    private record Waiting(int peer, Neighbour.Order order, Set<Integer> tiles) {}

    private final Peering peering;
    private final Surroundings surroundings;
    private final Replies replies;
    private final Map<Integer, Neighbour> met = new HashMap<>();
    private final Set<Integer> meeting = new HashSet<>();
    private final Set<Integer> tiles = new HashSet<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private int asked;
    private int orders;
    private boolean closed;

    Neighbours(Peering peering, Replies replies) {
        this.peering = peering;
        this.surroundings = peering.surroundings();
        this.replies = replies;
    }

    // ---- other nodes

    /** Meets another node, unless it is met already, and shows it the ticket. */
    void meet(int request, Borders.Peer peer) {
        boolean many;
        synchronized (this) {
            many = asked == MOST || met.size() == MOST && !met.containsKey(peer.number());
            asked += many ? 0 : 1;
        }
        if (many) {
            replies.refused(request, "found more than the " + MOST + " nodes that a client may name");
            return;
        }
        surroundings.start("imbrex-meeting", false, () -> {
            try {
                meetInTurn(request, peer);
            } catch (InterruptedException e) {
                return; // the node is closing, and the client's connection with it
            } finally {
                synchronized (this) {
                    asked--;
                    surroundings.wake(this);
                }
            }
        });
    }

    private void meetInTurn(int request, Borders.Peer peer) throws InterruptedException {
        synchronized (this) {
            while (!closed && (meeting.size() == AT_ONCE || meeting.contains(peer.number()))) {
                surroundings.await(this, Surroundings.FOREVER);
            }
            if (closed) {
                return; // there is nobody to tell
            }
            meeting.add(peer.number());
        }
        try {
            Neighbour neighbour = met(peer);
            neighbour.add(Neighbour.Order.word(
                    FrameType.TICKET, peer.ticket().encoded(), refused -> reply(request, refused)));
        } catch (IOException | RuntimeException e) {
            String name = FleetOptions.name(peer.address());
            String why = NodeException.why(e);
            peering.refusals().log("did not reach the node " + name + ", which a client has named: " + why);
            replies.refused(request, name + ": " + why);
            surroundings.sleep(PAUSE_NANOS);
        } finally {
            synchronized (this) {
                meeting.remove(peer.number());
                surroundings.wake(this);
            }
        }
    }

    private void reply(int request, Optional<String> refused) {
        if (refused.isPresent()) {
            replies.refused(request, refused.get());
        } else {
            replies.accepted(request);
        }
    }

    private Neighbour met(Borders.Peer peer) throws IOException {
        synchronized (this) {
            Neighbour known = met.get(peer.number());
            if (known != null && known.address.equals(peer.address()) && !known.isOver()) {
                return known;
            }
        }
        Neighbour made = connect(peer.address());
        synchronized (this) {
            if (!closed) {
                Neighbour before = met.put(peer.number(), made);
                if (before != null) {
                    before.close();
                }
                return made;
            }
        }
        made.close();
        throw new IOException("the client has gone");
    }

    private Neighbour connect(InetSocketAddress address) throws IOException {
        if (!peering.connects()) {
            throw new IOException("this node connects to no other");
        }
        boolean open = peering.caller().credentials() instanceof Credentials.Loopback;
        if (open && !address.getAddress().isLoopbackAddress()) {
            throw new IOException("it is on another machine, and this node has no credentials");
        }
        Surroundings.Met found;
        try {
            found = surroundings.meet(address, peering.caller());
        } catch (AsynchronousCloseException e) {
            throw new IOException("it did not answer within " + peering.caller().timeout().toMillis() + " ms", e);
        }
        Wire wire = found.peer().wire();
        try {
            found.mustNotRefuse();
            if (found.header().type() != FrameType.WELCOME || !found.peer().handsBorders()) {
                throw new WireException("it takes no borders");
            }
            return new Neighbour(address, wire, surroundings, timeout(new Decoder(found.fields())));
        } catch (IOException e) {
            wire.close();
            throw e;
        }
    }

    /** The shorter of both sides' timeouts: the other must hear of us as often as it wants to. */
    private Duration timeout(Decoder welcome) throws WireException {
        welcome.u16();
        welcome.u16();
        welcome.i64();
        Duration theirs = Duration.ofMillis(Math.max(1, welcome.i32()));
        return theirs.compareTo(peering.timeout()) < 0 ? theirs : peering.timeout();
    }

    // ---- borders

    /** Hands elements to another node once the tiles that compute them are done. */
    void give(int request, Borders.Give give, Holdings holdings) throws WireException {
        Borders.Range there = give.there();
        Holdings.Lent lent = holdings.lend(give.block(), there.first(), there.last());
        Borders.Border border = new Borders.Border(give.ticket(), lent.width(), there);
        Neighbour.Order order = new Neighbour.Order(
                FrameType.BORDER,
                border.encoded(),
                lent.elements(),
                () -> holdings.release(List.of(give.block())),
                refused -> ordered(request, refused));
        Optional<String> why = Optional.empty();
        synchronized (this) {
            if (++orders > ORDERS) {
                why = Optional.of("found more than " + ORDERS + " borders at once");
            } else if (border.data() > Limits.BORDER) {
                why = Optional.of("found a border of " + border.data() + " bytes");
            } else {
                Set<Integer> open = new HashSet<>(give.after());
                open.retainAll(tiles);
                if (!open.isEmpty()) {
                    waiting.add(new Waiting(give.peer(), order, open));
                    return;
                }
            }
        }
        send(give.peer(), order, why);
    }

    private void ordered(int request, Optional<String> refused) {
        synchronized (this) {
            orders--;
        }
        reply(request, refused);
    }

    private void send(int peer, Neighbour.Order order, Optional<String> refused) {
        Neighbour neighbour;
        synchronized (this) {
            neighbour = met.get(peer);
        }
        if (refused.isPresent() || neighbour == null) {
            order.free().run();
            order.outcome().is(Optional.of(refused.orElse("found a border for a node that was not named")));
        } else {
            neighbour.add(order);
        }
    }

    synchronized void begun(int tile) {
        tiles.add(tile);
    }

    /** A tile is done: what waited for it alone goes now, before the client is told. */
    void done(int tile, boolean well) {
        List<Waiting> ready = new ArrayList<>();
        synchronized (this) {
            tiles.remove(tile);
            waiting.removeIf(one -> {
                boolean now = one.tiles.remove(tile) && (!well || one.tiles.isEmpty());
                if (now) {
                    ready.add(one);
                }
                return now;
            });
        }
        Optional<String> why = well ? Optional.empty() : Optional.of("a tile that computes it has failed");
        ready.forEach(one -> send(one.peer, one.order, why));
    }

    /** The client has gone. */
    void close() {
        List<Neighbour> all;
        List<Waiting> left;
        synchronized (this) {
            closed = true;
            all = List.copyOf(met.values());
            left = List.copyOf(waiting);
            waiting.clear();
            surroundings.wake(this);
        }
        all.forEach(Neighbour::close);
        left.forEach(one -> one.order.free().run());
    }
}
