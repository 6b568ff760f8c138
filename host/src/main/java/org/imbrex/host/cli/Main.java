package org.imbrex.host.cli;

import java.io.PrintWriter;
import picocli.CommandLine;

/** Where the launcher {@code ./imbrex} enters. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        StandardError.restore();
        System.exit(run(new PrintWriter(System.out, true), new PrintWriter(System.err, true), args));
    }

    /** Runs one command line and returns its exit status: 0 done, 1 failed, 2 wrong usage. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine line = new CommandLine(new ImbrexCommand());
        line.setOut(out);
        line.setErr(err);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler(Failures::usage);
        line.setExecutionExceptionHandler(Failures::execution);
        try {
            return line.execute(args);
        } finally {
            out.flush();
            err.flush();
        }
    }
}
