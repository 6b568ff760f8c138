package org.imbrex.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.imbrex.bench.measure.TimeBudget;
import org.imbrex.bench.report.Findings;
import org.imbrex.bench.report.Page;
import org.imbrex.bench.report.TextTable;
import org.imbrex.bench.work.Suite;
import org.imbrex.bench.work.Work;
import org.imbrex.host.cli.Json;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of {@code imbrex bench}. */
@Command(
        name = "imbrex bench",
        mixinStandardHelpOptions = true,
        version = "imbrex bench 0.1.0-SNAPSHOT",
        sortOptions = false,
        description = {
            "Measures this machine's devices against its limits and against the peers that are installed, by turns in one"
                    + " run; prints a table and writes bench.json and bench.html."
        })
final class BenchCommand implements Callable<Integer> {
    private static final int USUAL_SECONDS = 1500;
    private static final int QUICK_SECONDS = 110;
    /** Of a run's seconds, what is shared out: single slow runs cannot be cut short. */
    private static final double PLANNED = 0.85;

    @Option(names = "--quick", description = "All works with fewer turns: under two minutes.")
    private boolean quick;

    @Option(names = "--seconds", paramLabel = "N", description = "The most that the run takes; turns are cut to it, works as long as possible are not (default: 1500, 110 with --quick).")
    private Optional<Integer> seconds;

    @Option(names = "--work", paramLabel = "NAMES", split = ",", description = "Only these works, with commas between; 'matmul-*' stands for all that begin so.")
    private List<String> works = List.of();

    @Option(names = "--device", paramLabel = "IDS", split = ",", description = "Only these devices, as 'imbrex devices' names them.")
    private List<String> devices = List.of();

    @Option(names = "--threads", paramLabel = "N", description = "The most threads, ours and the peers' (default: all cores).")
    private Optional<Integer> threads;

    @Option(names = "--out", paramLabel = "DIR", description = "Where bench.json and bench.html go (default: bench-out).")
    private Path out = Path.of("bench-out");

    @Option(names = "--json", paramLabel = "FILE", description = "Write the records here as well.")
    private Optional<Path> json;

    @Option(names = "--list", description = "Print the works' names and expressions, and stop.")
    private boolean list;

    @Option(names = "--jmh", paramLabel = "PATTERN", description = "Run the JMH benchmarks whose names match instead.")
    private Optional<String> jmh;

    @Option(names = "--scale", hidden = true, description = "Of the arrays' elements, for tests.")
    private double scale = 1;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException, RunnerException {
        PrintWriter print = spec.commandLine().getOut();
        if (jmh.isPresent()) {
            return jmh(jmh.get());
        }
        List<Work> suite = Suite.works(scale);
        if (list) {
            suite.forEach(work -> print.println(work.name() + "  " + work.expression()));
            Extras.names().forEach(print::println);
            return 0;
        }
        int most = Runtime.getRuntime().availableProcessors();
        check(threads.isEmpty() || threads.get() >= 1 && threads.get() <= most,
                "--threads " + threads.orElse(0), "1 to " + most + ", this machine's cores");
        check(scale > 0 && scale <= 1, "--scale " + scale, "more than 0, at most 1");
        List<String> names = new ArrayList<>(suite.stream().map(Work::name).toList());
        names.addAll(Extras.names());
        BenchOptions options = new BenchOptions(works, devices, threads.orElse(most), quick, scale);
        for (String work : works) {
            BenchOptions one = new BenchOptions(List.of(work), devices, 1, quick, scale);
            check(names.stream().anyMatch(one::wants), "--work " + work,
                    "one of the works; --list prints them");
        }
        json.ifPresent(file -> check(Files.isDirectory(file.toAbsolutePath().getParent()), "--json " + file,
                "a file in a folder that exists"));
        check(!Files.exists(out) || Files.isDirectory(out), "--out " + out, "a folder");
        int allowed = seconds.orElse(quick ? QUICK_SECONDS : USUAL_SECONDS);
        check(allowed >= 1, "--seconds " + allowed, "1 or more");
        Files.createDirectories(out);
        Findings findings = measure(options, allowed);
        print.print(TextTable.of(findings));
        print.println("written  " + String.join(", ", files().map(Path::toString).toList()));
        if (!findings.isFinished()) {
            spec.commandLine().getErr().println("imbrex bench: ended after " + allowed + " seconds, " + findings.state()
                    + "; what was found is written; --seconds allows more");
        }
        return findings.isFinished() ? 0 : 1;
    }

    /**
     * Runs in a thread of its own, so that a run that hangs in somebody's library ends in time too, with what is written.
     */
    private Findings measure(BenchOptions options, int allowed) throws InterruptedException {
        ProgressLine line = new ProgressLine(spec.commandLine().getErr());
        TimeBudget budget = new TimeBudget(PLANNED * allowed, System::nanoTime);
        AtomicReference<Findings> latest = new AtomicReference<>(Findings.NOTHING);
        FutureTask<Void> task = new FutureTask<>(() -> {
            try (Bench bench = new Bench(options, budget, line)) {
                for (String device : devices) {
                    check(bench.has(device), "--device " + device, "one of " + String.join(", ", bench.known()));
                }
                bench.run(findings -> {
                    write(findings);
                    latest.set(findings);
                });
            }
            return null;
        });
        Thread.ofPlatform().name("bench").daemon().start(task);
        try {
            task.get(allowed, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            return latest.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException failed -> throw failed;
                case Error failed -> throw failed;
                default -> throw new IllegalStateException(e.getCause());
            }
        } finally {
            line.clear();
        }
        return latest.get();
    }

    private Stream<Path> files() {
        return Stream.concat(Stream.of(out.resolve("bench.json"), out.resolve("bench.html")), json.stream());
    }

    /** After each part of the run, so that one that is killed leaves what it has found. */
    private void write(Findings findings) {
        String records = Json.of(findings.records()) + "\n";
        String page = Page.of(findings);
        replace(out.resolve("bench.json"), records);
        replace(out.resolve("bench.html"), page);
        json.ifPresent(file -> replace(file, records));
    }

    /** Beside it first: nobody sees half a file. */
    private static void replace(Path file, String text) {
        Path beside = file.resolveSibling("." + file.getFileName() + ".part");
        try {
            Files.writeString(beside, text);
            Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("writing " + file + " failed: " + e.getMessage(), e);
        }
    }

    private int jmh(String pattern) throws RunnerException {
        try {
            new Runner(new OptionsBuilder().include(pattern).build()).run();
            return 0;
        } catch (NoBenchmarksException none) {
            throw new ParameterException(spec.commandLine(),
                    "found --jmh " + pattern + ", expected a pattern that some benchmark's name matches", none);
        }
    }

    private void check(boolean holds, String found, String expected) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), "found " + found + ", expected " + expected);
        }
    }
}
