package org.imbrex.host.node;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * An Ethernet switch in this process that is a bad one: every frame is late by a time of its own, so that some overtake
 * others, and some are lost, come twice or are damaged. It stands in for netem, which not every kernel has.
 *
 * <p>Its choices are a seed's, in the order frames come in; that order is the network's, so a seed repeats the choices
 * and not the run.
 */
final class ImpairedSwitch implements AutoCloseable {
    private static final int LATE_MILLIS = 5;
    private static final int JITTER_MILLIS = 10;
    private static final double LOST = 0.02;
    private static final double TWICE = 0.005;
    private static final double DAMAGED = 0.001;
    /** Frames under way to one port; a switch has so much room, and what comes on top is lost. */
    private static final int ROOM = 1000;
    /** Frames taken from one port before the others have their turn. */
    private static final int TURN = 64;
    /** How long it takes at most to see that it is closed. */
    private static final int POLL_MILLIS = 20;
    private static final long MILLI = 1_000_000;
    /** Destination, source, type. */
    private static final int HEADER_BYTES = 14;

    /** What it is, for people. */
    static final String TOLD = "a switch of this test: " + LATE_MILLIS + " to " + (LATE_MILLIS + JITTER_MILLIS)
            + " ms late and out of order, 2 % lost, 0.5 % twice, 0.1 % damaged";

    /**
     * What has befallen frames.
     *
     * @param tardyMicros how much later than meant they came on average: a busy machine's part
     */
    record Counts(
            long delivered, long lost, long twice, long damaged, long overtaken, long noRoom, long tardyMicros) {}

    private record Late(long due, long number, int port, byte[] frame) implements Comparable<Late> {
        @Override
        public int compareTo(Late other) {
            int byTime = Long.signum(due - other.due);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    private final List<Tap> ports;
    private final Random random;
    private final PriorityQueue<Late> underWay = new PriorityQueue<>();
    private final int[] underWayTo;
    private final long[] newestAt;
    private final Map<Long, Integer> portOf = new HashMap<>();
    private final boolean[] cut;
    private final Thread thread;
    private long number;
    private long delivered;
    private long lost;
    private long twice;
    private long damaged;
    private long overtaken;
    private long noRoom;
    private long tardyNanos;
    private volatile boolean closed;
    private volatile Exception failure;

    /** Begins to switch; the ports are its own from now on. */
    ImpairedSwitch(List<Tap> ports, long seed) {
        this.ports = List.copyOf(ports);
        random = new Random(seed);
        underWayTo = new int[ports.size()];
        newestAt = new long[ports.size()];
        cut = new boolean[ports.size()];
        // a platform thread: it is in system calls all the time
        thread = Thread.ofPlatform().name("impaired switch").daemon().start(this::run);
    }

    /** Nothing passes through this port any more, nor what is under way to it. */
    synchronized void cut(int port) {
        cut[port] = true;
    }

    synchronized void mend(int port) {
        cut[port] = false;
    }

    synchronized Counts counts() {
        long tardyMicros = tardyNanos / 1000 / Math.max(1, delivered);
        return new Counts(delivered, lost, twice, damaged, overtaken, noRoom, tardyMicros);
    }

    private void run() {
        try {
            while (!closed) {
                Tap.await(ports, untilNext());
                for (int port = 0; port < ports.size(); port++) {
                    take(port);
                }
                deliver();
            }
        } catch (IOException | RuntimeException e) {
            failure = e;
        } finally {
            ports.forEach(Tap::close);
        }
    }

    private synchronized int untilNext() {
        Late next = underWay.peek();
        long nanos = next == null ? POLL_MILLIS * MILLI : Math.max(0, next.due - System.nanoTime());
        return (int) Math.min(POLL_MILLIS, Math.ceilDiv(nanos, MILLI));
    }

    private synchronized void take(int from) throws IOException {
        for (int taken = 0; taken < TURN; taken++) {
            byte[] frame = ports.get(from).read();
            if (frame.length == 0) {
                return;
            }
            portOf.put(address(frame, 6), from);
            Integer to = portOf.get(address(frame, 0));
            for (int port = 0; port < ports.size(); port++) {
                if (port != from && (to == null || to == port)) {
                    send(from, port, frame);
                }
            }
        }
    }

    private void send(int from, int to, byte[] frame) {
        if (cut[from] || cut[to] || random.nextDouble() < LOST) {
            lost++;
            return;
        }
        byte[] arriving = frame;
        // a frame that is damaged on its way never arrives; the packet in it may be damaged in a host's memory, and
        // IP and TCP have sums against that, ARP has none
        if (random.nextDouble() < DAMAGED && isIp4(frame)) {
            damaged++;
            int bit = random.nextInt(HEADER_BYTES * Byte.SIZE, frame.length * Byte.SIZE);
            arriving = frame.clone();
            arriving[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
        }
        queue(to, arriving);
        if (random.nextDouble() < TWICE) {
            twice++;
            queue(to, arriving);
        }
    }

    private void queue(int to, byte[] frame) {
        if (underWayTo[to] == ROOM) {
            noRoom++;
            return;
        }
        underWayTo[to]++;
        long late = LATE_MILLIS * MILLI + random.nextLong(JITTER_MILLIS * MILLI);
        underWay.add(new Late(System.nanoTime() + late, ++number, to, frame));
    }

    private synchronized void deliver() throws IOException {
        long now = System.nanoTime();
        while (!underWay.isEmpty() && underWay.peek().due - now <= 0) {
            Late late = underWay.remove();
            underWayTo[late.port]--;
            if (cut[late.port] || !ports.get(late.port).write(late.frame)) {
                lost++;
                continue;
            }
            delivered++;
            tardyNanos += now - late.due;
            if (late.number < newestAt[late.port]) {
                overtaken++;
            }
            newestAt[late.port] = Math.max(newestAt[late.port], late.number);
        }
    }

    private static long address(byte[] frame, int at) {
        long address = 0;
        for (int i = 0; i < 6; i++) {
            address = address << Byte.SIZE | frame[at + i] & 0xff;
        }
        return address;
    }

    private static boolean isIp4(byte[] frame) {
        return frame.length > HEADER_BYTES && frame[12] == 8 && frame[13] == 0;
    }

    /** Ends it, and takes the devices away. */
    @Override
    public void close() throws IOException, InterruptedException {
        closed = true;
        thread.join();
        if (failure != null) {
            throw new IOException("the switch had ended before it was closed", failure);
        }
    }
}
