package org.imbrex.host.node;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A node in a process of its own, started through the command line. */
public final class NodeProcess implements AutoCloseable {
    private static final Pattern ADDRESS = Pattern.compile("imbrex node at ([0-9.]+):(\\d+) on .*");

    private final Process process;
    private final String host;
    private final int port;

    public NodeProcess(int port, String... more) throws IOException {
        this(List.of(), "127.0.0.1", port, more);
    }

    /** On another host: what a command there begins with, and where it listens. */
    static NodeProcess on(List<String> before, String host, int port, String... more) throws IOException {
        return new NodeProcess(before, host, port, more);
    }

    private NodeProcess(List<String> before, String host, int port, String... more) throws IOException {
        this.host = host;
        List<String> command = new ArrayList<>(before);
        command.addAll(TestProcess.imbrex());
        command.addAll(List.of(
                "node",
                "--listen",
                host + ":" + port,
                "--threads",
                "1",
                "--memory",
                "64m",
                "--device",
                "vector"));
        command.addAll(List.of(more));
        process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        Matcher matcher = ADDRESS.matcher(String.valueOf(line));
        if (!matcher.matches()) {
            close();
            throw new IOException("the node told: " + line);
        }
        this.port = Integer.parseInt(matcher.group(2));
    }

    public InetSocketAddress address() {
        return new InetSocketAddress(host, port);
    }

    public int port() {
        return port;
    }

    public void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    }

    /** Waits for its end; how it ended. */
    public int end() throws InterruptedException {
        return process.waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
