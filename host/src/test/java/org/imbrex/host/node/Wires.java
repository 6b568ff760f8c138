package org.imbrex.host.node;

import static org.imbrex.host.node.Namespaces.in;
import static org.imbrex.host.node.Namespaces.name;
import static org.imbrex.host.node.Namespaces.sh;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What connects hosts that are namespaces with each other and with this process, and what befalls packets there. A
 * host's end is a device eth0 in its namespace, this process's is {@link #OWN}; they have no addresses yet.
 */
sealed interface Wires extends AutoCloseable {
    /** This process's device. */
    String OWN = "imbrex-net";

    /** How packets are lost and delayed here. */
    String told();

    /** Nothing comes from the host or to it any more. */
    void cut(int host) throws IOException, InterruptedException;

    void mend(int host) throws IOException, InterruptedException;

    @Override
    void close() throws IOException, InterruptedException;

    /** The best there is here: a bridge with netem, a switch in this process, a bridge and the packet filter. */
    static Wires between(int hosts, long seed) throws IOException, InterruptedException {
        String netem = Bridge.netemObstacle();
        if (netem.isEmpty()) {
            Bridge bridge = Bridge.between(hosts, "netem: 20 ms, 2 % lost");
            for (int host = 0; host < hosts; host++) {
                sh("tc qdisc add dev " + Bridge.link(host) + " root netem delay 20ms loss 2%");
            }
            return bridge;
        }
        String taps = Switched.obstacle();
        if (taps.isEmpty()) {
            return Switched.between(hosts, seed);
        }
        for (int host = 0; host < hosts; host++) {
            sh(in(host) + "iptables -A INPUT -m statistic --mode random --probability 0.02 -j DROP");
        }
        return Bridge.between(hosts, "the packet filter: 2 % lost, no delay (" + netem + "; " + taps + ")");
    }

    /** Why there can be none at all; empty where there can. */
    static String obstacle() throws InterruptedException {
        String taps = Switched.obstacle();
        return taps.isEmpty() ? "" : Bridge.obstacle();
    }

    /** What a run that was killed has left, and what the kernel has learnt of hosts with these addresses. */
    static void clear(int hosts) throws IOException, InterruptedException {
        for (int host = 0; host < hosts; host++) {
            sh("ip link del " + Bridge.link(host) + " 2>/dev/null; true");
        }
        sh("ip link del " + OWN + " 2>/dev/null; ip tcp_metrics flush " + Namespaces.NET + "0/24 2>/dev/null; true");
    }

    /** A bridge of the kernel, and a pair of virtual devices to each host. */
    record Bridge(int hosts, String told) implements Wires {
        static Bridge between(int hosts, String told) throws IOException, InterruptedException {
            sh("ip link add " + OWN + " type bridge");
            for (int host = 0; host < hosts; host++) {
                sh("ip link add " + link(host) + " type veth peer name eth0 netns " + name(host) + " && ip link set "
                        + link(host) + " master " + OWN + " up");
            }
            return new Bridge(hosts, told);
        }

        static String obstacle() throws InterruptedException {
            return tried("ip link del imbrex-try 2>/dev/null; ip link add imbrex-try type bridge && ip link del imbrex-try");
        }

        static String netemObstacle() throws InterruptedException {
            String bridge = obstacle();
            return !bridge.isEmpty()
                    ? bridge
                    : tried("ip netns del imbrex-try 2>/dev/null; ip netns add imbrex-try && { "
                            + "ip netns exec imbrex-try tc qdisc add dev lo root netem delay 20ms; "
                            + "tried=$?; ip netns del imbrex-try; exit $tried; }");
        }

        private static String tried(String command) throws InterruptedException {
            try {
                sh(command);
                return "";
            } catch (IOException e) {
                return e.getMessage();
            }
        }

        private static String link(int host) {
            return "imbrex-v" + host;
        }

        @Override
        public void cut(int host) throws IOException, InterruptedException {
            sh("ip link set " + link(host) + " down");
        }

        @Override
        public void mend(int host) throws IOException, InterruptedException {
            sh("ip link set " + link(host) + " up");
        }

        @Override
        public void close() throws IOException, InterruptedException {
            clear(hosts);
        }
    }

    /** A switch in this process, and a device of it to each host. */
    record Switched(ImpairedSwitch network) implements Wires {
        static Switched between(int hosts, long seed) throws IOException, InterruptedException {
            List<Tap> ports = new ArrayList<>();
            try {
                for (int host = 0; host < hosts; host++) {
                    String made = OWN + host;
                    ports.add(Tap.open(made));
                    // its cable stays in this process
                    sh("ip link set " + made + " netns " + name(host) + " name eth0");
                }
                ports.add(Tap.open(OWN));
                return new Switched(new ImpairedSwitch(ports, seed));
            } catch (IOException | InterruptedException | RuntimeException e) {
                ports.forEach(Tap::close);
                throw e;
            }
        }

        static String obstacle() {
            try (Tap tap = Tap.open("imbrex-try")) {
                return "";
            } catch (IOException e) {
                return e.getMessage();
            }
        }

        @Override
        public String told() {
            return ImpairedSwitch.TOLD;
        }

        @Override
        public void cut(int host) {
            network.cut(host);
        }

        @Override
        public void mend(int host) {
            network.mend(host);
        }

        @Override
        public void close() throws IOException, InterruptedException {
            network.close();
        }
    }
}
