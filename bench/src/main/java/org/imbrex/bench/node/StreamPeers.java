package org.imbrex.bench.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One stream over loopback by tools that are made for it, where they are installed: iperf3, and OpenSSL for TLS 1.3. */
final class StreamPeers implements AutoCloseable {
    private static final Pattern RECEIVED = Pattern.compile("\"sum_received\":\\s*\\{[^}]*\"bits_per_second\":\\s*([0-9.e+]+)");
    private static final long FILE_BYTES = 256L << 20;

    private final Path folder;
    private Optional<Process> server = Optional.empty();
    private int port;
    private boolean noOpenssl;

    /** @param folder where a certificate and a file to be sent are made; they are deleted on closing */
    StreamPeers(Path folder) {
        this.folder = folder;
    }

    /** Bytes a nanosecond that arrive. */
    OptionalDouble iperf() throws IOException {
        int at = freePort();
        Process listening;
        try {
            listening = quiet("iperf3", "-s", "-1", "-p", Integer.toString(at)).start();
        } catch (IOException e) {
            return OptionalDouble.empty();
        }
        try {
            awaitPort(at, false);
            Process client =
                    quiet("iperf3", "-c", "127.0.0.1", "-p", Integer.toString(at), "-n", FILE_BYTES + "", "-J")
                            .redirectOutput(ProcessBuilder.Redirect.PIPE)
                            .start();
            String text = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            Matcher found = RECEIVED.matcher(text);
            return found.find() ? OptionalDouble.of(Double.parseDouble(found.group(1)) / 8e9) : OptionalDouble.empty();
        } finally {
            listening.destroy();
        }
    }

    /** Bytes a nanosecond of a file that {@code openssl s_server} sends to {@code openssl s_client}. */
    OptionalDouble openssl() throws IOException {
        if (!isServing()) {
            return OptionalDouble.empty();
        }
        Process client = quiet("openssl", "s_client", "-connect", "127.0.0.1:" + port, "-tls1_3", "-quiet", "-ign_eof")
                .redirectInput(ProcessBuilder.Redirect.PIPE)
                .redirectOutput(ProcessBuilder.Redirect.PIPE)
                .start();
        long bytes = 0;
        long began = 0;
        client.getOutputStream().write("GET /data HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        client.getOutputStream().flush();
        try (InputStream in = client.getInputStream()) {
            byte[] buffer = new byte[1 << 18];
            for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
                if (began == 0) {
                    began = System.nanoTime();
                } else {
                    bytes += read;
                }
            }
        }
        client.destroy();
        return bytes < FILE_BYTES / 2
                ? OptionalDouble.empty()
                : OptionalDouble.of(bytes / (double) (System.nanoTime() - began));
    }

    private boolean isServing() throws IOException {
        if (server.isPresent() || noOpenssl) {
            return server.isPresent();
        }
        try {
            Process certificate = quiet("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                            "-nodes", "-keyout", "key", "-out", "certificate", "-subj", "/CN=localhost", "-days", "2")
                    .directory(folder.toFile())
                    .start();
            noOpenssl = certificate.waitFor() != 0;
        } catch (IOException e) {
            noOpenssl = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        if (noOpenssl) {
            return false;
        }
        try (RandomAccessFile data = new RandomAccessFile(folder.resolve("data").toFile(), "rw")) {
            data.setLength(FILE_BYTES);
        }
        port = freePort();
        server = Optional.of(quiet("openssl", "s_server", "-accept", Integer.toString(port), "-cert", "certificate",
                        "-key", "key", "-tls1_3", "-WWW", "-quiet")
                .directory(folder.toFile())
                .start());
        awaitPort(port, true);
        return true;
    }

    private static ProcessBuilder quiet(String... command) {
        return new ProcessBuilder(List.of(command))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** @param connect whether the server bears a connection that says nothing; iperf3 takes just one */
    private static void awaitPort(int port, boolean connect) throws IOException {
        for (int tries = 0; tries < 100; tries++) {
            try {
                Thread.sleep(20);
                if (!connect && tries < 10) {
                    continue;
                }
                if (connect) {
                    new Socket("127.0.0.1", port).close();
                }
                return;
            } catch (IOException e) {
                // not yet
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        }
        throw new IOException("nothing listens at port " + port);
    }

    @Override
    public void close() throws IOException {
        server.ifPresent(Process::destroy);
        for (String name : List.of("key", "certificate", "data")) {
            Files.deleteIfExists(folder.resolve(name));
        }
    }
}
