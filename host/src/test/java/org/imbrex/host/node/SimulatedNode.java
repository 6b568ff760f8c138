package org.imbrex.host.node;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.ResourceBundle;
import java.util.Set;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.host.node.trust.Greeting;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Ticket;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.host.node.wire.WireException;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.memory.Span;

/** A node of the simulation: real sessions and a real workbench, on a device whose tiles take virtual time. */
final class SimulatedNode {
    private static final int BUFFER = 8 << 10;
    private static final int TIMEOUT_MILLIS = 2000;
    /** Some results are as large, so that another hand computes while they are sent, and some are not. */
    private static final long LARGE = 256;


    /**
     * How a node is.
     *
     * @param slowOneIn one tile in so many takes a hundred times as long; 0 for none
     * @param failsOneIn one tile in so many fails, or finds no memory; 0 for none
     */
    record Nature(int workers, int slots, long bytes, int tileNanos, int slowOneIn, int failsOneIn) {}

    private final SimulatedTime time;
    private final SimulatedWeather weather;
    private final Nature nature;
    private final BufferPool pool;
    private final Device inner;
    private final NodeCounters counters = new NodeCounters();
    private final List<SimulatedLink> links = new ArrayList<>();
    /** Those of the above that are between nodes. */
    private final List<SimulatedLink> betweenNodes = new ArrayList<>();
    private final List<Session> sessions = new ArrayList<>();
    private final Set<SimulatedNode> outOfReach = new HashSet<>();
    private final Peering peering;
    private Workbench bench;
    private boolean up = true;
    /** Tiles that it has computed, in all its lives. */
    int computed;
    /** What a well-behaved client over an honest network never causes. */
    final List<String> complaints = new ArrayList<>();

    /** Finds a node by its address, for one that another has named. */
    interface Others {
        SimulatedNode at(InetSocketAddress address);
    }

    SimulatedNode(
            SimulatedTime time, SimulatedWeather weather, Nature nature, BufferPool pool, Device inner, Others others) {
        this.time = time;
        this.weather = weather;
        this.nature = nature;
        this.pool = pool;
        this.inner = inner;
        this.bench = new Workbench(List.of(new SlowDevice()), time, LARGE);
        // it may give up another node before that one gives it up: what is on its way then comes late
        Duration timeout = Duration.ofMillis(TIMEOUT_MILLIS / 8 + time.random.nextInt(TIMEOUT_MILLIS));
        this.peering = new Peering(
                new Here(others),
                Peering.caller(new Credentials.Loopback(), timeout, "simulated"),
                true,
                timeout,
                new Tickets(this::ticket),
                counters,
                new RefusalLog(new Silent(), time::nanos));
    }

    /** Thousands of schedules have nothing to tell of what strangers bring about. */
    private record Silent() implements System.Logger {
        @Override
        public String getName() {
            return "simulated";
        }

        @Override
        public boolean isLoggable(Level level) {
            return false;
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {}

        @Override
        public void log(Level level, ResourceBundle bundle, String format, Object... values) {}
    }

    private Ticket ticket() {
        byte[] bytes = new byte[32];
        time.random.nextBytes(bytes);
        return new Ticket(bytes);
    }

    /** From now on this node does not reach the other. */
    void losesSightOf(SimulatedNode other) {
        outOfReach.add(other);
    }

    long bordersTaken() {
        return counters.borders.get();
    }

    /** The simulation's time and threads, and connections that begin at this node. */
    private final class Here implements Surroundings {
        private final Others others;

        Here(Others others) {
            this.others = others;
        }

        @Override
        public long nanos() {
            return time.nanos();
        }

        @Override
        public void await(Object monitor, long nanos) throws InterruptedException {
            time.await(monitor, nanos);
        }

        @Override
        public void wake(Object monitor) {
            time.wake(monitor);
        }

        @Override
        public void sleep(long nanos) throws InterruptedException {
            time.sleep(nanos);
        }

        @Override
        public void between() {
            time.between();
        }

        @Override
        public Task start(String name, boolean quick, Runnable body) {
            return time.start(name, quick, body);
        }

        @Override
        public Met meet(InetSocketAddress address, Caller caller) throws IOException {
            SimulatedNode other = others.at(address);
            try {
                if (outOfReach.contains(other)) {
                    time.sleep(time.random.nextBoolean() ? 1 : caller.timeout().toNanos());
                    throw new ConnectException("no route to host");
                }
                return other.meet(caller, Optional.of(SimulatedNode.this));
            } catch (InterruptedException e) {
                throw new IOException("interrupted", e);
            }
        }
    }

    SimulatedWeather weather() {
        return weather;
    }

    boolean isUp() {
        return up;
    }

    /** @param from the node that comes, if it is no client */
    Surroundings.Met meet(Surroundings.Caller caller, Optional<SimulatedNode> from)
            throws IOException, InterruptedException {
        time.sleep(weather.delay(time.random));
        if (!up || counters.draining) {
            throw new ConnectException("connection refused");
        }
        SimulatedLink[] ends = SimulatedLink.pair(time, weather);
        links.add(ends[1]);
        from.ifPresent(node -> {
            node.links.add(ends[0]);
            node.betweenNodes.add(ends[0]);
            betweenNodes.add(ends[1]);
        });
        Wire wire = new Wire(ends[1], time::nanos, BUFFER);
        wire.greeted();
        time.start("session", true, () -> serve(wire, from.isPresent()));
        Wire client = new Wire(ends[0], time::nanos, BUFFER);
        client.greeted();
        boolean[] met = new boolean[1];
        time.after(caller.timeout().toNanos(), () -> {
            if (!met[0]) {
                client.close();
            }
        });
        try {
            Wire.Header header = client.receive();
            byte[] fields = client.fields(header);
            met[0] = true;
            return new Surroundings.Met(new Greeting.Peer(client, "simulated", Greeting.BORDERS), header, fields);
        } catch (IOException e) {
            client.close();
            throw e;
        }
    }

    private void serve(Wire wire, boolean delivers) {
        Session session = new Session(wire, bench, pool, nature.slots, nature.bytes, nature.bytes, peering);
        Surroundings.Task pulse = Pulse.watch(time, wire, Duration.ofMillis(TIMEOUT_MILLIS), why -> wire.close());
        if (!delivers) {
            sessions.add(session);
        }
        try {
            wire.send(FrameType.WELCOME, 0, new Encoder()
                    .u16(nature.slots)
                    .u16(nature.workers)
                    .i64(nature.bytes)
                    .i32(TIMEOUT_MILLIS)
                    .finished());
            if (delivers) {
                new Delivery(wire, peering, pool, nature.bytes).serve();
            } else {
                session.serve();
            }
        } catch (WireException e) {
            complaints.add(e.getMessage());
        } catch (IOException e) {
            return; // it has gone
        } finally {
            pulse.interrupt();
            sessions.remove(session);
            wire.close();
        }
    }

    /** Ends at once, as by SIGKILL; {@code silently} as by the loss of its machine. */
    void kill(boolean silently) {
        up = false;
        for (SimulatedLink link : links) {
            if (silently) {
                link.silence();
            } else {
                link.other().reset();
            }
            link.reset();
        }
        links.clear();
        time.start("kill", false, bench::close);
    }

    void restart() {
        if (!up) {
            bench = new Workbench(List.of(new SlowDevice()), time, LARGE);
            up = true;
        }
        counters.draining = false;
    }

    /** Tells its clients that it wants no more tiles. */
    void drain() {
        counters.draining = true;
        for (Session session : List.copyOf(sessions)) {
            time.start("drain", false, () -> {
                try {
                    session.wire().send(FrameType.DRAIN, 0, new byte[0]);
                } catch (IOException e) {
                    session.wire().close();
                }
            });
        }
    }

    /** Every connection breaks, and both sides hear of it. */
    void cut() {
        for (SimulatedLink link : links) {
            link.reset();
            link.other().reset();
        }
        links.clear();
    }

    /** Nothing gets through for a while, one way or both: a stopped process, or a broken path. */
    void stall(boolean toNode, boolean fromNode, long nanos) {
        stall(links, toNode, fromNode, nanos);
    }

    /** Nothing gets through between this node and others for a while; clients do not notice. */
    void stallBetweenNodes(long nanos) {
        stall(betweenNodes, true, true, nanos);
    }

    /** Connections between this node and others break. */
    void cutBetweenNodes() {
        for (SimulatedLink link : betweenNodes) {
            link.reset();
            link.other().reset();
        }
        betweenNodes.clear();
    }

    private void stall(List<SimulatedLink> stalled, boolean toNode, boolean fromNode, long nanos) {
        for (SimulatedLink link : stalled) {
            if (toNode) {
                link.other().block();
                time.after(nanos, link.other()::unblock);
            }
            if (fromNode) {
                link.block();
                time.after(nanos, link::unblock);
            }
        }
    }

    void close() {
        up = false;
        cut();
        bench.close();
    }

    /** Computes as the reference does, at its own pace. */
    private final class SlowDevice implements Device {
        @Override
        public DeviceInfo info() {
            return inner.info();
        }

        @Override
        public int workers() {
            return nature.workers;
        }

        @Override
        public TileKernel kernel(Program program, int stage) {
            TileKernel kernel = inner.kernel(program, stage);
            return new TileKernel() {
                @Override
                public String hash() {
                    return kernel.hash();
                }

                @Override
                public TileTimes run(Tile tile, List<Span> loads, List<Span> stores) {
                    Random random = time.random;
                    long nanos = 1 + random.nextInt(nature.tileNanos);
                    try {
                        time.sleep(nature.slowOneIn > 0 && random.nextInt(nature.slowOneIn) == 0 ? nanos * 100 : nanos);
                    } catch (InterruptedException e) {
                        throw new DeviceException(DeviceException.Kind.LOST, "the node has ended");
                    }
                    if (nature.failsOneIn > 0 && random.nextInt(nature.failsOneIn) == 0) {
                        throw new DeviceException(
                                random.nextBoolean()
                                        ? DeviceException.Kind.FAILED
                                        : DeviceException.Kind.OUT_OF_MEMORY,
                                "by chance");
                    }
                    computed++;
                    return kernel.run(tile, loads, stores);
                }
            };
        }

        @Override
        public void close() {}
    }
}
