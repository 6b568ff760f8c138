package org.imbrex.host.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.imbrex.host.Engine;
import org.imbrex.host.node.FleetOptions;
import org.imbrex.host.node.Metrics;
import org.imbrex.host.node.Node;
import org.imbrex.host.node.NodeOptions;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.runtime.host.HostFacts;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs tiles for others until it is told to stop. */
@Command(
        name = "node",
        description = "Runs tiles for clients on other machines, or with --coordinator whole jobs on other nodes, until"
                + " it is stopped.",
        footer = {
            "",
            "Examples:",
            "  imbrex node --listen 0.0.0.0:7070 --secret imbrex.secret --memory 4g",
            "  imbrex eval 'sum(x)' --in x=big.npy --on a:7070,b:7070 --secret imbrex.secret",
            "  imbrex node --coordinator --listen 0.0.0.0:7171 --store jobs --on a:7070,b:7070 --secret imbrex.secret"
        })
final class NodeCommand implements Callable<Integer> {

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:7070",
            description = "Where clients connect (default: ${DEFAULT-VALUE}).")
    private String listen;

    @Option(
            names = "--memory",
            paramLabel = "4g",
            converter = ByteSize.Converter.class,
            description = "The most memory for tiles (default: half of what is free).")
    private Optional<ByteSize> memory;

    @Option(
            names = {"--devices", "--device"},
            paramLabel = "DEVICE",
            defaultValue = "auto",
            description = "What computes, as --device of eval (default: ${DEFAULT-VALUE}).")
    private String devices;

    @Option(names = "--threads", paramLabel = "N", description = "The most tiles at once on this processor.")
    private Optional<Integer> threads;

    @Option(
            names = "--clients",
            paramLabel = "N",
            defaultValue = "4",
            description = "How many clients share it at most (default: ${DEFAULT-VALUE}).")
    private int clients;

    @Option(
            names = "--metrics",
            paramLabel = "HOST:PORT",
            description = "Where /metrics and /health are served, without authentication.")
    private Optional<String> metrics;

    @Option(
            names = "--node-timeout",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "Give up a client that is silent so long (default: ${DEFAULT-VALUE}).")
    private double timeout;

    @Option(
            names = "--drain",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "When stopped, finish tiles for at most so long (default: ${DEFAULT-VALUE}).")
    private double drain;

    @Option(
            names = "--alone",
            description = "Connect to no other node: borders of simulations then pass through the client.")
    private boolean alone;

    @Option(
            names = "--init-certs",
            paramLabel = "DIR",
            description = "Make an authority and a certificate (ca.pem ca.key node.pem node.key), and run nothing.")
    private Optional<Path> initCerts;

    @Option(
            names = "--names",
            paramLabel = "HOST",
            split = ",",
            description = "With --init-certs: the hosts that the certificate is good for, beside localhost.")
    private List<String> names = List.of();

    @Mixin
    private CoordinatorArguments coordinator;

    @Mixin
    private TrustArguments trust;

    @Spec
    private CommandSpec spec;

    private static final Duration CERTIFICATES_LAST = Duration.ofDays(825);

    @Override
    public Integer call() throws IOException, InterruptedException {
        CommandLine line = spec.commandLine();
        PrintWriter out = line.getOut();
        if (initCerts.isPresent()) {
            List<String> hosts = new java.util.ArrayList<>(List.of("localhost", "127.0.0.1", "::1"));
            hosts.addAll(names);
            Credentials.make(initCerts.get(), hosts, CERTIFICATES_LAST);
            out.println(initCerts.get() + ": ca.pem ca.key node.pem node.key, good for " + String.join(", ", hosts)
                    + ", for " + CERTIFICATES_LAST.toDays() + " days");
            return 0;
        }
        check(line, "--clients", clients, 1, 1024);
        check(line, "--threads", threads.orElse(1), 1, 4096);
        check(line, "--node-timeout", timeout, 0.1, 3600);
        check(line, "--drain", drain, 0, 86_400);
        NodeOptions options = new NodeOptions(
                one(listen),
                devices,
                memory.map(ByteSize::bytes).orElseGet(() -> HostFacts.memoryBytes() / 2),
                clients,
                trust.credentials(line, true),
                Duration.ofMillis((long) (timeout * 1000)),
                "imbrex " + ImbrexCommand.VERSION,
                !alone);
        if (coordinator.isAsked(line)) {
            return coordinator.run(line, options, metrics.map(NodeCommand::one));
        }
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        try (Node node = Engine.node(options, threads.orElse(0))) {
            Optional<Metrics> page = metrics.isPresent()
                    ? Optional.of(Metrics.serve("imbrex_node_", node::numbers, one(metrics.get())))
                    : Optional.empty();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                stop.countDown();
                await(stopped); // a process ends once its hooks have
            }));
            out.println("imbrex node at " + FleetOptions.name(node.address()) + " on "
                    + String.join(", ", node.devices()) + ", "
                    + ByteSize.text(options.memoryBytes()) + " for tiles"
                    + page.map(p -> ", metrics at " + FleetOptions.name(p.address())).orElse(""));
            out.flush();
            stop.await();
            node.drain(Duration.ofMillis((long) (drain * 1000)));
            page.ifPresent(Metrics::close);
        } finally {
            stopped.countDown();
        }
        return 0;
    }

    static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static InetSocketAddress one(String text) {
        return FleetOptions.one(text).getFirst();
    }

    private static void check(CommandLine line, String option, double found, double least, double most) {
        if (!(found >= least && found <= most)) {
            throw new ParameterException(
                    line, "found " + option + " " + found + ", expected from " + least + " to " + most);
        }
    }
}
