package org.imbrex.host.node;

import java.time.Duration;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.host.node.trust.Greeting;
import org.imbrex.host.node.wire.Ticket;
import org.imbrex.host.node.wire.Wire;

/**
 * How a node and others hand borders to each other; all its sessions share this.
 *
 * @param caller as whom it connects to others
 * @param connects whether it connects to others at all
 * @param timeout after which another node that is silent is given up
 */
record Peering(
        Surroundings surroundings,
        Surroundings.Caller caller,
        boolean connects,
        Duration timeout,
        Tickets tickets,
        NodeCounters counters,
        RefusalLog refusals) {
    /** How long another node may take to greet. */
    private static final Duration GREETING = Duration.ofSeconds(5);

    private static final System.Logger LOG = System.getLogger(Peering.class.getName());

    static Peering of(NodeOptions options, NodeCounters counters) {
        Duration greeting = options.timeout().compareTo(GREETING) < 0 ? options.timeout() : GREETING;
        return new Peering(
                Surroundings.SYSTEM,
                caller(options.credentials(), greeting, options.software()),
                options.connects(),
                options.timeout(),
                new Tickets(Ticket::fresh),
                counters,
                new RefusalLog(LOG, System::nanoTime));
    }

    /** A node as it comes to others. */
    static Surroundings.Caller caller(Credentials credentials, Duration greeting, String software) {
        return new Surroundings.Caller(credentials, greeting, software, Greeting.BORDERS, Wire.BUFFER);
    }
}
