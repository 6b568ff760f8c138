package org.imbrex.host.node;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.imbrex.host.node.trust.Greeting;
import org.imbrex.host.node.wire.Block;
import org.imbrex.host.node.wire.Borders;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Programs;
import org.imbrex.host.node.wire.Traffic;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.host.node.wire.WireException;
import org.imbrex.kernels.stage.Program;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.memory.Span;

/** One connection to a node, from its welcome on: what is asked over it, and what the answers become. */
final class Connection {
    /** More than a node has: no node makes its client start threads without end, or sums of memory overflow. */
    private static final int MOST_WORKERS = 1024;

    private static final long MOST_BYTES = 1L << 50;

    private final Member member;
    private final Fleet fleet;
    private final Surroundings surroundings;
    private final String name;
    final Wire wire;
    final String software;
    final int slots;
    final int workers;
    final long bytes;
    final boolean handsBorders;
    volatile boolean draining;
    final Stock stock = new Stock();
    private final Map<Integer, Sent> pending = new ConcurrentHashMap<>();
    private final Map<Integer, CountDownLatch> asked = new ConcurrentHashMap<>();
    private final Map<Integer, byte[]> told = new ConcurrentHashMap<>();
    private final Object sending = new Object();
    private final Map<String, Integer> programs = new LinkedHashMap<>(16, 0.75f, true);
    private int requests;
    private volatile boolean ended;
    /** Why a frame could not be sent, if so. */
    private volatile String broken = "";

    private final Map<Integer, Errand> errands = new ConcurrentHashMap<>();

    /** Sends a frame by the request's and the program's number. */
    interface Message {
        void send(Wire to, int request, int program) throws IOException;
    }

    /**
     * Sends what this node alone is asked.
     *
     * @throws DeviceException LOST where there is no connection any more
     */
    void begin(Errand errand, Program program, Message message) {
        synchronized (sending) {
            int request = ++requests;
            errands.put(request, errand);
            errand.begun(request);
            try {
                if (ended) {
                    throw new IOException(member.trouble());
                }
                int number = number(program);
                sendDropped();
                message.send(wire, request, number);
            } catch (IOException e) {
                DeviceException lost = lost(e);
                if (errands.remove(request) != null) { // else its answer is on its way: the reader ends it
                    errand.seat().ifPresent(fleet.room::release);
                    errand.fail(lost);
                }
                throw lost;
            }
        }
    }

    /** Sends elements of a block, or makes one. */
    void put(int number, Block block, Span from) {
        synchronized (sending) {
            try {
                if (ended) {
                    throw new IOException(member.trouble());
                }
                sendDropped();
                wire.send(FrameType.BLOCK, number, block.encoded(), block.data(), to -> block.send(to, from));
            } catch (IOException e) {
                throw lost(e);
            }
        }
    }

    /** Tells the node that what it was asked to expect is expected no more. */
    void unexpect(int request) {
        synchronized (sending) {
            try {
                wire.send(FrameType.EXPECT, request, Borders.encode(List.of()));
            } catch (IOException e) {
                throw lost(e);
            }
        }
    }

    private DeviceException lost(IOException e) {
        wire.close();
        ended = true;
        return new DeviceException(DeviceException.Kind.LOST, name + ": lost (" + e.getMessage() + ")", e);
    }

    boolean isOver() {
        return ended;
    }

    private record Sent(Lease.Attempt attempt, Seat seat) {}

    Connection(Member member, Fleet fleet, Greeting.Peer peer, Decoder welcome) throws IOException {
        this.member = member;
        this.fleet = fleet;
        this.surroundings = fleet.surroundings();
        this.name = member.name;
        this.wire = peer.wire();
        this.software = peer.software();
        this.handsBorders = peer.handsBorders();
        this.slots = Math.max(1, welcome.u16());
        this.workers = Math.clamp(welcome.u16(), 1, MOST_WORKERS);
        this.bytes = Math.min(welcome.size(Long.MAX_VALUE), MOST_BYTES);
        welcome.i32();
        welcome.end();
    }

    Member member() {
        return member;
    }

    /** Sends a tile; where that fails the lease hears of it as of any loss. */
    void send(Lease lease, Seat seat) {
        Lease.Attempt attempt;
        synchronized (sending) {
            attempt = new Lease.Attempt(lease, name, ++requests, surroundings.nanos());
            lease.begin(attempt);
            pending.put(attempt.request, new Sent(attempt, seat));
            if (ended) {
                pending.remove(attempt.request);
                fleet.room.release(seat);
                lease.withdrawn(attempt);
                return;
            }
            try {
                int number = number(lease.program);
                sendBlocks(lease, seat);
                wire.send(FrameType.TILE, attempt.request, lease.fields(number, seat.blocks()), lease.dataIn, to ->
                        Traffic.sendParts(to, lease.stage, lease.own(), lease.loads));
                lease.sent(lease.dataIn);
            } catch (IOException | RuntimeException e) {
                // an answer, this tile's as well where the node is hostile, may be on its way into its stores: the
                // reader knows, and loses them all
                broken = String.valueOf(e.getMessage());
                wire.close();
                ended = true;
                if (e instanceof RuntimeException unexpected) {
                    throw unexpected;
                }
            }
        }
    }

    private void sendBlocks(Lease lease, Seat seat) throws IOException {
        sendDropped();
        for (Stock.Held held : seat.blocks()) {
            if (!held.sent) {
                Block block = held.shared.block();
                int load = held.shared.part().loads().getFirst();
                wire.send(FrameType.BLOCK, held.number, block.encoded(), block.data(), to ->
                        block.send(to, lease.loads.get(load)));
                lease.sent(block.data());
                held.sent = true;
            }
        }
    }

    private void sendDropped() throws IOException {
        for (int number : fleet.room.dropped(this)) {
            wire.send(FrameType.DROP, number, new byte[0]);
        }
    }

    /** Tells the node now which blocks nobody wants any more. */
    void tellDropped() {
        surroundings.start("imbrex-drop " + name, false, () -> {
            try {
                synchronized (sending) {
                    sendDropped();
                }
            } catch (IOException e) {
                wire.close(); // whoever reads hears of it
            }
        });
    }

    /** The number under which the node knows a program; sends it first where it does not. */
    private int number(Program program) throws IOException {
        Integer known = programs.get(program.id());
        if (known != null) {
            return known;
        }
        int number = programs.size();
        if (number == Session.PROGRAMS) {
            String eldest = programs.keySet().iterator().next();
            number = programs.remove(eldest);
        }
        wire.send(FrameType.PROGRAM, number, Programs.encode(program));
        programs.put(program.id(), number);
        return number;
    }

    /** Nobody waits for these answers any more. */
    void cancel(int request) {
        surroundings.start("imbrex-cancel " + name, false, () -> {
            try {
                wire.send(FrameType.CANCEL, request, new byte[0]);
            } catch (IOException e) {
                wire.close(); // whoever reads hears of it
            }
        });
    }

    /** What the node tells of itself. */
    NodeStatus status(Duration patience) throws IOException, InterruptedException {
        int request;
        synchronized (sending) {
            request = ++requests;
        }
        CountDownLatch latch = new CountDownLatch(1);
        asked.put(request, latch);
        wire.send(FrameType.STATUS, request, new byte[0]);
        if (!latch.await(patience.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS)) {
            asked.remove(request);
            throw new IOException("it did not answer");
        }
        return NodeCounters.decode(name, software, told.remove(request));
    }

    /** Receives answers until the connection ends. */
    void serve() throws IOException {
        while (true) {
            Wire.Header header = wire.receive();
            byte[] fields = wire.fields(header);
            switch (header.type()) {
                case RESULT -> {
                    if (errands.containsKey(header.request())) {
                        answered(header, fields);
                    } else {
                        result(header, fields);
                    }
                }
                case FAULT -> fault(header, fields);
                case ELEMENTS, ACCEPTED, TICKET -> answered(header, fields);
                case PING -> {}
                case DRAIN -> {
                    draining = true;
                    fleet.room.left(member);
                }
                case STATUS -> {
                    CountDownLatch latch = asked.remove(header.request());
                    if (latch != null) {
                        told.put(header.request(), fields);
                        latch.countDown();
                    }
                }
                case GOODBYE -> throw new WireException("it said goodbye: " + new Decoder(fields).text());
                default -> throw new WireException("found " + header.type() + ", which only a client sends");
            }
        }
    }

    private void answered(Wire.Header header, byte[] fields) throws IOException {
        Errand errand = errands.remove(header.request());
        if (errand == null) {
            throw new WireException("found an answer that nobody has asked for");
        }
        errand.seat().ifPresent(fleet.room::release);
        try {
            errand.receive(wire, header, fields);
        } catch (IOException e) {
            errand.fail(new DeviceException(DeviceException.Kind.LOST, name + ": lost (" + e.getMessage() + ")", e));
            throw e;
        }
    }

    private void result(Wire.Header header, byte[] fields) throws IOException {
        Sent sent = pending.get(header.request());
        if (sent == null) {
            throw new WireException("found a result that nobody has asked for");
        }
        Lease.Attempt attempt = sent.attempt;
        Lease lease = attempt.lease;
        if (header.data() != lease.dataOut) {
            throw new WireException("found a result of " + header.data() + " bytes, expected " + lease.dataOut);
        }
        boolean first = lease.mayReceive(attempt);
        if (first) {
            Traffic.receiveResults(wire, lease.stage, lease.tile, lease.stores);
        } else {
            wire.skip(header.data());
        }
        int checksum = header.data() > 0 ? wire.endOfData() : 0;
        pending.remove(header.request());
        fleet.room.release(sent.seat);
        if (first) {
            lease.answered(attempt, fields, checksum);
        } else {
            lease.alsoAnswered(attempt, checksum);
        }
    }

    private void fault(Wire.Header header, byte[] fields) throws IOException {
        Decoder from = new Decoder(fields);
        DeviceException.Kind kind = from.choice(DeviceException.Kind.values());
        String message = from.text();
        Errand errand = errands.remove(header.request());
        if (errand != null) {
            errand.seat().ifPresent(fleet.room::release);
            errand.fail(new DeviceException(kind, name + ": " + message));
            return;
        }
        Sent sent = pending.remove(header.request());
        if (sent == null) {
            throw new WireException("found a fault of a tile that nobody has asked for");
        }
        fleet.room.release(sent.seat);
        sent.attempt.lease.refused(sent.attempt, new DeviceException(kind, message));
    }

    private void lose(Lease.Attempt attempt, String why) {
        Sent sent = pending.remove(attempt.request);
        if (sent != null) {
            fleet.room.release(sent.seat);
            attempt.lease.lost(attempt, why);
        }
    }

    /** By the thread that reads, at its end: nothing of this connection is received any more. */
    void end(String read) {
        wire.close();
        synchronized (sending) {
            ended = true;
        }
        String why = broken.isEmpty() ? read : broken;
        pending.values().forEach(sent -> lose(sent.attempt, why));
        for (Integer request : errands.keySet()) {
            Errand errand = errands.remove(request);
            if (errand != null) {
                errand.seat().ifPresent(fleet.room::release);
                errand.fail(new DeviceException(DeviceException.Kind.LOST, name + ": lost (" + why + ")"));
            }
        }
    }
}
