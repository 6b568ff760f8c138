package org.imbrex.host.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.imbrex.host.node.wire.Link;

/** One end of a connection over the simulated network: in order and whole as TCP is, late or never as a network is. */
final class SimulatedLink implements Link {
    private static final byte[] END = new byte[0];

    private final SimulatedTime time;
    private final SimulatedWeather weather;
    private final ArrayDeque<byte[]> arrived = new ArrayDeque<>();
    /** What this end has sent while nothing gets through. */
    private final ArrayDeque<byte[]> held = new ArrayDeque<>();

    private SimulatedLink other;
    private SimulatedTime.Fiber reader;
    private long last;
    private byte[] swapped;
    private boolean blocked;
    private boolean silent;
    private boolean ended;
    private boolean reset;
    private boolean closed;

    private SimulatedLink(SimulatedTime time, SimulatedWeather weather) {
        this.time = time;
        this.weather = weather;
    }

    static SimulatedLink[] pair(SimulatedTime time, SimulatedWeather weather) {
        SimulatedLink client = new SimulatedLink(time, weather);
        SimulatedLink node = new SimulatedLink(time, weather);
        client.other = node;
        node.other = client;
        return new SimulatedLink[] {client, node};
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        while (arrived.isEmpty() || reset || closed) {
            if (closed || reset) {
                throw new IOException(closed ? "closed" : "connection reset");
            }
            if (ended) {
                return -1;
            }
            reader = time.current();
            try {
                time.block(null, Surroundings.FOREVER);
            } catch (InterruptedException e) {
                close();
                reader.interrupt();
                throw new IOException("closed by an interrupt", e);
            } finally {
                reader = null;
            }
        }
        byte[] piece = arrived.peek();
        int count = Math.min(piece.length, into.remaining());
        into.put(piece, 0, count);
        arrived.pop();
        if (count < piece.length) {
            arrived.push(java.util.Arrays.copyOfRange(piece, count, piece.length));
        }
        return count;
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
        if (closed || reset) {
            throw new IOException(closed ? "closed" : "broken pipe");
        }
        byte[] bytes = new byte[from.remaining()];
        from.get(bytes);
        switch (weather.mischief(time.random)) {
            case FLIP -> bytes[time.random.nextInt(bytes.length)] ^= (byte) (1 << time.random.nextInt(8));
            case TWICE -> send(bytes);
            case SWAP -> {
                if (swapped == null) {
                    swapped = bytes;
                    return;
                }
            }
            case NONE -> {}
        }
        send(bytes);
        if (swapped != null) {
            send(swapped);
            swapped = null;
        }
    }

    private void send(byte[] bytes) {
        int cut = bytes.length > 1 && time.random.nextInt(4) == 0 ? 1 + time.random.nextInt(bytes.length - 1) : 0;
        if (cut > 0) {
            post(java.util.Arrays.copyOf(bytes, cut));
        }
        post(java.util.Arrays.copyOfRange(bytes, cut, bytes.length));
    }

    private void post(byte[] piece) {
        last = Math.max(last, time.nanos() + weather.delay(time.random));
        time.at(last, () -> arrive(piece));
    }

    private void arrive(byte[] piece) {
        if (blocked) {
            held.add(piece);
        } else if (!silent) {
            other.take(piece);
        }
    }

    private void take(byte[] piece) {
        if (piece == END) {
            ended = true;
        } else {
            arrived.add(piece);
        }
        wakeReader();
    }

    private void wakeReader() {
        if (reader != null) {
            time.ready(reader);
        }
    }

    /** What this end sends does not arrive until it is let through again. */
    void block() {
        blocked = true;
    }

    void unblock() {
        blocked = false;
        while (!held.isEmpty() && !blocked) {
            arrive(held.poll());
        }
    }

    SimulatedLink other() {
        return other;
    }

    /** The connection is gone and this end hears of it; what was under way is lost. */
    void reset() {
        reset = true;
        silent = true;
        wakeReader();
    }

    /** The connection is gone and nobody says so. */
    void silence() {
        silent = true;
        other.silent = true;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            post(END);
            wakeReader();
        }
    }
}
