package org.imbrex.host.cli;

import java.io.PrintWriter;

/** What the launcher runs once after a build to record the AOT cache: the commands whose start should be quick. */
public final class Training {

    private Training() {}

    public static void main(String[] args) {
        StandardError.restore();
        PrintWriter out = new PrintWriter(System.out, true);
        Main.run(out, out, "--help");
        Main.run(out, out, "--version");
        Main.run(out, out, "--unknown");
    }
}
