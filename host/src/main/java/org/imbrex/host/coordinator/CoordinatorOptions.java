package org.imbrex.host.coordinator;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.imbrex.host.node.FleetOptions;
import org.imbrex.host.node.trust.Credentials;

/**
 * How a coordinator runs.
 *
 * @param listen where clients connect; beyond loopback only with credentials
 * @param store the folder of its jobs, inputs and files, which no other coordinator uses at the same time
 * @param nodes which nodes run the tiles
 * @param memoryBytes what tiles in flight and intermediate arrays may take
 * @param clients how many may be connected at once; more are refused
 * @param timeout after which a client that is silent is given up
 */
public record CoordinatorOptions(
        InetSocketAddress listen,
        Path store,
        Nodes nodes,
        long memoryBytes,
        int clients,
        Credentials credentials,
        Duration timeout,
        String software) {

    /** Looks nodes up, anew for each job: addresses behind a name may change. */
    @FunctionalInterface
    public interface Nodes {
        FleetOptions find() throws IOException;
    }
}
