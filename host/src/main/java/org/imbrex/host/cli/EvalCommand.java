package org.imbrex.host.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.coordinator.JobClient;
import org.imbrex.host.coordinator.JobStatus;
import org.imbrex.host.node.FleetOptions;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.ExprException;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Summary;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** One expression over files. */
@Command(
        name = "eval",
        description = "Evaluates one expression.",
        footer = {
            "",
            "Examples:",
            "  imbrex eval 'mean(blocks(x, 8), axis=1)' --in x=weather.npy --out means.npy",
            "  imbrex eval 'sqrt(u*u + v*v)' --in u=winds.nc:UWND --in v=winds.nc:VWND --out speed.npy"
        })
final class EvalCommand implements Callable<Integer> {

    /** Before a file's name: it lies in the coordinator's store. */
    private static final String STORE = "store:";

    @Parameters(paramLabel = "EXPR", description = "The expression, as in NumPy.")
    private String expression;

    @Mixin
    private InputArguments inputs;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where the result goes: .npy, .npz, .csv or .raw; without it the result is printed."
                    + " With --coordinator, store:FILE stays in the coordinator's store.")
    private Optional<String> out;

    @Option(
            names = "--detach",
            description = "With --coordinator: print the job's name and do not wait; the same command without it, or"
                    + " 'imbrex jobs NAME', finds it again.")
    private boolean detach;

    @Option(names = "--explain", description = "Tell what would run where, and run nothing.")
    private boolean explain;

    @Option(names = "--json", description = "Print the result's type and the summary as JSON.")
    private boolean json;

    @Mixin
    private RunArguments arguments;

    @Mixin
    private FleetArguments nodes;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        RunOptions options = arguments.options(spec.commandLine());
        Expr expr = Parser.parse(expression);
        var terminal = spec.commandLine();
        try (Engine engine = nodes.open(terminal);
                Interrupt interrupt = Interrupt.cancels(options.cancellation())) {
            Map<String, Array> arrays = inputs.open(engine, terminal);
            for (String name : arrays.keySet()) {
                if (!expr.inputs().contains(name)) {
                    throw new ExprException("found --in " + name + "=…, expected a name of the expression"
                            + (expr.inputs().isEmpty() ? ", which has none" : ": " + String.join(", ", expr.inputs())));
                }
            }
            if (explain) {
                terminal.getOut().print(engine.explain(expr, arrays, options));
                return 0;
            }
            Optional<String> stored = out.filter(name -> name.startsWith(STORE)).map(name -> name.substring(STORE.length()));
            if (detach || stored.isPresent()) {
                return atCoordinator(engine, expr, arrays, stored, options);
            }
            Summary summary;
            String printed = "";
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("type", engine.typeOf(expr, arrays).toString());
            try (ProgressBar bar = new ProgressBar(terminal.getErr())) {
                RunOptions watched = options.withProgress(bar);
                if (out.isPresent()) {
                    summary = engine.write(expr, arrays, Path.of(out.get()), watched);
                } else {
                    Engine.Run run = engine.run(expr, arrays, watched);
                    summary = run.summary();
                    printed = json ? "" : run.result() + System.lineSeparator();
                }
            }
            terminal.getOut().print(printed);
            if (json) {
                told.put("summary", summary.data());
                terminal.getOut().println(Json.of(told));
            }
            terminal.getOut().flush();
            arguments.tell(summary, terminal.getErr());
            return 0;
        }
    }

    /** A job that is not waited for, or whose result stays where it is made. */
    private int atCoordinator(
            Engine engine, Expr expr, Map<String, Array> arrays, Optional<String> stored, RunOptions options)
            throws IOException {
        CommandLine line = spec.commandLine();
        FleetOptions at = nodes.coordinator(line)
                .orElseThrow(() -> new ParameterException(
                        line, "found --detach or --out store:…, expected --coordinator HOST:PORT with it"));
        if (detach && out.isPresent() && stored.isEmpty()) {
            throw new ParameterException(
                    line, "found --detach with --out " + out.get() + ", expected store:FILE, or no --out: 'imbrex jobs"
                            + " NAME --out FILE' fetches the result");
        }
        JobStatus job = engine.submit(expr, arrays, stored, options);
        if (!detach) {
            try (ProgressBar bar = new ProgressBar(line.getErr());
                    JobClient client = new JobClient(at)) {
                job = client.await(job.name(), options.withProgress(bar));
            }
            arguments.tell(job.summary().orElseThrow(), line.getErr());
        }
        line.getOut().println(job.name());
        line.getOut().flush();
        return 0;
    }
}
