package org.imbrex.host.node;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.imbrex.host.node.wire.Limits;
import org.imbrex.runtime.device.DeviceException;

/**
 * Which nodes of a fleet have room for tiles: slots, and memory for what a tile brings and for blocks. Choosing one and
 * giving its room back costs the logarithm of their number, so that it is small among thousands.
 *
 * <p>Who finds no room stands in line. Room that comes back goes to the first few in line that can use it, one at a
 * time: nobody else is woken.
 */
final class Room {
    /** How many tiles beyond its workers a node is given, so that it never waits for the next. */
    private static final int AHEAD = 2;
    /** … and of tiles that take less than a moment: several then share a wake-up of the threads on both sides. */
    private static final int QUICK_AHEAD = 8;
    /** How many in line are offered room that has come back. */
    private static final int OFFERS = 16;
    /** How often who waits looks again, whatever it hears. */
    private static final long LOOK_NANOS = 1_000_000_000;
    /** … and who waits for room on one node, as others give back elsewhere without a word. */
    private static final long SHORT_LOOK_NANOS = 100_000_000;

    private final Surroundings surroundings;
    private final int ahead;
    /** Nodes that are there and have a slot free, the least loaded first. */
    private final TreeSet<Member> free =
            new TreeSet<>(Comparator.comparingDouble(Member::load).thenComparingInt(member -> member.number));

    /** Nodes that are there, and the memory that each gives. */
    private final Map<Member, Long> there = new LinkedHashMap<>();
    /** How many of them give so much. */
    private final TreeMap<Long, Integer> sizes = new TreeMap<>();

    private final Set<Waiter> line = new LinkedHashSet<>();
    private boolean closed;

    /** Someone in line; has a monitor of its own, so that it can be woken alone. */
    private static final class Waiter {
        private final Lease lease;
        private Optional<Seat> seat = Optional.empty();
        private boolean woken;

        Waiter(Lease lease) {
            this.lease = lease;
        }

        synchronized void wake(Surroundings surroundings) {
            woken = true;
            surroundings.wake(this);
        }

        synchronized void await(Surroundings surroundings, long nanos) throws InterruptedException {
            if (!woken) {
                surroundings.await(this, nanos); // woken for no reason it just looks again
            }
        }
    }

    /** @param many whether the nodes are so many that none needs tiles in store for a shared wake-up */
    Room(Surroundings surroundings, boolean many) {
        this.surroundings = surroundings;
        this.ahead = many ? AHEAD : QUICK_AHEAD;
    }

    /** The most tiles that a node has at once. */
    int most(Connection connection) {
        return Math.min(connection.slots, connection.workers + ahead);
    }

    /** … where nothing is known of it. */
    int most() {
        return 1 + ahead;
    }

    // ---- nodes come and go

    synchronized void joined(Connection connection) {
        Member member = connection.member();
        free.remove(member);
        forget(member);
        there.put(member, connection.bytes);
        sizes.merge(connection.bytes, 1, Integer::sum);
        count(connection, 0, 0);
        handOn(connection);
        surroundings.wake(this);
    }

    /** A node takes no more tiles. */
    synchronized void left(Member member) {
        free.remove(member);
        forget(member);
        for (Waiter waiter : line) {
            if (there.isEmpty() || waiter.lease.hasFailed() || need(waiter.lease) > mostBytes()) {
                waiter.wake(surroundings); // it may be in vain now
            }
        }
        surroundings.wake(this);
    }

    private void forget(Member member) {
        Long bytes = there.remove(member);
        if (bytes != null) {
            sizes.computeIfPresent(bytes, (size, count) -> count == 1 ? null : count - 1);
        }
    }

    /** The most memory that a node that is there gives. */
    private long mostBytes() {
        return sizes.isEmpty() ? 0 : sizes.lastKey();
    }

    synchronized void close() {
        closed = true;
        line.forEach(waiter -> waiter.wake(surroundings));
        surroundings.wake(this);
    }

    private void count(Connection connection, int tiles, long bytes) {
        Member member = connection.member();
        free.remove(member); // before what orders it changes
        member.flying += tiles;
        member.flyingBytes += bytes;
        if (there.containsKey(member) && member.flying < most(connection)) {
            member.count(connection.workers);
            free.add(member);
        }
    }

    // ---- room for a tile

    /** The node with the most room for a tile that it has not failed on, if there is one now; its room is taken. */
    synchronized Optional<Seat> tryTake(Lease lease) {
        for (Member member : free) {
            Connection connection = member.connection();
            if (connection != null && isFor(connection, lease)) {
                return Optional.of(seat(connection, lease));
            }
        }
        return Optional.empty();
    }

    private Seat seat(Connection connection, Lease lease) {
        count(connection, 1, lease.need);
        long left = connection.bytes - connection.member().flyingBytes;
        return new Seat(connection, lease.need, connection.stock.use(lease.shared, left));
    }

    private boolean isFor(Connection connection, Lease lease) {
        Member member = connection.member();
        int most = lease.quick ? most(connection) : Math.min(connection.slots, connection.workers + AHEAD);
        return member.flying < most
                && fits(connection, lease)
                && !lease.hasFailedOn(member.name)
                && !lease.isTriedBy(member.name);
    }

    /** Whether a node has memory for a tile, if need be that of blocks which no tile uses now. */
    private static boolean fits(Connection connection, Lease lease) {
        Stock stock = connection.stock;
        long left = connection.bytes - connection.member().flyingBytes - stock.bytes();
        long wanted = lease.need + stock.missing(lease.shared);
        return wanted <= left || wanted <= left + stock.idle(lease.shared);
    }

    private static long need(Lease lease) {
        return lease.need + lease.sharedBytes();
    }

    /** Why a tile cannot be had by any node, asked where none had room. */
    interface Hopeless {
        /** @throws DeviceException where waiting is in vain */
        void check(boolean nobody, boolean timeIsUp);
    }

    /**
     * As {@link #tryTake}, waiting for room, and for lost nodes to come back.
     *
     * @param nanos how long to wait where no node is there
     * @throws DeviceException as {@code hopeless} says, LOST where the nodes were closed
     */
    Seat take(Lease lease, long nanos, Hopeless hopeless) throws InterruptedException {
        long until = surroundings.nanos() + nanos;
        while (true) {
            Waiter waiter = new Waiter(lease);
            long patience = LOOK_NANOS;
            synchronized (this) {
                if (closed) {
                    throw new DeviceException(DeviceException.Kind.LOST, "the nodes were closed");
                }
                Optional<Seat> found = tryTake(lease);
                if (found.isPresent()) {
                    return found.get();
                }
                long left = until - surroundings.nanos();
                if (there.isEmpty() || lease.hasFailed() || need(lease) > mostBytes()) {
                    hopeless.check(there.isEmpty(), left < 0);
                }
                if (there.isEmpty()) {
                    patience = Math.clamp(left + 1_000_000, 1_000_000, LOOK_NANOS);
                }
                line.add(waiter);
            }
            Optional<Seat> given = await(waiter, patience);
            if (given.isPresent()) {
                return given.get();
            }
        }
    }

    private Optional<Seat> await(Waiter waiter, long nanos) throws InterruptedException {
        boolean waited = false;
        try {
            waiter.await(surroundings, nanos);
            waited = true;
        } finally {
            synchronized (this) {
                line.remove(waiter);
                if (!waited && waiter.seat.isPresent()) {
                    release(waiter.seat.get());
                }
            }
        }
        return waiter.seat;
    }

    /** Offers what a node has free to those in line. */
    private void handOn(Connection connection) {
        if (line.isEmpty() || connection.member().connection() != connection) {
            return;
        }
        int offers = 0;
        for (Iterator<Waiter> first = line.iterator(); first.hasNext() && offers < OFFERS; offers++) {
            Waiter waiter = first.next();
            if (connection.member().flying >= most(connection)) {
                return;
            }
            if (isFor(connection, waiter.lease)) {
                first.remove();
                waiter.seat = Optional.of(seat(connection, waiter.lease));
                waiter.wake(surroundings);
            }
        }
    }

    synchronized void release(Seat seat) {
        Connection connection = seat.connection();
        count(connection, -1, -seat.bytes());
        connection.stock.release(seat.blocks());
        if (connection.stock.hasDropped()) {
            connection.tellDropped();
        }
        handOn(connection);
        surroundings.wake(this);
    }

    // ---- room on one node

    /** Room for a tile on one node, waiting for it; where the connection has ended it is lost. */
    synchronized Seat takeOn(Connection connection, long need, BooleanSupplier over) throws InterruptedException {
        Member member = connection.member();
        while (true) {
            if (closed || connection.isOver() || over.getAsBoolean()) {
                throw new DeviceException(DeviceException.Kind.LOST, member.name + ": lost");
            }
            if (member.flying < most(connection)
                    && member.flyingBytes + need + connection.stock.bytes() <= connection.bytes) {
                count(connection, 1, need);
                return new Seat(connection, need, List.of());
            }
            surroundings.await(this, SHORT_LOOK_NANOS);
        }
    }

    /**
     * Keeps memory of a node for blocks.
     *
     * @param besides what a tile takes at the same time
     * @return the blocks' numbers; empty where the node has no room for them
     */
    synchronized Optional<List<Integer>> reserve(Connection connection, int blocks, long bytes, long besides) {
        Stock stock = connection.stock;
        long left = connection.bytes - connection.member().flyingBytes - stock.bytes() + stock.idle(List.of());
        if (bytes + besides > left || blocks > Limits.BLOCKS / 2) {
            return Optional.empty();
        }
        stock.use(List.of(), connection.bytes - connection.member().flyingBytes - bytes - besides);
        stock.take(bytes);
        List<Integer> numbers = new ArrayList<>();
        for (int k = 0; k < blocks; k++) {
            numbers.add(stock.number());
        }
        return Optional.of(numbers);
    }

    /** Gives back what was {@link #reserve}d; the node is told to drop the blocks that it was sent. */
    synchronized void unreserve(Connection connection, List<Integer> sent, long bytes) {
        connection.stock.drop(sent, bytes);
        connection.tellDropped();
        handOn(connection);
        surroundings.wake(this);
    }

    synchronized List<Integer> dropped(Connection connection) {
        return connection.stock.takeDropped();
    }

    /** Of a run, or one of its stages, nothing is wanted any more. */
    synchronized void ended(long run, int stage) {
        for (Member member : there.keySet()) {
            Connection connection = member.connection();
            if (connection != null && connection.stock.end(run, stage)) {
                if (connection.stock.hasDropped()) {
                    connection.tellDropped();
                }
                handOn(connection);
            }
        }
        surroundings.wake(this);
    }
}
