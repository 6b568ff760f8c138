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

/** Which nodes run the tiles, or which coordinator has some, if any. */
final class FleetArguments {

    @Option(
            names = "--on",
            paramLabel = "HOST:PORT,…",
            description = "Run on these nodes; @FILE names one a line; a name with several addresses is a node each.")
    private Optional<String> nodes;

    @Option(
            names = "--coordinator",
            paramLabel = "HOST:PORT",
            description = "Give the work to this coordinator (imbrex node --coordinator): it goes on without this process,"
                    + " and the same command finds it again.")
    private Optional<String> coordinator;

    @Mixin
    private TrustArguments trust;

    @Option(
            names = "--node-timeout",
            paramLabel = "SECONDS",
            description = "Give up a node that is silent so long (default: 10).")
    private Optional<Double> timeout;

    /** The nodes, if any are named. */
    Optional<FleetOptions> options(CommandLine line) throws IOException {
        if (nodes.isPresent() && coordinator.isPresent()) {
            throw new ParameterException(line, "found --on and --coordinator, expected one of them: a coordinator has"
                    + " its own nodes");
        }
        if (nodes.isEmpty() && coordinator.isEmpty() && (trust.isGiven() || timeout.isPresent())) {
            throw new ParameterException(
                    line, "expected --on HOST:PORT or --coordinator HOST:PORT with options for nodes");
        }
        return nodes.isPresent() ? Optional.of(options(line, nodes.get())) : Optional.empty();
    }

    /** The coordinator, if one is named. */
    Optional<FleetOptions> coordinator(CommandLine line) throws IOException {
        return coordinator.isPresent() ? Optional.of(options(line, coordinator.get())) : Optional.empty();
    }

    private FleetOptions options(CommandLine line, String names) throws IOException {
        double seconds = timeout.orElse((double) FleetOptions.TIMEOUT.toSeconds());
        if (!(seconds >= 0.1 && seconds <= 3600)) {
            throw new ParameterException(
                    line, "found --node-timeout " + seconds + ", expected from 0.1 to 3600 seconds");
        }
        return new FleetOptions(
                FleetOptions.parse(names),
                trust.credentials(line, false),
                Duration.ofMillis((long) (seconds * 1000)),
                "imbrex " + ImbrexCommand.VERSION);
    }

    Engine open(CommandLine line) throws IOException {
        Optional<FleetOptions> options = options(line);
        Optional<FleetOptions> at = coordinator(line);
        if (at.isPresent()) {
            return Engine.openAt(at.get());
        }
        return options.isPresent() ? Engine.open(options.get()) : Engine.open();
    }
}
