package org.imbrex.bench;

import java.io.PrintWriter;
import org.imbrex.host.cli.StandardError;
import org.imbrex.kernels.type.ImbrexException;
import picocli.CommandLine;

/** Where the launcher enters for {@code ./imbrex bench}. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        StandardError.restore();
        System.exit(run(new PrintWriter(System.out, true), new PrintWriter(System.err, true), args));
    }

    /** Runs one command line and returns its exit status: 0 done, 1 failed, 2 wrong usage. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine line = new CommandLine(new BenchCommand());
        line.setOut(out);
        line.setErr(err);
        line.setParameterExceptionHandler((e, given) -> {
            String text = e.getMessage().lines().findFirst().orElse("");
            err.println("imbrex bench: " + text + "; 'imbrex bench --help' tells more");
            return 2;
        });
        line.setExecutionExceptionHandler((e, command, parsed) -> {
            err.println("imbrex bench: " + Bench.firstLine(e));
            if (!(e instanceof ImbrexException || e instanceof java.io.IOException || e instanceof java.io.UncheckedIOException)) {
                e.printStackTrace(err);
            }
            return 1;
        });
        return line.execute(args);
    }
}
