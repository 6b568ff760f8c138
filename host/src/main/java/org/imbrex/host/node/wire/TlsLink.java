package org.imbrex.host.node.wire;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * TLS over a channel, through direct buffers: small ones until the peer has proved who it is, so that one who does not
 * costs little.
 */
public final class TlsLink implements Link {
    /** Encrypted bytes that are written at once. */
    private static final int BATCH = 64 << 10;
    /** What a record's header takes: its type, a version, a length. */
    private static final int RECORD = 5;
    /** A hello of the JDK's is a few hundred bytes, with keys against quantum computers 1.7 KiB. */
    private static final int LONGEST_HELLO = 4 << 10;
    /** Records of a stranger's that are not the handshake's: greetings have 1 KiB. */
    private static final int FIRST_BUFFER = 2 << 10;

    private static final int HANDSHAKE = 22;
    private static final int MAJOR = 3;

    private final Plain plain;
    private final SSLEngine engine;
    private ByteBuffer encrypted;
    private ByteBuffer clear;
    /** Empty until something is written. */
    private ByteBuffer outgoing = ByteBuffer.allocate(0);

    private final ReentrantLock writing = new ReentrantLock();
    private boolean shaken;
    private boolean greeted;

    private TlsLink(SocketChannel channel, SSLEngine engine, ByteBuffer encrypted) {
        this.plain = new Plain(channel);
        this.engine = engine;
        this.encrypted = encrypted;
        this.clear = ByteBuffer.allocateDirect(FIRST_BUFFER).flip();
    }

    /**
     * Shakes hands as a client; whoever calls this bounds its time by closing the channel.
     *
     * @throws SSLException where the peer is not trusted or speaks no TLS 1.3
     */
    public static TlsLink connect(SocketChannel channel, SSLEngine engine) throws IOException {
        return shaken(new TlsLink(channel, engine, ByteBuffer.allocateDirect(LONGEST_HELLO).flip()));
    }

    /**
     * Shakes hands with a client, whose whole hello must be there before anything is made for it.
     *
     * @param engine makes the engine, once there is a hello
     * @throws SSLException where the peer is not trusted or speaks no TLS 1.3
     */
    public static TlsLink accept(SocketChannel channel, Supplier<SSLEngine> engine) throws IOException {
        ByteBuffer hello = hello(channel);
        return shaken(new TlsLink(channel, engine.get(), hello));
    }

    /** The record of a client's hello. */
    private static ByteBuffer hello(SocketChannel channel) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(RECORD);
        fill(channel, start);
        int length = start.getShort(RECORD - Short.BYTES) & 0xffff;
        if (start.get(0) != HANDSHAKE || start.get(1) != MAJOR || length > LONGEST_HELLO - RECORD) {
            throw new SSLException("found no hello of TLS at the connection's start; give the peer this node's secret or"
                    + " certificates");
        }
        ByteBuffer hello = ByteBuffer.allocateDirect(LONGEST_HELLO);
        hello.put(start.flip()).limit(RECORD + length);
        fill(channel, hello);
        return hello.flip();
    }

    private static void fill(SocketChannel channel, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (channel.read(into) < 0) {
                throw new EOFException("the connection was closed");
            }
        }
    }

    private static TlsLink shaken(TlsLink link) throws IOException {
        link.engine.beginHandshake();
        link.shake();
        link.shaken = true;
        return link;
    }

    @Override
    public void greeted() {
        greeted = true;
    }

    public SSLEngine engine() {
        return engine;
    }

    private void shake() throws IOException {
        ByteBuffer nothing = ByteBuffer.allocate(0);
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_WRAP -> {
                    writing.lock();
                    try {
                        needOutgoing(engine.getSession().getPacketBufferSize());
                        wrap(nothing);
                        flush();
                        releaseOutgoing();
                    } finally {
                        writing.unlock();
                    }
                }
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    clear.compact();
                    try {
                        unwrap(clear);
                    } finally {
                        clear.flip();
                    }
                }
                case NEED_TASK -> tasks();
                case FINISHED, NOT_HANDSHAKING -> {
                    return;
                }
            }
        }
    }

    private void tasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        while (true) {
            if (clear.hasRemaining()) {
                int count = Math.min(into.remaining(), clear.remaining());
                into.put(clear.slice(clear.position(), count));
                clear.position(clear.position() + count);
                return count;
            }
            int before = into.position();
            boolean straight = greeted && into.remaining() >= engine.getSession().getApplicationBufferSize();
            SSLEngineResult result;
            if (straight) {
                result = unwrap(into);
            } else {
                clear.clear();
                try {
                    result = unwrap(clear);
                } finally {
                    clear.flip();
                }
            }
            if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                return -1;
            }
            if (result.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
                shake(); // a ticket or a new key
            }
            if (into.position() > before) {
                return into.position() - before;
            }
        }
    }

    private SSLEngineResult unwrap(ByteBuffer into) throws IOException {
        ByteBuffer to = into;
        while (true) {
            SSLEngineResult result = engine.unwrap(encrypted, to);
            switch (result.getStatus()) {
                case BUFFER_UNDERFLOW -> {
                    int packet = engine.getSession().getPacketBufferSize();
                    boolean full = encrypted.remaining() == encrypted.capacity();
                    if (full || greeted && encrypted.capacity() < packet) {
                        encrypted = larger(encrypted, packet, shaken);
                    }
                    encrypted.compact();
                    try {
                        if (plain.read(encrypted) < 0) {
                            throw new EOFException("the connection was closed");
                        }
                    } finally {
                        encrypted.flip();
                    }
                }
                case BUFFER_OVERFLOW -> {
                    if (to != clear) {
                        throw new SSLException("a TLS record is larger than its limit");
                    }
                    clear = larger(clear.flip(), engine.getSession().getApplicationBufferSize(), true);
                    to = clear.compact();
                }
                case OK, CLOSED -> {
                    return result;
                }
            }
        }
    }

    /** A buffer for the largest record there may be; a stranger, once it has shaken hands, sends none. */
    private ByteBuffer larger(ByteBuffer buffer, int most, boolean done) throws SSLException {
        boolean stranger = done && !greeted && !engine.getUseClientMode();
        if (stranger || buffer.capacity() >= most) {
            throw new SSLException("a TLS record is larger than its limit");
        }
        return ByteBuffer.allocateDirect(most).put(buffer).flip();
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
        writing.lock();
        try {
            int packet = engine.getSession().getPacketBufferSize();
            int wanted = from.remaining() > packet ? packet + BATCH : packet;
            needOutgoing(wanted);
            while (from.hasRemaining()) {
                wrap(from);
                if (outgoing.position() >= BATCH) {
                    flush();
                }
            }
            flush();
            releaseOutgoing();
        } finally {
            writing.unlock();
        }
    }

    private void wrap(ByteBuffer from) throws IOException {
        SSLEngineResult result = engine.wrap(from, outgoing);
        switch (result.getStatus()) {
            case BUFFER_OVERFLOW -> flush();
            case CLOSED -> throw new EOFException("the connection was closed");
            default -> {
                if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                    tasks();
                }
            }
        }
    }

    private void needOutgoing(int bytes) {
        if (outgoing.capacity() < bytes) {
            outgoing = greeted ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes);
        }
    }

    /** What is written before the greeting is over is little and seldom: nothing is kept for it. */
    private void releaseOutgoing() {
        if (!greeted) {
            outgoing = ByteBuffer.allocate(0);
        }
    }

    private void flush() throws IOException {
        outgoing.flip();
        try {
            plain.write(outgoing);
        } finally {
            outgoing.clear();
        }
    }

    @Override
    public void close() {
        plain.close();
    }
}
