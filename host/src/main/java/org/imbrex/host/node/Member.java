package org.imbrex.host.node;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Programs;
import org.imbrex.host.node.wire.Traffic;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.host.node.wire.WireException;
import org.imbrex.kernels.stage.Program;
import org.imbrex.runtime.device.DeviceException;

/** One node of a fleet: connects to it, and again whenever it was lost, until the fleet is closed. */
final class Member {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    /** How often a node that hangs up, as one does to which many strangers come, is tried before it counts as away. */
    private static final int FIRST_TRIES = 4;

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    final String name;
    private final InetSocketAddress address;
    private final Fleet fleet;
    private final Surroundings surroundings;
    private final Surroundings.Task task;
    private volatile Connection connection;
    private volatile String trouble = "";
    private volatile String aside = "";
    private volatile boolean closed;
    private boolean tried;

    /** How many of our tiles it holds, and how much of its memory they take: guarded by the fleet. */
    int flying;

    long flyingBytes;

    Member(InetSocketAddress address, Fleet fleet) {
        this.address = address;
        this.name = FleetOptions.name(address);
        this.fleet = fleet;
        this.surroundings = fleet.surroundings();
        this.task = surroundings.start("imbrex-node " + name, true, () -> {
            try {
                keepConnected();
            } finally {
                tried(); // who waits for a first try must not wait for ever
            }
        });
    }

    /** One connection, from its welcome on. */
    final class Connection {
        final Wire wire;
        final String software;
        final int slots;
        final int workers;
        final long bytes;
        volatile boolean draining;
        private final Map<Integer, Lease.Attempt> pending = new ConcurrentHashMap<>();
        private final Map<Integer, CountDownLatch> asked = new ConcurrentHashMap<>();
        private final Map<Integer, byte[]> told = new ConcurrentHashMap<>();
        private final Object sending = new Object();
        private final Map<String, Integer> programs = new LinkedHashMap<>(16, 0.75f, true);
        private int requests;
        private volatile boolean ended;

        private Connection(Wire wire, String software, Decoder welcome) throws IOException {
            this.wire = wire;
            this.software = software;
            this.slots = Math.max(1, welcome.u16());
            this.workers = Math.max(1, welcome.u16());
            this.bytes = welcome.size(Long.MAX_VALUE);
            welcome.i32();
            welcome.end();
        }

        Member member() {
            return Member.this;
        }

        /** Sends a tile; where that fails the lease hears of it as of any loss. */
        void send(Lease lease) {
            Lease.Attempt attempt;
            synchronized (sending) {
                attempt = new Lease.Attempt(lease, name, ++requests, surroundings.nanos());
                lease.begin(attempt);
                pending.put(attempt.request, attempt);
                if (ended) {
                    pending.remove(attempt.request);
                    fleet.release(Member.this, lease);
                    lease.withdrawn(attempt);
                    return;
                }
                try {
                    int number = number(lease.program);
                    byte[] fields = lease.fields.clone();
                    fields[0] = (byte) number;
                    fields[1] = (byte) (number >> 8);
                    wire.send(FrameType.TILE, attempt.request, fields, lease.dataIn, to ->
                            Traffic.sendParts(to, lease.stage, lease.parts, lease.loads));
                } catch (IOException | RuntimeException e) {
                    // only this one: another's answer may be on its way into its stores, the reader knows
                    wire.close();
                    ended = true;
                    lose(attempt, String.valueOf(e.getMessage()));
                    if (e instanceof RuntimeException unexpected) {
                        throw unexpected;
                    }
                }
            }
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
                throw new IOException("it did not answer");
            }
            return NodeCounters.decode(name, software, told.remove(request));
        }

        private void serve() throws IOException {
            while (true) {
                Wire.Header header = wire.receive();
                byte[] fields = wire.fields(header);
                switch (header.type()) {
                    case RESULT -> result(header, fields);
                    case FAULT -> fault(header, fields);
                    case PING, ACCEPTED -> {}
                    case DRAIN -> {
                        draining = true;
                        fleet.changed();
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

        private void result(Wire.Header header, byte[] fields) throws IOException {
            Lease.Attempt attempt = pending.get(header.request());
            if (attempt == null) {
                throw new WireException("found a result that nobody has asked for");
            }
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
            fleet.release(Member.this, lease);
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
            Lease.Attempt attempt = pending.remove(header.request());
            if (attempt == null) {
                throw new WireException("found a fault of a tile that nobody has asked for");
            }
            fleet.release(Member.this, attempt.lease);
            attempt.lease.refused(attempt, new DeviceException(kind, message));
        }

        private void lose(Lease.Attempt attempt, String why) {
            if (pending.remove(attempt.request) != null) {
                fleet.release(Member.this, attempt.lease);
                attempt.lease.lost(attempt, why);
            }
        }

        /** By the thread that reads, at its end: nothing of this connection is received any more. */
        private void end(String why) {
            wire.close();
            synchronized (sending) {
                ended = true;
            }
            pending.values().forEach(attempt -> lose(attempt, why));
        }
    }

    private void keepConnected() {
        Duration pause = FIRST_PAUSE;
        int tries = 0;
        while (!closed && aside.isEmpty()) {
            boolean turnedAway = false;
            try {
                Connection now = connect();
                pause = FIRST_PAUSE;
                serve(now);
            } catch (IOException | RuntimeException e) {
                trouble = e.getMessage() == null ? e.toString() : e.getMessage();
                turnedAway = e instanceof EOFException || e instanceof SocketException && !(e instanceof ConnectException);
            }
            if (!turnedAway || ++tries == FIRST_TRIES) {
                tried();
            }
            try {
                surroundings.sleep(pause.toNanos());
            } catch (InterruptedException e) {
                return; // closed
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
    }

    private Connection connect() throws IOException {
        Surroundings.Met met = surroundings.meet(address, fleet.options());
        Wire wire = met.peer().wire();
        try {
            if (met.header().type() == FrameType.GOODBYE) {
                throw new WireException("it refused: " + new Decoder(met.fields()).text());
            }
            if (met.header().type() != FrameType.WELCOME) {
                throw new WireException("found " + met.header().type() + ", expected WELCOME");
            }
            return new Connection(wire, met.peer().software(), new Decoder(met.fields()));
        } catch (IOException e) {
            wire.close();
            throw e;
        }
    }

    private void serve(Connection now) {
        String[] why = {""};
        Surroundings.Task pulse = Pulse.watch(surroundings, now.wire, fleet.options().timeout(), silent -> {
            why[0] = silent;
            now.wire.close();
        });
        connection = now;
        tried();
        fleet.changed();
        try {
            now.serve();
        } catch (IOException | RuntimeException e) {
            trouble = why[0].isEmpty() ? String.valueOf(e.getMessage()) : why[0];
        } finally {
            connection = null;
            pulse.interrupt();
            now.end(trouble);
            fleet.changed();
        }
    }

    /** Its connection, or null while it has none that takes tiles. */
    Connection connection() {
        Connection now = connection;
        return now == null || now.draining || now.ended || !aside.isEmpty() ? null : now;
    }

    /** Why there is no connection. */
    String trouble() {
        return aside.isEmpty() ? trouble : aside;
    }

    boolean isAside() {
        return !aside.isEmpty();
    }

    void putAside(String why) {
        aside = why;
        Connection now = connection;
        if (now != null) {
            now.wire.close();
        }
    }

    private synchronized void tried() {
        tried = true;
        surroundings.wake(this);
    }

    synchronized void awaitFirstTry() throws InterruptedException {
        while (!tried) {
            surroundings.await(this, Surroundings.FOREVER);
        }
    }

    void close() {
        closed = true;
        Connection now = connection;
        if (now != null) {
            now.wire.close();
        }
        task.interrupt();
        try {
            task.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
