package org.imbrex.host.cli;

import java.io.BufferedWriter;
import java.io.PrintWriter;
import java.io.StringWriter;

/** One command line, run in this process. */
record CommandRun(int status, String out, String err) {

    static CommandRun of(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        // what is not flushed does not come out, as in a process of its own
        int status = Main.run(
                new PrintWriter(new BufferedWriter(out)), new PrintWriter(new BufferedWriter(err)), args);
        return new CommandRun(status, out.toString(), err.toString());
    }
}
