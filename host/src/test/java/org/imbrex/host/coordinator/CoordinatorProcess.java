package org.imbrex.host.coordinator;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.imbrex.host.node.TestProcess;

/** A coordinator in a process of its own, started through the command line. */
final class CoordinatorProcess implements AutoCloseable {
    private static final Pattern ADDRESS = Pattern.compile("imbrex coordinator at ([0-9.]+):(\\d+) with .*");

    private final Process process;
    private final int port;
    /** What it has told of the jobs that it found. */
    final List<String> told = new ArrayList<>();

    CoordinatorProcess(int port, Path store, String nodes, String... more) throws IOException {
        List<String> command = new ArrayList<>(TestProcess.imbrex());
        command.addAll(List.of(
                "node",
                "--coordinator",
                "--listen",
                "127.0.0.1:" + port,
                "--store",
                store.toString(),
                "--memory",
                "64m",
                "--on",
                nodes));
        command.addAll(List.of(more));
        process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        while (true) {
            String line = out.readLine();
            Matcher matcher = ADDRESS.matcher(String.valueOf(line));
            if (matcher.matches()) {
                this.port = Integer.parseInt(matcher.group(2));
                return;
            }
            if (line == null) {
                close();
                throw new IOException("the coordinator told: " + told);
            }
            told.add(line);
        }
    }

    int port() {
        return port;
    }

    InetSocketAddress address() {
        return new InetSocketAddress("127.0.0.1", port);
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
