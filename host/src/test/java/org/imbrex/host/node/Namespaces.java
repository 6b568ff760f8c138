package org.imbrex.host.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Hosts as network namespaces, with wires between them. This process is there as 10.91.7.1, host n is 10.91.7.(10 + n).
 */
final class Namespaces implements AutoCloseable {
    static final String NET = "10.91.7.";
    private final int hosts;
    private final Wires wires;

    Namespaces(int hosts, long seed) throws IOException, InterruptedException {
        this.hosts = hosts;
        clear();
        Wires.clear(hosts);
        try {
            for (int host = 0; host < hosts; host++) {
                sh("ip netns add " + name(host) + " && " + in(host) + "ip link set lo up");
            }
            wires = Wires.between(hosts, seed);
        } catch (IOException | InterruptedException | RuntimeException e) {
            clear();
            throw e;
        }
        try {
            sh("ip addr add " + NET + "1/24 dev " + Wires.OWN + " && ip link set " + Wires.OWN + " up");
            for (int host = 0; host < hosts; host++) {
                sh(in(host) + "ip addr add " + address(host) + "/24 dev eth0 && " + in(host) + "ip link set eth0 up");
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Why there can be none on this machine; empty where there can. */
    static String obstacle() {
        try {
            sh("test $(id -u) = 0");
            sh("ip netns del imbrex-try 2>/dev/null; ip netns add imbrex-try && ip netns del imbrex-try");
            return Wires.obstacle();
        } catch (IOException e) {
            return e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    Wires wires() {
        return wires;
    }

    static String name(int host) {
        return "imbrex-" + host;
    }

    static String address(int host) {
        return NET + (10 + host);
    }

    static String in(int host) {
        return "ip netns exec " + name(host) + " ";
    }

    /** What a command on this host begins with. */
    static List<String> on(int host) {
        return List.of("ip", "netns", "exec", name(host));
    }

    void cut(int host) throws IOException, InterruptedException {
        wires.cut(host);
    }

    void mend(int host) throws IOException, InterruptedException {
        wires.mend(host);
    }

    /** What the host sends is lost; what is sent to it arrives. */
    void oneWay(int host) throws IOException, InterruptedException {
        sh(in(host) + "iptables -I OUTPUT -o eth0 -j DROP");
    }

    void bothWays(int host) throws IOException, InterruptedException {
        sh(in(host) + "iptables -D OUTPUT -o eth0 -j DROP");
    }

    /** Neither hears anything of the other any more; this process still reaches both. */
    void separate(int one, int other) throws IOException, InterruptedException {
        sh(in(one) + "iptables -I INPUT -s " + address(other) + " -j DROP");
        sh(in(other) + "iptables -I INPUT -s " + address(one) + " -j DROP");
    }

    void join(int one, int other) throws IOException, InterruptedException {
        sh(in(one) + "iptables -D INPUT -s " + address(other) + " -j DROP");
        sh(in(other) + "iptables -D INPUT -s " + address(one) + " -j DROP");
    }

    static String sh(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException(command + ": " + output);
        }
        return output;
    }

    private void clear() throws IOException, InterruptedException {
        for (int host = 0; host < hosts; host++) {
            sh("{ ip netns pids " + name(host) + " | xargs -r kill -KILL; ip netns del " + name(host)
                    + "; } 2>/dev/null; true");
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        try {
            wires.close();
        } finally {
            clear();
        }
    }
}
