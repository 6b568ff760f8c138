package org.imbrex.host.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.imbrex.host.node.trust.Greeting;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.memory.BufferPool;

/** Runs tiles for clients that connect and prove who they are. */
public final class Node implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Node.class.getName());
    /** Connections that have not proved who they are. */
    private static final int STRANGERS = 32;
    /** How long a stranger may take for it. */
    private static final Duration GREETING = Duration.ofSeconds(5);

    /** Tiles that a client may have here beyond those that are run. */
    private static final int AHEAD = 16;

    private final NodeOptions options;
    private final Devices devices;
    private final Workbench bench;
    private final BufferPool pool;
    private final ServerSocketChannel server;
    private final NodeCounters counters = new NodeCounters();
    private final RefusalLog refusals = new RefusalLog(LOG, System::nanoTime);
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private final Set<SocketChannel> channels = ConcurrentHashMap.newKeySet();
    private final Semaphore strangers = new Semaphore(STRANGERS);
    private final Semaphore clients;
    private final Thread acceptor;

    private Node(NodeOptions options, Devices devices) throws IOException {
        this.options = options;
        this.clients = new Semaphore(options.clients());
        this.server = ServerSocketChannel.open();
        try {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(options.listen(), 128);
        } catch (IOException e) {
            server.close();
            throw new NodeException("cannot listen at " + options.listen() + ": " + e.getMessage(), e);
        }
        this.devices = devices;
        this.bench = new Workbench(
                devices.select(options.devices(), false, Long.MAX_VALUE).devices(), Surroundings.SYSTEM);
        this.pool = new BufferPool(options.memoryBytes() / 2);
        this.acceptor = Thread.ofVirtual().name("imbrex-accept").start(this::accept);
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
        try {
            return (InetSocketAddress) server.getLocalAddress();
        } catch (IOException e) {
            throw new NodeException("the node is closed", e);
        }
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

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel channel = server.accept();
                if (!strangers.tryAcquire()) {
                    counters.refusedPeers.incrementAndGet();
                    channel.close();
                    continue;
                }
                channels.add(channel);
                Thread.ofVirtual().start(() -> meet(channel));
            } catch (IOException e) {
                if (server.isOpen()) {
                    LOG.log(System.Logger.Level.WARNING, "cannot accept a connection: " + e);
                    pause();
                }
            }
        }
    }

    /** A machine out of files must not make a busy loop of it. */
    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void meet(SocketChannel channel) {
        String who = "a peer";
        Greeting.Peer peer;
        try {
            InetSocketAddress from = (InetSocketAddress) channel.getRemoteAddress();
            who = from.toString();
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            peer = greet(channel, from);
        } catch (IOException | RuntimeException e) {
            counters.refusedPeers.incrementAndGet();
            refusals.log("refused " + who + ": " + e.getMessage());
            forget(channel);
            return;
        } finally {
            strangers.release();
        }
        // a thread of the system's hears of a frame a hop sooner than a virtual one
        String name = who;
        Thread.ofPlatform().daemon().name("imbrex-client " + who).start(() -> admit(channel, peer, name));
    }

    private void admit(SocketChannel channel, Greeting.Peer peer, String who) {
        try {
            if (counters.draining || !clients.tryAcquire()) {
                String why = counters.draining
                        ? "this node is draining"
                        : "this node has its " + options.clients() + " clients already";
                peer.wire().send(FrameType.GOODBYE, 0, new Encoder().text(why).finished());
                return;
            }
            counters.clients.incrementAndGet();
            try {
                serve(peer.wire(), who);
            } finally {
                counters.clients.decrementAndGet();
                clients.release();
            }
        } catch (IOException | RuntimeException e) {
            counters.brokenConnections.incrementAndGet();
            LOG.log(System.Logger.Level.INFO, "lost " + who + ": " + e);
        } finally {
            forget(channel);
        }
    }

    private void forget(SocketChannel channel) {
        channels.remove(channel);
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "closing a connection: " + e);
        }
    }

    private Greeting.Peer greet(SocketChannel channel, InetSocketAddress from) throws IOException {
        Thread limit = Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(GREETING);
                channel.close();
            } catch (InterruptedException | IOException e) {
                return; // it was in time, or is closed already
            }
        });
        try {
            return Greeting.asNode(channel, from, options.credentials(), options.software());
        } finally {
            limit.interrupt();
        }
    }

    private void serve(Wire wire, String who) throws IOException {
        int slots = bench.workers() + AHEAD;
        long bytes = options.memoryBytes() / options.clients();
        Session session = new Session(wire, bench, pool, slots, bytes, options.memoryBytes(), counters);
        sessions.add(session);
        Surroundings.Task pulse = Pulse.watch(Surroundings.SYSTEM, wire, options.timeout(), why -> wire.close());
        try {
            wire.send(FrameType.WELCOME, 0, new Encoder()
                    .u16(slots)
                    .u16(bench.workers())
                    .i64(bytes)
                    .i32((int) options.timeout().toMillis())
                    .finished());
            session.serve();
        } catch (org.imbrex.host.node.wire.WireException e) {
            counters.brokenConnections.incrementAndGet();
            refusals.log("closed the connection of " + who + ": " + e.getMessage());
            wire.send(FrameType.GOODBYE, 0, new Encoder().text(e.getMessage()).finished());
        } finally {
            pulse.interrupt();
            sessions.remove(session);
            counters.bytesIn.addAndGet(wire.bytesIn());
            counters.bytesOut.addAndGet(wire.bytesOut());
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
        while (System.nanoTime() < until && sessions.stream().anyMatch(session -> session.open() > 0)) {
            pause();
        }
    }

    /** Ends at once; tiles that run are finished and dropped. */
    @Override
    public void close() {
        try {
            server.close();
            for (SocketChannel channel : channels) {
                channel.close();
            }
            acceptor.join();
        } catch (IOException e) {
            throw new NodeException("cannot close the node: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        bench.close();
        pool.close();
        devices.close();
    }
}
