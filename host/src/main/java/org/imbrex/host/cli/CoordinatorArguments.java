package org.imbrex.host.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.imbrex.host.Engine;
import org.imbrex.host.coordinator.Coordinator;
import org.imbrex.host.coordinator.CoordinatorOptions;
import org.imbrex.host.coordinator.JobStatus;
import org.imbrex.host.node.FleetOptions;
import org.imbrex.host.node.Metrics;
import org.imbrex.host.node.NodeOptions;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** A node that runs no tiles itself but whole jobs on others. */
final class CoordinatorArguments {

    @Option(
            names = "--coordinator",
            description = "Take whole jobs and run them on the nodes of --on; what is finished is kept in --store, so a"
                    + " coordinator that is killed and started again goes on.")
    private boolean asked;

    @Option(
            names = "--store",
            paramLabel = "DIR",
            description = "With --coordinator: the folder of its jobs, inputs and results.")
    private Optional<Path> store;

    @Option(names = "--on", paramLabel = "HOST:PORT,…", description = "With --coordinator: the nodes that run tiles.")
    private Optional<String> nodes;

    boolean isAsked(CommandLine line) {
        if (!asked && (store.isPresent() || nodes.isPresent())) {
            throw new ParameterException(line, "found --store or --on, expected --coordinator with it");
        }
        if (asked && (store.isEmpty() || nodes.isEmpty())) {
            throw new ParameterException(
                    line, "found --coordinator, expected --store DIR and the nodes as --on HOST:PORT with it");
        }
        for (String option : List.of("--devices", "--threads", "--drain")) {
            if (asked && line.getParseResult().hasMatchedOption(option)) {
                throw new ParameterException(
                        line, "found " + option + " with --coordinator, which computes nothing itself");
            }
        }
        return asked;
    }

    /** Until the process is told to stop. */
    int run(CommandLine line, NodeOptions how, Optional<InetSocketAddress> metrics)
            throws IOException, InterruptedException {
        CoordinatorOptions options = new CoordinatorOptions(
                how.listen(),
                store.get(),
                () -> new FleetOptions(
                        FleetOptions.parse(nodes.get()), how.credentials(), how.timeout(), how.software()),
                how.memoryBytes(),
                how.clients(),
                how.credentials(),
                how.timeout(),
                how.software());
        options.nodes().find(); // what is wrong with it is told now
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        try (Coordinator coordinator = Engine.coordinator(options)) {
            Optional<Metrics> page = metrics.isPresent()
                    ? Optional.of(Metrics.serve("imbrex_coordinator_", coordinator::numbers, metrics.get()))
                    : Optional.empty();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                stop.countDown();
                NodeCommand.await(stopped); // a process ends once its hooks have
            }));
            for (JobStatus job : coordinator.jobs()) {
                line.getOut().println("job " + job.name() + ": " + job.found() + " of " + job.total()
                        + " tiles are there (" + job.label() + ")");
            }
            line.getOut().println("imbrex coordinator at " + FleetOptions.name(coordinator.address()) + " with "
                    + nodes.get() + ", store " + store.get()
                    + page.map(p -> ", metrics at " + FleetOptions.name(p.address())).orElse(""));
            line.getOut().flush();
            stop.await();
            page.ifPresent(Metrics::close);
        } finally {
            stopped.countDown();
        }
        return 0;
    }
}
