package org.imbrex.host.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The root of the commands; alone it only tells how to go on. */
@Command(
        name = "imbrex",
        description = "Evaluates numerical expressions, tiled over every device, with the same bits everywhere.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        version = "imbrex " + ImbrexCommand.VERSION,
        subcommands = {
            DemoCommand.class,
            EvalCommand.class,
            RunCommand.class,
            InfoCommand.class,
            DevicesCommand.class,
            PlotCommand.class,
            NodeCommand.class,
            NodesCommand.class,
            JobsCommand.class,
            BenchCommand.class,
            CommandLine.HelpCommand.class
        })
final class ImbrexCommand implements Runnable {

    static final String VERSION = "0.1.0-SNAPSHOT";

    @Spec
    private CommandSpec spec;

    @Option(names = "--debug", description = "Print the stack trace of an error.", scope = ScopeType.INHERIT)
    private boolean debug;

    boolean debug() {
        return debug;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }
}
