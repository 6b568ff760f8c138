package org.imbrex.host.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Hosts as network namespaces: one bridge, and a pair of virtual interfaces to each host. This process is on the bridge
 * as 10.91.7.1, host n is 10.91.7.(10 + n).
 */
final class Namespaces implements AutoCloseable {
    private static final String BRIDGE = "imbrex-br";
    private static final String NET = "10.91.7.";
    private final int hosts;
    /** How packets are lost and delayed here: netem does both, the packet filter only loses. */
    final String impairment;

    Namespaces(int hosts) throws IOException, InterruptedException {
        this.hosts = hosts;
        clear();
        sh("ip link add " + BRIDGE + " type bridge && ip addr add " + NET + "1/24 dev " + BRIDGE + " && ip link set "
                + BRIDGE + " up");
        for (int host = 0; host < hosts; host++) {
            sh("ip netns add " + name(host) + " && ip link add " + link(host) + " type veth peer name eth0 netns "
                    + name(host) + " && ip link set " + link(host) + " master " + BRIDGE + " up && " + in(host)
                    + "ip addr add " + address(host) + "/24 dev eth0 && " + in(host) + "ip link set eth0 up && "
                    + in(host) + "ip link set lo up");
        }
        impairment = impair();
    }

    /** Why there can be none on this machine; empty where there can. */
    static String obstacle() {
        try {
            sh("test $(id -u) = 0");
            sh("ip netns add imbrex-try && ip netns del imbrex-try");
            sh("ip link add imbrex-try type bridge && ip link del imbrex-try");
            return "";
        } catch (IOException e) {
            return e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    /** Two packets in a hundred are lost, and all are 20 ms late where the kernel has netem. */
    private String impair() throws IOException, InterruptedException {
        try {
            for (int host = 0; host < hosts; host++) {
                sh("tc qdisc add dev " + link(host) + " root netem delay 20ms loss 2%");
            }
            return "netem: 20 ms, 2 % lost";
        } catch (IOException noNetem) {
            for (int host = 0; host < hosts; host++) {
                sh(in(host) + "iptables -A INPUT -m statistic --mode random --probability 0.02 -j DROP");
            }
            return "the packet filter: 2 % lost, no delay (" + noNetem.getMessage() + ")";
        }
    }

    static String name(int host) {
        return "imbrex-" + host;
    }

    private static String link(int host) {
        return "imbrex-v" + host;
    }

    static String address(int host) {
        return NET + (10 + host);
    }

    private static String in(int host) {
        return "ip netns exec " + name(host) + " ";
    }

    /** What a command on this host begins with. */
    static List<String> on(int host) {
        return List.of("ip", "netns", "exec", name(host));
    }

    void cut(int host) throws IOException, InterruptedException {
        sh("ip link set " + link(host) + " down");
    }

    void mend(int host) throws IOException, InterruptedException {
        sh("ip link set " + link(host) + " up");
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

    private static String sh(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException(command + ": " + output);
        }
        return output;
    }

    private void clear() throws IOException, InterruptedException {
        for (int host = 0; host < hosts; host++) {
            sh("ip netns del " + name(host) + " 2>/dev/null; ip link del " + link(host) + " 2>/dev/null; true");
        }
        sh("ip link del " + BRIDGE + " 2>/dev/null; true");
    }

    @Override
    public void close() throws IOException, InterruptedException {
        clear();
    }
}
