package org.imbrex.host.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.host.node.trust.Greeting;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.host.node.wire.WireException;

/** Where peers come in: it listens, lets strangers prove who they are within limits, and hands clients over. */
public final class Door implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Door.class.getName());
    /** Connections that have not proved who they are. */
    private static final int STRANGERS = 32;
    /** … and how many of them one address may have, so that it does not keep others out. */
    private static final int STRANGERS_OF_ONE = 24;
    /** Other nodes that bring borders. */
    private static final int NODES = 64;
    /** How long a stranger may take for it. */
    private static final Duration GREETING = Duration.ofSeconds(5);

    private final Options options;
    private final Host host;
    private final ServerSocketChannel server;
    private final NodeCounters counters;
    private final RefusalLog refusals = new RefusalLog(LOG, System::nanoTime);
    private final Set<SocketChannel> channels = ConcurrentHashMap.newKeySet();
    private final Strangers strangers = new Strangers(STRANGERS, STRANGERS_OF_ONE);
    private final Semaphore clients;
    private final Semaphore nodes = new Semaphore(NODES);
    private final Thread acceptor;

    /**
     * Who may come in, and how.
     *
     * @param listen where clients connect; beyond loopback only with credentials
     * @param clients how many at once; more are refused
     * @param timeout after which a client that is silent is given up
     * @param capabilities as {@link Greeting} tells them
     */
    public record Options(
            InetSocketAddress listen,
            int clients,
            Credentials credentials,
            Duration timeout,
            String software,
            int capabilities) {
        public Options {
            requireCredentials(listen, credentials);
        }
    }

    /** Who serves those that have come in. */
    public interface Host {
        /** The fields of the WELCOME. */
        byte[] welcome();

        /** Why nobody is served now, if so. */
        default Optional<String> closed() {
            return Optional.empty();
        }

        /** Serves a client until it goes. A connection that ends is no error. */
        void serve(Wire wire) throws IOException;

        /** Serves a node that brings borders. */
        default void deliver(Wire wire) throws IOException {
            throw new WireException("found a node that brings borders, which are not taken here");
        }
    }

    /** @throws NodeException where it cannot listen there */
    public static Door open(Options options, Host host) throws IOException {
        return new Door(options, host, new NodeCounters());
    }

    Door(Options options, Host host, NodeCounters counters) throws IOException {
        this.options = options;
        this.host = host;
        this.counters = counters;
        this.clients = new Semaphore(options.clients());
        this.server = ServerSocketChannel.open();
        try {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(options.listen(), 128);
        } catch (IOException e) {
            server.close();
            throw new NodeException("cannot listen at " + options.listen() + ": " + e.getMessage(), e);
        }
        this.acceptor = Thread.ofVirtual().name("imbrex-accept").start(this::accept);
    }

    static void requireCredentials(InetSocketAddress listen, Credentials credentials) {
        if (!listen.getAddress().isLoopbackAddress() && credentials instanceof Credentials.Loopback) {
            throw new NodeException("found --listen " + listen.getHostString() + ", which other machines reach, without"
                    + " credentials; give --secret FILE (made on first use), or --tls-cert, --tls-key and --tls-ca"
                    + " (imbrex node --init-certs DIR makes them)");
        }
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        try {
            return (InetSocketAddress) server.getLocalAddress();
        } catch (IOException e) {
            throw new NodeException("the node is closed", e);
        }
    }

    /** Who came and went, by name. */
    public Map<String, Long> numbers() {
        return counters.peers();
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel channel = server.accept();
                InetAddress from = ((InetSocketAddress) channel.getRemoteAddress()).getAddress();
                if (!strangers.enter(from)) {
                    counters.refusedPeers.incrementAndGet();
                    refusals.log("refused " + from + ": too many are there that have not proved who they are");
                    channel.close();
                    continue;
                }
                channels.add(channel);
                Thread.ofVirtual().start(() -> {
                    try {
                        meet(channel);
                    } finally {
                        strangers.leave(from);
                    }
                });
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
            String why = e instanceof ClosedChannelException
                    ? "it did not prove who it is within " + GREETING.toSeconds() + " s"
                    : e.getMessage();
            refusals.log("refused " + who + ": " + why);
            forget(channel);
            return;
        }
        // a thread of the system's hears of a frame a hop sooner than a virtual one
        String name = who;
        Thread.ofPlatform().daemon().name("imbrex-client " + who).start(() -> admit(channel, peer, name));
    }

    private void admit(SocketChannel channel, Greeting.Peer peer, String who) {
        try {
            boolean node = peer.handsBorders();
            Semaphore room = node ? nodes : clients;
            AtomicLong there = node ? counters.peers : counters.clients;
            Optional<String> closed = host.closed();
            if (closed.isPresent() || !room.tryAcquire()) {
                String full = node ? NODES + " other nodes" : options.clients() + " clients";
                String why = closed.orElse("this node has its " + full + " already");
                peer.wire().send(FrameType.GOODBYE, 0, new Encoder().text(why).finished());
                return;
            }
            there.incrementAndGet();
            try {
                serve(peer.wire(), who, node ? host::deliver : host::serve);
            } finally {
                there.decrementAndGet();
                room.release();
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
            return Greeting.asNode(channel, from, options.credentials(), options.software(), options.capabilities());
        } finally {
            limit.interrupt();
        }
    }

    private interface Service {
        void serve(Wire wire) throws IOException;
    }

    private void serve(Wire wire, String who, Service service) throws IOException {
        Surroundings.Task pulse = Pulse.watch(Surroundings.SYSTEM, wire, options.timeout(), why -> wire.close());
        try {
            wire.send(FrameType.WELCOME, 0, host.welcome());
            service.serve(wire);
        } catch (WireException e) {
            counters.brokenConnections.incrementAndGet();
            refusals.log("closed the connection of " + who + ": " + e.getMessage());
            wire.send(FrameType.GOODBYE, 0, new Encoder().text(e.getMessage()).finished());
        } finally {
            pulse.interrupt();
            counters.bytesIn.addAndGet(wire.bytesIn());
            counters.bytesOut.addAndGet(wire.bytesOut());
        }
    }

    /** Ends at once, and all connections with it. */
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
    }
}
