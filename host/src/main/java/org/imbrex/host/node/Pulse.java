package org.imbrex.host.node;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.imbrex.host.node.wire.Wire;

/**
 * Keeps a connection alive and finds out when it is not: looks each quarter of the timeout, sends a ping where nothing was
 * sent since the last look, and gives up a peer from which no byte came for the timeout, or that took none of ours.
 */
final class Pulse {
    private Pulse() {}

    /** @param lost is told why, once, from a thread of this; closing the wire ends it */
    static Surroundings.Task watch(
            Surroundings surroundings, Wire wire, Duration timeout, Consumer<String> lost) {
        return surroundings.start("imbrex-pulse", false, () -> {
            long nanos = timeout.toNanos();
            try {
                while (true) {
                    surroundings.sleep(nanos / 4);
                    if (wire.silentNanos() > nanos) {
                        lost.accept("no byte came for " + timeout.toMillis() + " ms");
                        return;
                    }
                    if (wire.stuckNanos() > nanos) {
                        lost.accept("it took no byte for " + timeout.toMillis() + " ms");
                        return;
                    }
                    if (wire.quietNanos() >= nanos / 4) {
                        // in a thread of its own: a full socket must not stop the watch
                        surroundings.start("imbrex-ping", false, () -> ping(wire));
                    }
                }
            } catch (InterruptedException e) {
                return; // the connection is over
            }
        });
    }

    private static void ping(Wire wire) {
        try {
            wire.ping();
        } catch (IOException e) {
            wire.close(); // whoever reads hears of it
        }
    }
}
