package org.imbrex.host.node;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.imbrex.host.node.trust.Credentials;

/**
 * Which nodes to use, and how.
 *
 * @param timeout after which a node that is silent is given up; its tiles go elsewhere
 */
public record FleetOptions(
        List<InetSocketAddress> nodes, Credentials credentials, Duration timeout, String software) {
    public static final int PORT = 7070;
    public static final Duration TIMEOUT = Duration.ofSeconds(10);

    public FleetOptions {
        nodes = List.copyOf(nodes);
        for (InetSocketAddress node : nodes) {
            if (credentials instanceof Credentials.Loopback && !node.getAddress().isLoopbackAddress()) {
                throw new NodeException("found the node " + name(node) + " on another machine, without credentials;"
                        + " give --secret FILE, or --tls-cert, --tls-key and --tls-ca");
            }
        }
    }

    /** How a node is called. */
    public static String name(InetSocketAddress node) {
        String host = node.getHostString();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + node.getPort();
    }

    /**
     * Nodes named as {@code a:7070,b} or {@code @FILE} with one a line. A name with several addresses (a headless
     * service of Kubernetes) is a node each.
     *
     * @throws NodeException for a name that is not found; IOException for a file that cannot be read
     */
    public static List<InetSocketAddress> parse(String text) throws IOException {
        Set<InetSocketAddress> nodes = new LinkedHashSet<>();
        for (String word : text.split(",", -1)) {
            String name = word.strip();
            if (name.startsWith("@")) {
                for (String line : Files.readAllLines(Path.of(name.substring(1)))) {
                    String plain = line.replaceFirst("#.*", "").strip();
                    if (!plain.isEmpty()) {
                        nodes.addAll(one(plain));
                    }
                }
            } else {
                nodes.addAll(one(name));
            }
        }
        return List.copyOf(nodes);
    }

    /** One {@code HOST:PORT}, where a port may be left out. */
    public static List<InetSocketAddress> one(String text) {
        int colon = text.startsWith("[") ? text.indexOf(':', text.indexOf(']')) : text.lastIndexOf(':');
        String host = colon < 0 ? text : text.substring(0, colon);
        int port = PORT;
        try {
            port = colon < 0 ? PORT : Integer.parseInt(text.substring(colon + 1));
        } catch (NumberFormatException e) {
            port = -1;
        }
        if (host.isEmpty() || port < 0 || port > 65535) {
            throw new NodeException("found the node '" + text + "', expected HOST:PORT");
        }
        List<InetSocketAddress> nodes = new ArrayList<>();
        try {
            if (host.equals("localhost")) {
                return List.of(new InetSocketAddress(InetAddress.getByAddress("localhost", new byte[] {127, 0, 0, 1}), port));
            }
            InetAddress[] all = InetAddress.getAllByName(host);
            boolean four = List.of(all).stream().anyMatch(Inet4Address.class::isInstance);
            for (InetAddress address : all) {
                if (!four || address instanceof Inet4Address) { // one that has both is one node
                    InetAddress named = all.length > 1 && List.of(all).stream().filter(Inet4Address.class::isInstance).count() > 1
                            ? InetAddress.getByAddress(address.getAddress())
                            : address;
                    nodes.add(new InetSocketAddress(named, port));
                }
            }
        } catch (UnknownHostException e) {
            throw new NodeException("found the node '" + text + "', but no host of that name", e);
        }
        return nodes;
    }
}
