package org.imbrex.host.node.wire;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** TLS over a channel, through direct buffers. */
public final class TlsLink implements Link {
    /** Encrypted bytes that are written at once. */
    private static final int BATCH = 64 << 10;

    private final Plain plain;
    private final SSLEngine engine;
    private final ByteBuffer encrypted;
    private final ByteBuffer clear;
    private ByteBuffer outgoing;
    private final ReentrantLock writing = new ReentrantLock();

    private TlsLink(SocketChannel channel, SSLEngine engine) {
        this.plain = new Plain(channel);
        this.engine = engine;
        int packet = engine.getSession().getPacketBufferSize();
        this.encrypted = ByteBuffer.allocateDirect(packet).flip();
        this.clear = ByteBuffer.allocateDirect(engine.getSession().getApplicationBufferSize())
                .flip();
        this.outgoing = ByteBuffer.allocateDirect(packet);
    }

    /**
     * Shakes hands; whoever calls this bounds its time by closing the channel.
     *
     * @throws SSLException where the peer is not trusted or speaks no TLS 1.3
     */
    public static TlsLink handshake(SocketChannel channel, SSLEngine engine) throws IOException {
        TlsLink link = new TlsLink(channel, engine);
        engine.beginHandshake();
        link.shake();
        return link;
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
                        wrap(nothing);
                        flush();
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
            boolean straight = into.remaining() >= engine.getSession().getApplicationBufferSize();
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
        while (true) {
            SSLEngineResult result = engine.unwrap(encrypted, into);
            switch (result.getStatus()) {
                case BUFFER_UNDERFLOW -> {
                    encrypted.compact();
                    try {
                        if (plain.read(encrypted) < 0) {
                            throw new EOFException("the connection was closed");
                        }
                    } finally {
                        encrypted.flip();
                    }
                }
                case BUFFER_OVERFLOW -> throw new SSLException("a TLS record is larger than its limit");
                case OK, CLOSED -> {
                    return result;
                }
            }
        }
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
        writing.lock();
        try {
            int packet = engine.getSession().getPacketBufferSize();
            if (from.remaining() > packet && outgoing.capacity() < packet + BATCH) {
                outgoing = ByteBuffer.allocateDirect(packet + BATCH);
            }
            while (from.hasRemaining()) {
                wrap(from);
                if (outgoing.position() >= BATCH) {
                    flush();
                }
            }
            flush();
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
