package org.imbrex.host.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.imbrex.host.Engine;
import org.imbrex.host.node.FleetOptions;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Which nodes run the tiles, if any. */
final class FleetArguments {

    @Option(
            names = "--on",
            paramLabel = "HOST:PORT,…",
            description = "Run on these nodes; @FILE names one a line; a name with several addresses is a node each.")
    private Optional<String> nodes;

    @Mixin
    private TrustArguments trust;

    @Option(
            names = "--node-timeout",
            paramLabel = "SECONDS",
            description = "Give up a node that is silent so long (default: 10).")
    private Optional<Double> timeout;

    Optional<FleetOptions> options(CommandLine line) throws IOException {
        double seconds = timeout.orElse((double) FleetOptions.TIMEOUT.toSeconds());
        if (!(seconds >= 0.1 && seconds <= 3600)) {
            throw new ParameterException(
                    line, "found --node-timeout " + seconds + ", expected from 0.1 to 3600 seconds");
        }
        if (nodes.isEmpty()) {
            if (trust.isGiven() || timeout.isPresent()) {
                throw new ParameterException(line, "expected --on HOST:PORT with options for nodes");
            }
            return Optional.empty();
        }
        return Optional.of(new FleetOptions(
                FleetOptions.parse(nodes.get()),
                trust.credentials(line, false),
                Duration.ofMillis((long) (seconds * 1000)),
                "imbrex " + ImbrexCommand.VERSION));
    }

    Engine open(CommandLine line) throws IOException {
        Optional<FleetOptions> options = options(line);
        return options.isPresent() ? Engine.open(options.get()) : Engine.open();
    }
}
