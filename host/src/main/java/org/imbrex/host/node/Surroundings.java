package org.imbrex.host.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.host.node.trust.Greeting;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.host.node.wire.WireException;

/** Time, threads and connections as a fleet and its nodes see them: those of this process, or a simulation's. */
interface Surroundings {
    Surroundings SYSTEM = new OfProcess();
    /** Until it is woken. */
    long FOREVER = Long.MAX_VALUE;

    /** A thread of these surroundings. */
    interface Task {
        void interrupt();

        void join() throws InterruptedException;
    }

    /** A peer that has greeted, and the first frame that it sent: WELCOME or GOODBYE. */
    record Met(Greeting.Peer peer, Wire.Header header, byte[] fields) {
        /** @throws WireException where the frame is a GOODBYE, with what that tells */
        void mustNotRefuse() throws WireException {
            if (header.type() == FrameType.GOODBYE) {
                throw new WireException("it refused: " + new Decoder(fields).text());
            }
        }
    }

    /** Nanoseconds since any moment; never the clock on the wall, which may jump. */
    long nanos();

    /** As {@code monitor.wait}: the caller holds the monitor, and may be woken for no reason. */
    void await(Object monitor, long nanos) throws InterruptedException;

    /** As {@code monitor.notifyAll}. */
    void wake(Object monitor);

    void sleep(long nanos) throws InterruptedException;

    /** Between two steps that others may come between: a simulation lets them. */
    void between();

    /** @param quick whether a thread of the system's is worth its memory: it hears of a frame a hop sooner */
    Task start(String name, boolean quick, Runnable body);

    /**
     * Who connects, and how.
     *
     * @param capabilities as {@link Greeting} tells them
     * @param bufferBytes as {@link Wire} takes it
     */
    record Caller(Credentials credentials, Duration timeout, String software, int capabilities, int bufferBytes) {
        static Caller client(FleetOptions options) {
            int buffer = Fleet.isMany(options) ? Wire.LEAST_BUFFER : Wire.BUFFER;
            return new Caller(options.credentials(), options.timeout(), options.software(), 0, buffer);
        }
    }

    /** Connects and greets within the timeout. */
    Met meet(InetSocketAddress address, Caller caller) throws IOException;

    /** This process's own. */
    class OfProcess implements Surroundings {
        private record OfThread(Thread thread) implements Task {
            @Override
            public void interrupt() {
                thread.interrupt();
            }

            @Override
            public void join() throws InterruptedException {
                thread.join();
            }
        }

        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public void await(Object monitor, long nanos) throws InterruptedException {
            if (nanos == FOREVER) {
                monitor.wait();
            } else {
                monitor.wait(Math.max(1, nanos / 1_000_000));
            }
        }

        @Override
        public void wake(Object monitor) {
            monitor.notifyAll();
        }

        @Override
        public void sleep(long nanos) throws InterruptedException {
            Thread.sleep(Math.max(1, nanos / 1_000_000));
        }

        @Override
        public void between() {}

        @Override
        public Task start(String name, boolean quick, Runnable body) {
            Thread.Builder builder = quick ? Thread.ofPlatform().daemon() : Thread.ofVirtual();
            return new OfThread(builder.name(name).start(body));
        }

        @Override
        public Met meet(InetSocketAddress address, Caller caller) throws IOException {
            SocketChannel channel = SocketChannel.open();
            Thread limit = Thread.ofVirtual().start(() -> {
                try {
                    Thread.sleep(caller.timeout());
                    channel.close();
                } catch (InterruptedException | IOException e) {
                    return; // it was in time, or is closed already
                }
            });
            try {
                channel.connect(address);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                Greeting.Peer peer = Greeting.asClient(
                        channel,
                        address,
                        caller.credentials(),
                        caller.software(),
                        caller.capabilities(),
                        caller.bufferBytes());
                Wire.Header header = peer.wire().receive();
                return new Met(peer, header, peer.wire().fields(header));
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            } finally {
                limit.interrupt();
            }
        }
    }
}
