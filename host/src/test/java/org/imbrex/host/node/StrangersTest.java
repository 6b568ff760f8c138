package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLEngine;
import org.imbrex.host.Engine;
import org.imbrex.host.node.trust.Credentials;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What connections cost a node with a secret that do not prove who they are: a few KiB, for five seconds. */
class StrangersTest {
    private static final int MANY = 24;
    private static final int TRIES = 10;
    /** A moment more than a stranger may take. */
    private static final int LIMIT_MILLIS = 6000;

    /** What a stranger sends before it is silent, and how many KiB of the JVM's it may cost then. */
    private enum Kind {
        SILENT(10),
        HALF_A_HELLO(16),
        A_HELLO(48);

        final int kib;

        Kind(int kib) {
            this.kib = kib;
        }

        byte[] bytes(byte[] hello) {
            return switch (this) {
                case SILENT -> new byte[0];
                case HALF_A_HELLO -> Arrays.copyOf(hello, hello.length / 2);
                case A_HELLO -> hello;
            };
        }
    }

    @Test
    void aStrangerCostsAFewKibibytes(@TempDir Path folder) throws Exception {
        TestProcess.Ended ended = TestProcess.run(
                List.of("-XX:+UseSerialGC", "-Xmx128m"), StrangersTest.class.getName(), folder.toString());
        assertThat(ended.status()).as(ended.output()).isZero();
        for (Kind kind : Kind.values()) {
            Matcher line = Pattern.compile(kind + ": (-?\\d+) bytes of heap, (\\d+) direct").matcher(ended.output());
            assertThat(line.find()).as(ended.output()).isTrue();
            long bytes = Long.parseLong(line.group(1)) + Long.parseLong(line.group(2));
            assertThat(bytes).as(line.group()).isLessThan(kind.kib * 1024L);
        }
    }

    /** Measures in a JVM of its own: a folder for the secret. */
    public static void main(String[] args) throws Exception {
        Credentials secret = Credentials.secret(Path.of(args[0]).resolve("secret"), true);
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        byte[] hello = hello(secret);
        try (Node node = Engine.node(
                new NodeOptions(any, "vector", 1 << 20, 1, secret, Duration.ofSeconds(5), "test"), 1)) {
            for (Kind kind : Kind.values()) {
                crowd(node, kind.bytes(hello), kind == Kind.A_HELLO); // loads classes
            }
            Thread.sleep(LIMIT_MILLIS); // until then the JDK keeps who would have closed them
            for (Kind kind : Kind.values()) {
                long[] each = {};
                for (int tries = 0; each.length == 0 && tries < TRIES; tries++) {
                    each = crowd(node, kind.bytes(hello), kind == Kind.A_HELLO);
                }
                System.out.println(kind + ": " + each[0] + " bytes of heap, " + each[1] + " direct");
            }
        }
        System.exit(0);
    }

    private static byte[] hello(Credentials secret) throws Exception {
        SSLEngine engine = secret.engine(true, new InetSocketAddress("localhost", 1)).orElseThrow();
        engine.beginHandshake();
        ByteBuffer hello = ByteBuffer.allocate(64 << 10);
        engine.wrap(ByteBuffer.allocate(0), hello);
        return Arrays.copyOf(hello.array(), hello.position());
    }

    /** Bytes of heap and direct memory for each of a crowd; empty where some had gone before all were counted. */
    private static long[] crowd(Node node, byte[] says, boolean answered) throws Exception {
        long[] before = memory();
        long refused = node.numbers().get("refused_peers_total");
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int k = 0; k < MANY; k++) {
                Socket socket = new Socket(node.address().getAddress(), node.address().getPort());
                sockets.add(socket);
                socket.getOutputStream().write(says);
            }
            for (Socket socket : sockets) {
                if (answered) {
                    socket.getInputStream().read();
                }
            }
            Thread.sleep(100);
            long[] after = memory();
            return node.numbers().get("refused_peers_total") > refused
                    ? new long[0]
                    : new long[] {(after[0] - before[0]) / MANY, (after[1] - before[1]) / MANY};
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
            for (int wait = 0; node.numbers().get("refused_peers_total") < refused + MANY; wait++) {
                assertThat(wait).isLessThan(3000);
                Thread.sleep(10);
            }
        }
    }

    /** Once what is not used any more is free, which takes the collector's threads a moment. */
    private static long[] memory() throws Exception {
        long[] now = {0, 0};
        long[] before;
        do {
            before = now;
            System.gc();
            Thread.sleep(30);
            now = new long[] {
                Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory(), direct()
            };
        } while (Math.abs(now[0] - before[0]) > MANY * 100L || now[1] != before[1]);
        return now;
    }

    /** By name, because this module does without java.management. */
    private static long direct() throws ReflectiveOperationException {
        Class<?> type = Class.forName("java.lang.management.BufferPoolMXBean");
        List<?> pools = (List<?>) Class.forName("java.lang.management.ManagementFactory")
                .getMethod("getPlatformMXBeans", Class.class)
                .invoke(null, type);
        for (Object pool : pools) {
            if (type.getMethod("getName").invoke(pool).equals("direct")) {
                return (long) type.getMethod("getMemoryUsed").invoke(pool);
            }
        }
        throw new IllegalStateException("a JDK that does not count its direct buffers");
    }

    @Test
    void oneAddressDoesNotKeepOthersOut() throws Exception {
        Strangers strangers = new Strangers(4, 3);
        InetAddress one = InetAddress.getByAddress(new byte[] {10, 0, 0, 1});
        InetAddress two = InetAddress.getByAddress(new byte[] {10, 0, 0, 2});
        for (int k = 0; k < 3; k++) {
            assertThat(strangers.enter(one)).isTrue();
        }
        assertThat(strangers.enter(one)).isFalse();
        assertThat(strangers.enter(two)).isTrue();
        assertThat(strangers.enter(two)).as("all together").isFalse();
        strangers.leave(one);
        assertThat(strangers.enter(two)).isTrue();
        strangers.leave(two);
        strangers.leave(two);
        assertThat(strangers.enter(one)).isTrue();
        assertThat(strangers.enter(one)).isFalse();
    }
}
