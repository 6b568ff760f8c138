package org.imbrex.bench.node;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A node of one thread in a process of its own, over loopback. */
record LocalNode(Process process, InetSocketAddress address) implements AutoCloseable {

    /** @param secret the file that clients must know, or none for plain connections */
    static LocalNode start(Optional<Path> secret) throws IOException {
        return start(secret, List.of());
    }

    /** @param more of the command line's options */
    static LocalNode start(Optional<Path> secret, List<String> more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "org.imbrex.host.cli.Main",
                "node",
                "--listen=127.0.0.1:0",
                "--threads=1",
                "--memory=1g",
                "--device=vector"));
        command.addAll(more);
        secret.ifPresent(file -> command.add("--secret=" + file));
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try {
            return new LocalNode(process, new InetSocketAddress("127.0.0.1", port(process)));
        } catch (IOException | RuntimeException e) {
            process.destroy();
            throw e;
        }
    }

    /** The first line of a process's output that is of a form; waits for it. */
    static String line(Process process, String form) throws IOException {
        BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        while (line != null && !line.matches(form)) {
            line = out.readLine(); // what JAVA_TOOL_OPTIONS make a JVM say
        }
        if (line == null) {
            throw new IOException("a node ended before it said where it listens");
        }
        return line;
    }

    private static int port(Process node) throws IOException {
        String line = line(node, "imbrex node at .*");
        return Integer.parseInt(line.replaceFirst("imbrex node at 127\\.0\\.0\\.1:(\\d+) .*", "$1"));
    }

    @Override
    public void close() {
        process.destroy();
    }
}
