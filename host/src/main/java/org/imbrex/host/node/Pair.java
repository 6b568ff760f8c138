package org.imbrex.host.node;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imbrex.host.node.wire.Borders;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Limits;
import org.imbrex.host.node.wire.Ticket;
import org.imbrex.host.node.wire.WireException;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.memory.BufferPool;

/**
 * Two slabs of which one reads what the other computes. The one's node hands it to the other's; until they have met, and
 * where they do not, the client carries it. One thread works for each of both sides.
 */
final class Pair {
    /** How the elements of a round cross: by these orders, or where there are none by the client. */
    private record Crossing(int round, List<Errand> orders) {}

    final int from;
    final int to;
    private final List<Slabs.Crossing> crossings;
    private final Surroundings surroundings;
    private final Rounds rounds;
    private final Arena arena;
    private final SlabNode source;
    private final SlabNode target;
    /** By the crossing: where the client keeps what it carries. */
    private final Map<Slabs.Crossing, MemorySegment> carried = new HashMap<>();

    private Optional<Errand> ticket = Optional.empty();
    private Optional<Errand> meeting = Optional.empty();
    private Optional<Crossing> ordered = Optional.empty();
    private String trouble = "";
    private boolean told;
    private boolean unexpected;

    Pair(List<Slabs.Crossing> crossings, List<SlabNode> nodes, Surroundings surroundings, Rounds rounds, Arena arena) {
        this.crossings = List.copyOf(crossings);
        this.from = crossings.getFirst().from();
        this.to = crossings.getFirst().to();
        this.surroundings = surroundings;
        this.rounds = rounds;
        this.arena = arena;
        this.source = nodes.get(from);
        this.target = nodes.get(to);
    }

    /** What the target's node needs of memory for elements on their way there, which come one border after another. */
    static long onTheirWay(List<Slabs.Crossing> crossings, List<Integer> widths) {
        long most = 0;
        for (Slabs.Crossing crossing : crossings) {
            int width = widths.get(crossing.field());
            most = Math.max(most, BufferPool.sizeOf(Math.min(Limits.BORDER, crossing.elements().count() * width)));
        }
        return most;
    }

    // ---- meeting

    /** By the target's side, once its blocks are there: asks for the ticket. */
    void expect() {
        if (!source.handsBorders() || !target.handsBorders() || !target.hasRoomForBorders()) {
            trouble = target.hasRoomForBorders() ? "they do not do so" : target.name() + " has no memory for them";
            return;
        }
        List<Borders.Range> ranges = new ArrayList<>();
        for (Slabs.Crossing crossing : crossings) {
            for (int copy = 0; copy < SlabNode.COPIES; copy++) {
                ranges.add(range(crossing, copy));
            }
        }
        Errand errand = Errand.word(surroundings);
        target.ask(errand, (wire, request, known) -> wire.send(FrameType.EXPECT, request, Borders.encode(ranges)));
        ticket = Optional.of(errand);
    }

    private Borders.Range range(Slabs.Crossing crossing, int copy) {
        Slabs.Interval elements = crossing.elements();
        return new Borders.Range(target.block(crossing.field(), elements, copy), elements.first(), elements.last());
    }

    /** Once the ticket is there: has the source's node meet the other. */
    void meet() throws InterruptedException {
        if (ticket.isEmpty()) {
            return;
        }
        Ticket shown;
        try {
            shown = ticket();
        } catch (DeviceException e) {
            if (e.kind() == DeviceException.Kind.LOST) {
                throw e;
            }
            trouble = e.getMessage();
            return;
        }
        Errand errand = Errand.word(surroundings);
        byte[] asked = new Borders.Peer(target.number(), target.address(), shown).encoded();
        source.ask(errand, (wire, request, known) -> wire.send(FrameType.PEER, request, asked));
        meeting = Optional.of(errand);
    }

    private Ticket ticket() throws InterruptedException {
        try {
            return Ticket.decode(ticket.orElseThrow().await());
        } catch (WireException e) {
            throw new DeviceException(DeviceException.Kind.FAILED, target.name() + ": " + e.getMessage(), e);
        }
    }

    /** Waits for a while until both have met, or it is known that they do not. */
    void awaitMeeting(long nanos) throws InterruptedException {
        if (meeting.isPresent()) {
            meeting.get().await(nanos);
        }
    }

    /** Why the client carries what the nodes should hand over, if it is news. */
    synchronized Optional<String> news() {
        boolean waits = trouble.isEmpty() && meeting.isPresent() && !meeting.get().isDone();
        if (told || trouble.isEmpty() && !waits) {
            return Optional.empty();
        }
        told = true;
        String why = waits ? "not reached yet" : trouble;
        return Optional.of("from " + source.name() + " to " + target.name() + " (" + why + ")");
    }

    private synchronized boolean haveMet() throws InterruptedException {
        if (!trouble.isEmpty() || meeting.isEmpty() || !meeting.get().isDone()) {
            return false;
        }
        try {
            meeting.get().await();
            return true;
        } catch (DeviceException e) {
            if (e.kind() == DeviceException.Kind.LOST) {
                throw e;
            }
            trouble = e.getMessage();
            return false;
        }
    }

    // ---- rounds

    /** By the source's side, with a round's tiles on their way: orders what crosses when they are done. */
    void order(int round, IterateStage stage, List<Errand> tiles) throws InterruptedException {
        rounds.awaitBefore(to, round); // it still reads what these elements overwrite
        List<Errand> orders = haveMet() ? give(stage, tiles) : List.of();
        synchronized (this) {
            ordered = Optional.of(new Crossing(round, orders));
            surroundings.wake(this);
        }
    }

    /** How many of the source's tiles, from the first on, hold all that crosses. */
    int tiles(IterateStage stage) {
        int most = 0;
        for (Slabs.Crossing crossing : crossings) {
            for (int which : source.writers(crossing.elements(), stage)) {
                most = Math.max(most, which + 1);
            }
        }
        return most;
    }

    private List<Errand> give(IterateStage stage, List<Errand> tiles) throws InterruptedException {
        Ticket shown = ticket();
        List<Errand> orders = new ArrayList<>();
        for (Slabs.Crossing crossing : crossings) {
            List<Integer> after = source.writers(crossing.elements(), stage).stream()
                    .map(which -> tiles.get(which).request())
                    .toList();
            int block = source.block(crossing.field(), crossing.elements(), source.copy());
            Borders.Range whole = range(crossing, source.copy());
            long most = Limits.BORDER / source.width(crossing.field());
            for (long at = whole.first(); at <= whole.last(); at += most) {
                Borders.Range range = new Borders.Range(whole.block(), at, Math.min(whole.last(), at + most - 1));
                byte[] asked = new Borders.Give(target.number(), shown, block, range, after).encoded();
                Errand errand = Errand.word(surroundings);
                source.begin(errand, (wire, request, known) -> wire.send(FrameType.GIVE, request, asked));
                orders.add(errand);
            }
        }
        return orders;
    }

    /** By the target's side: waits until the round's elements are in its blocks, and carries them where need be. */
    void arrive(int round) throws InterruptedException {
        List<Errand> orders = awaitOrders(round);
        boolean carries = orders.isEmpty();
        try {
            for (Errand order : orders) {
                order.await();
            }
        } catch (DeviceException e) {
            if (e.kind() == DeviceException.Kind.LOST) {
                throw e;
            }
            carries = true;
            synchronized (this) {
                trouble = e.getMessage();
            }
            unexpect(); // what is still on its way must not come later
        }
        if (carries) {
            rounds.awaitCrossed(from, round);
            carry();
        }
    }

    private synchronized List<Errand> awaitOrders(int round) throws InterruptedException {
        while (!rounds.isOver() && (ordered.isEmpty() || ordered.get().round < round)) {
            surroundings.await(this, Surroundings.FOREVER);
        }
        rounds.check();
        return ordered.orElseThrow().orders;
    }

    private void carry() throws InterruptedException {
        List<Errand> reads = new ArrayList<>();
        for (Slabs.Crossing crossing : crossings) {
            MemorySegment room = carried.computeIfAbsent(crossing, c ->
                    arena.allocate(c.elements().count() * source.width(c.field()), 64));
            reads.add(target.fetch(source, crossing, room));
        }
        for (Errand read : reads) {
            read.await();
        }
        for (Slabs.Crossing crossing : crossings) {
            target.writeBorder(crossing, carried.get(crossing));
        }
    }

    private void unexpect() {
        if (!unexpected && ticket.isPresent()) {
            unexpected = true;
            target.unexpect(ticket.get());
        }
    }

    /** The rounds are over, or one of both is lost: nobody waits here any more. */
    synchronized void end() {
        surroundings.wake(this);
    }

    /** Nothing is expected any more. */
    void close() {
        if (ticket.isPresent() && target.isThere()) {
            try {
                unexpect();
            } catch (DeviceException e) {
                return; // it is lost, and all that it expected
            }
        }
    }
}
