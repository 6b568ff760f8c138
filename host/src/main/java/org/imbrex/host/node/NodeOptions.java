package org.imbrex.host.node;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.imbrex.host.node.trust.Credentials;

/**
 * How a node runs.
 *
 * @param listen where clients connect; beyond loopback only with credentials
 * @param devices as {@link org.imbrex.runtime.device.Devices#select} takes it
 * @param memoryBytes what tiles may hold at once, of all clients together
 * @param clients how many clients share it; more are refused
 * @param timeout after which a peer that is silent is given up
 * @param connects whether it connects to other nodes that its clients name, to hand them borders
 */
public record NodeOptions(
        InetSocketAddress listen,
        String devices,
        long memoryBytes,
        int clients,
        Credentials credentials,
        Duration timeout,
        String software,
        boolean connects) {
    public NodeOptions {
        Door.requireCredentials(listen, credentials);
    }

    /** One that connects to other nodes. */
    public NodeOptions(
            InetSocketAddress listen,
            String devices,
            long memoryBytes,
            int clients,
            Credentials credentials,
            Duration timeout,
            String software) {
        this(listen, devices, memoryBytes, clients, credentials, timeout, software, true);
    }
}
