package org.imbrex.host.node;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Between a client and a node: cuts connections, holds bytes back, flips bits, sends frames twice or in another order, as
 * a seed decides.
 */
final class Proxy implements AutoCloseable {
    private static final int HEADER = 32;
    private static final int SUM = 4;
    private static final int GREETING_FRAMES = 2;

    private final ServerSocket server;
    private final InetSocketAddress node;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Random random;
    final AtomicLong flipped = new AtomicLong();
    final AtomicLong cut = new AtomicLong();
    /** One chunk in so many has a bit flipped, 0 for none; the first few thousand bytes, the greeting, are spared. */
    volatile int flipOneIn;

    volatile int cutOneIn;
    /** One frame in so many is sent twice, or after the one behind it; 0 for none. For connections made from then on. */
    volatile int disorderOneIn;

    final AtomicLong repeated = new AtomicLong();
    final AtomicLong swapped = new AtomicLong();
    volatile boolean stalled;

    Proxy(InetSocketAddress node, long seed) throws IOException {
        this.node = node;
        this.random = new Random(seed);
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Socket behind = new Socket(node.getAddress(), node.getPort());
                client.setTcpNoDelay(true);
                behind.setTcpNoDelay(true);
                sockets.add(client);
                sockets.add(behind);
                boolean frames = disorderOneIn > 0;
                Thread.ofVirtual().start(() -> pass(client, behind, frames));
                Thread.ofVirtual().start(() -> pass(behind, client, frames));
            } catch (IOException e) {
                continue; // the node is gone, or we are
            }
        }
    }

    private synchronized int below(int bound) {
        return random.nextInt(bound);
    }

    private void pass(Socket from, Socket to, boolean frames) {
        if (frames) {
            passFrames(from, to);
        } else {
            pass(from, to);
        }
    }

    private void passFrames(Socket from, Socket to) {
        byte[] held = {};
        try (from;
                to) {
            DataInputStream in = new DataInputStream(from.getInputStream());
            OutputStream out = to.getOutputStream();
            for (int frames = 0; ; frames++) {
                byte[] frame = frame(in);
                boolean disorder = frames > GREETING_FRAMES && below(disorderOneIn) == 0;
                if (disorder && held.length == 0 && below(2) == 0) {
                    held = frame;
                    continue;
                }
                out.write(frame);
                if (held.length > 0) {
                    swapped.incrementAndGet();
                    out.write(held);
                    held = new byte[0];
                } else if (disorder) {
                    repeated.incrementAndGet();
                    out.write(frame);
                }
            }
        } catch (IOException e) {
            return; // one side is gone: so is the other
        }
    }

    private static byte[] frame(DataInputStream in) throws IOException {
        byte[] header = new byte[HEADER];
        in.readFully(header);
        ByteBuffer numbers = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        long data = numbers.getLong(16);
        int rest = numbers.getInt(12) + SUM + (data > 0 ? (int) data + SUM : 0);
        byte[] frame = Arrays.copyOf(header, HEADER + rest);
        in.readFully(frame, HEADER, rest);
        return frame;
    }

    private void pass(Socket from, Socket to) {
        byte[] chunk = new byte[16 << 10];
        long passed = 0;
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            while (true) {
                int count = in.read(chunk);
                if (count < 0) {
                    return;
                }
                while (stalled) {
                    Thread.sleep(10);
                }
                passed += count;
                if (passed > 2000 && flipOneIn > 0 && below(flipOneIn) == 0) {
                    chunk[below(count)] ^= (byte) (1 << below(8));
                    flipped.incrementAndGet();
                }
                if (passed > 2000 && cutOneIn > 0 && below(cutOneIn) == 0) {
                    cut.incrementAndGet();
                    return;
                }
                out.write(chunk, 0, count);
            }
        } catch (IOException | InterruptedException e) {
            return; // one side is gone: so is the other
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
