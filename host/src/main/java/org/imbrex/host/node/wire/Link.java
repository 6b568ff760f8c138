package org.imbrex.host.node.wire;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Bytes to and from a peer, plain or encrypted. One thread may read while another writes. */
public interface Link extends AutoCloseable {

    /** Waits for at least one byte; -1 at the end. */
    int read(ByteBuffer into) throws IOException;

    /** Writes all. */
    void write(ByteBuffer from) throws IOException;

    /** The peer has proved who it is: memory may be spent on it. */
    default void greeted() {}

    /** From any thread: ends both directions, and whoever waits in them. */
    @Override
    void close();

    /** The connection as it is; off loopback this is never used for more than TLS. */
    record Plain(SocketChannel channel) implements Link {
        @Override
        public int read(ByteBuffer into) throws IOException {
            return channel.read(into);
        }

        @Override
        public void write(ByteBuffer from) throws IOException {
            while (from.hasRemaining()) {
                if (channel.write(from) < 0) {
                    throw new EOFException("the connection was closed");
                }
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                // it is closed as far as can be: nobody could do more
                return;
            }
        }
    }
}
