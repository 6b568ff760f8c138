package org.imbrex.host.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Between a client and a node: cuts connections, holds bytes back, flips bits, as a seed decides. */
final class Proxy implements AutoCloseable {
    private final ServerSocket server;
    private final InetSocketAddress node;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Random random;
    final AtomicLong flipped = new AtomicLong();
    final AtomicLong cut = new AtomicLong();
    /** One chunk in so many has a bit flipped, 0 for none; the first few thousand bytes, the greeting, are spared. */
    volatile int flipOneIn;

    volatile int cutOneIn;
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
                Thread.ofVirtual().start(() -> pass(client, behind));
                Thread.ofVirtual().start(() -> pass(behind, client));
            } catch (IOException e) {
                continue; // the node is gone, or we are
            }
        }
    }

    private synchronized int below(int bound) {
        return random.nextInt(bound);
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
