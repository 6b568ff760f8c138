package org.imbrex.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.imbrex.bench.report.Findings;
import org.imbrex.bench.report.Page;
import org.imbrex.bench.report.TextTable;
import org.imbrex.bench.work.Suite;
import org.imbrex.bench.work.Work;
import org.imbrex.host.cli.Json;
import org.imbrex.host.cli.Terminal;
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
    private static final List<String> MORE_WORKS = List.of(
            "tile-dispatch", "threads-math", "threads-sqrt-exp", "threads-sin-axpy", "threads-matmul-f32",
            "threads-matmul-f64");

    @Option(names = "--quick", description = "Fewer sizes and rounds: under two minutes.")
    private boolean quick;

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
        List<Work> suite = Suite.works(scale, quick);
        if (list) {
            suite.forEach(work -> print.println(work.name() + "  " + work.expression()));
            MORE_WORKS.forEach(print::println);
            return 0;
        }
        int most = Runtime.getRuntime().availableProcessors();
        check(threads.isEmpty() || threads.get() >= 1 && threads.get() <= most,
                "--threads " + threads.orElse(0), "1 to " + most + ", this machine's cores");
        check(scale > 0 && scale <= 1, "--scale " + scale, "more than 0, at most 1");
        List<String> names = new ArrayList<>(suite.stream().map(Work::name).toList());
        names.addAll(MORE_WORKS);
        BenchOptions options = new BenchOptions(works, devices, threads.orElse(most), quick, scale);
        for (String work : works) {
            BenchOptions one = new BenchOptions(List.of(work), devices, 1, quick, scale);
            check(names.stream().anyMatch(one::wants), "--work " + work,
                    (quick ? "a work of the quick suite" : "one of the works") + "; --list prints them");
        }
        json.ifPresent(file -> check(Files.isDirectory(file.toAbsolutePath().getParent()), "--json " + file,
                "a file in a folder that exists"));
        check(!Files.exists(out) || Files.isDirectory(out), "--out " + out, "a folder");
        Findings findings = measure(options);
        print.print(TextTable.of(findings));
        write(findings, print);
        return 0;
    }

    private Findings measure(BenchOptions options) throws InterruptedException {
        boolean shown = Terminal.isTerminal(Terminal.STDERR);
        PrintWriter err = spec.commandLine().getErr();
        Bench.Status status = (what, done, all) -> {
            if (shown) {
                err.print("\r" + String.format("%-78s", "imbrex bench: " + what + ", " + done + " of " + all) + "\r");
                err.flush();
            }
        };
        try (Bench bench = new Bench(options, status)) {
            for (String device : devices) {
                check(bench.has(device), "--device " + device, "one of " + String.join(", ", bench.known()));
            }
            Findings findings = bench.run();
            if (shown) {
                err.print("\r" + " ".repeat(78) + "\r");
                err.flush();
            }
            return findings;
        }
    }

    private void write(Findings findings, PrintWriter print) throws IOException {
        Files.createDirectories(out);
        String records = Json.of(findings.records()) + "\n";
        replace(out.resolve("bench.json"), records);
        replace(out.resolve("bench.html"), Page.of(findings));
        if (json.isPresent()) {
            replace(json.get(), records);
        }
        print.println("written  " + Stream.concat(Stream.of(out.resolve("bench.json"), out.resolve("bench.html")), json.stream())
                .map(Path::toString)
                .reduce((a, b) -> a + ", " + b)
                .orElseThrow());
    }

    /** Beside it first: nobody sees half a file. */
    private static void replace(Path file, String text) throws IOException {
        Path beside = file.resolveSibling("." + file.getFileName() + ".part");
        Files.writeString(beside, text);
        Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
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
