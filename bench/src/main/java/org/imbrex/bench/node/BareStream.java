package org.imbrex.bench.node;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.zip.CRC32C;

/**
 * One stream over loopback with nothing around it: what a transfer could reach at most. Either as iperf3 does it, the same
 * buffer again and again, or as data must travel, from memory to memory with a checksum on both sides.
 */
final class BareStream implements AutoCloseable {
    private static final int CHUNK = 256 << 10;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment from;
    private final MemorySegment to;
    private final boolean sums;

    private BareStream(long bytes, boolean sums) {
        this.from = arena.allocate(bytes, 64).fill((byte) 1);
        this.to = arena.allocate(bytes, 64).fill((byte) 2);
        this.sums = sums;
    }

    /** Of one buffer that stays in cache. */
    static BareStream ofOneBuffer() {
        return new BareStream(CHUNK, false);
    }

    /** Of so many bytes of memory, each summed by both sides. */
    static BareStream ofMemory(long bytes) {
        return new BareStream(Math.ceilDiv(bytes, CHUNK) * CHUNK, true);
    }

    /** Sends that many bytes, a multiple of 256 KiB; GB/s. */
    double rate(long bytes) throws IOException {
        try (ServerSocketChannel server =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            CompletableFuture<Void> sender = new CompletableFuture<>();
            InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
            Thread.ofPlatform().start(() -> {
                try {
                    send(address, bytes);
                    sender.complete(null);
                } catch (IOException e) {
                    sender.completeExceptionally(e);
                }
            });
            try (SocketChannel channel = server.accept()) {
                long began = System.nanoTime();
                receive(channel, bytes);
                double rate = bytes / (double) (System.nanoTime() - began);
                sender.join();
                return rate;
            } catch (CompletionException e) {
                throw new IOException("the sender failed", e.getCause());
            }
        }
    }

    private void send(InetSocketAddress address, long bytes) throws IOException {
        CRC32C sum = new CRC32C();
        try (SocketChannel channel = SocketChannel.open(address)) {
            for (long sent = 0; sent < bytes; sent += CHUNK) {
                ByteBuffer chunk = from.asSlice(sent % from.byteSize(), CHUNK).asByteBuffer();
                if (sums) {
                    sum.update(chunk.duplicate());
                }
                while (chunk.hasRemaining()) {
                    channel.write(chunk);
                }
            }
        }
    }

    private void receive(SocketChannel channel, long bytes) throws IOException {
        CRC32C sum = new CRC32C();
        for (long got = 0; got < bytes; ) {
            long at = got % to.byteSize();
            ByteBuffer chunk = to.asSlice(at, Math.min(CHUNK, to.byteSize() - at)).asByteBuffer();
            int count = channel.read(chunk);
            if (count < 0) {
                throw new EOFException("the stream ended after " + got + " of " + bytes + " bytes");
            }
            if (sums) {
                sum.update(chunk.flip());
            }
            got += count;
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
