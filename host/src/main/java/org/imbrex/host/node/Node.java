package org.imbrex.host.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.imbrex.host.node.trust.Greeting;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.memory.BufferPool;

/** Runs tiles for clients that connect and prove who they are. */
public final class Node implements AutoCloseable {
    /** Tiles that a client may have here beyond those that are run. */
    private static final int AHEAD = 16;

    private final NodeOptions options;
    private final Devices devices;
    private final Workbench bench;
    private final BufferPool pool;
    private final NodeCounters counters = new NodeCounters();
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private final Peering peering;
    private final Door door;

    private Node(NodeOptions options, Devices devices) throws IOException {
        this.options = options;
        this.devices = devices;
        this.bench = new Workbench(
                devices.select(options.devices(), false, Long.MAX_VALUE).devices(), Surroundings.SYSTEM);
        this.pool = new BufferPool(options.memoryBytes() / 2);
        this.peering = Peering.of(options, counters);
        try {
            this.door = new Door(
                    new Door.Options(
                            options.listen(),
                            options.clients(),
                            options.credentials(),
                            options.timeout(),
                            options.software(),
                            Greeting.BORDERS),
                    new Desk(),
                    counters);
        } catch (IOException | RuntimeException e) {
            bench.close();
            pool.close();
            throw e;
        }
    }

    /**
     * Starts a node on devices that are closed with it.
     *
     * @throws NodeException where it cannot listen there
     */
    public static Node start(NodeOptions options, Devices devices) throws IOException {
        return new Node(options, devices);
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return door.address();
    }

    /** What it has done so far, by name. */
    public Map<String, Long> numbers() {
        return counters.numbers(bench);
    }

    /** Bytes that its tiles hold now. */
    public long heldBytes() {
        return pool.lentBytes();
    }

    /** Its devices' ids. */
    public java.util.List<String> devices() {
        return NodeCounters.names(bench.devices());
    }

    /** A session for each client. */
    private final class Desk implements Door.Host {
        private final int slots = bench.workers() + AHEAD;
        private final long bytes = options.memoryBytes() / options.clients();

        @Override
        public byte[] welcome() {
            return new Encoder()
                    .u16(slots)
                    .u16(bench.workers())
                    .i64(bytes)
                    .i32((int) options.timeout().toMillis())
                    .finished();
        }

        @Override
        public Optional<String> closed() {
            return counters.draining ? Optional.of("this node is draining") : Optional.empty();
        }

        @Override
        public void serve(Wire wire) throws IOException {
            Session session = new Session(wire, bench, pool, slots, bytes, options.memoryBytes(), peering);
            sessions.add(session);
            try {
                if (counters.draining) {
                    wire.send(FrameType.DRAIN, 0, new byte[0]); // it began just now
                }
                session.serve();
            } finally {
                sessions.remove(session);
            }
        }

        @Override
        public void deliver(Wire wire) throws IOException {
            new Delivery(wire, peering, pool, options.memoryBytes()).serve();
        }
    }

    /** Takes no new clients nor tiles, finishes those it has, and says so to the clients. */
    public void drain(Duration most) {
        counters.draining = true;
        for (Session session : sessions) {
            try {
                session.wire().send(FrameType.DRAIN, 0, new byte[0]);
            } catch (IOException e) {
                session.wire().close();
            }
        }
        long until = System.nanoTime() + most.toNanos();
        try {
            while (System.nanoTime() < until && sessions.stream().anyMatch(session -> session.open() > 0)) {
                Thread.sleep(100);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends at once; tiles that run are finished and dropped. */
    @Override
    public void close() {
        door.close();
        bench.close();
        pool.close();
        devices.close();
    }
}
