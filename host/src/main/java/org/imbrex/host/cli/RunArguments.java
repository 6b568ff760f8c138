package org.imbrex.host.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Summary;
import org.imbrex.runtime.trace.ChromeTrace;
import org.imbrex.runtime.trace.Trace;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options that say how to run: where, with how much memory, and what to tell of it. */
final class RunArguments {

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "Where to compute: auto, all, vector, opencl, opencl:1, tornado, reference, or several with commas"
                    + " (default: auto).")
    private Optional<String> device;

    @Option(names = "--threads", paramLabel = "N", description = "The most tiles at once on this processor.")
    private Optional<Integer> threads;

    @Option(
            names = "--tile",
            paramLabel = "256x256",
            converter = TileSize.Converter.class,
            description = "The extents of a tile over the leading axes (default: chosen).")
    private Optional<TileSize> tile;

    @Option(
            names = "--memory",
            paramLabel = "512m",
            converter = ByteSize.Converter.class,
            description = "The most memory for tiles and intermediate arrays (default: half of what is free).")
    private Optional<ByteSize> memory;

    @Option(
            names = "--verify",
            paramLabel = "SHARE",
            arity = "0..1",
            fallbackValue = "0.05",
            description = "Compute this share of the tiles again, on another node or else by the reference, and compare"
                    + " bits (0.05 if no number follows).")
    private Optional<Double> verify;

    @Option(names = "--fast", description = "Allow devices whose division and roots are not correctly rounded.")
    private boolean fast;

    @Option(names = "--summary", paramLabel = "FILE.json", description = "Write the run's summary as JSON.")
    private Optional<Path> summaryFile;

    @Option(names = "--trace", paramLabel = "FILE.json", description = "Write what happened when, for a trace viewer.")
    private Optional<Path> traceFile;

    @Option(names = "--attest", description = "List each tile's device, kernel hash and digests in the summary.")
    private boolean attest;

    @Option(names = {"-q", "--quiet"}, description = "Print no summary.")
    private boolean quiet;

    private final ChromeTrace trace = new ChromeTrace();

    /** @throws ParameterException for a number out of range, or a file that cannot be written */
    RunOptions options(CommandLine line) {
        threads.filter(n -> n < 1 || n > 4096).ifPresent(n -> {
            throw wrong(line, "--threads", n, "a number from 1 to 4096");
        });
        verify.filter(share -> !(share >= 0 && share <= 1)).ifPresent(share -> {
            throw wrong(line, "--verify", share, "a share from 0 to 1");
        });
        memory.filter(size -> size.bytes() < 1 << 20).ifPresent(size -> {
            throw wrong(line, "--memory", size.bytes() + " bytes", "at least 1m");
        });
        for (Optional<Path> file : java.util.List.of(summaryFile, traceFile)) {
            file.filter(f -> !Files.isDirectory(f.toAbsolutePath().getParent())).ifPresent(f -> {
                throw wrong(line, f == summaryFile.orElse(null) ? "--summary" : "--trace", f, "a file in a folder that exists");
            });
        }
        RunOptions options = RunOptions.defaults()
                .withDevice(device.orElse("auto"))
                .withThreads(threads.orElse(0))
                .withMemory(memory.map(ByteSize::bytes).orElse(0L))
                .withVerify(verify.orElse(0.0))
                .withFast(fast)
                .withAttest(attest)
                .withTrace(traceFile.isPresent() ? trace : Trace.NONE);
        return tile.isPresent() ? options.withTile(tile.get().extents()) : options;
    }

    private static ParameterException wrong(CommandLine line, String option, Object found, String expected) {
        return new ParameterException(line, "found " + option + " " + found + ", expected " + expected);
    }

    /** After the run: the summary on standard error, and the files asked for. */
    void tell(Summary summary, PrintWriter err) throws IOException {
        if (!quiet) {
            err.print(summary.text());
            err.flush();
        }
        if (summaryFile.isPresent()) {
            TextFile.write(summaryFile.get(), Json.of(summary.data()) + "\n");
        }
        if (traceFile.isPresent()) {
            trace.write(traceFile.get());
        }
    }
}
