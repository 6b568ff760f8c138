package org.imbrex.host.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.ExprException;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Summary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

    @Parameters(paramLabel = "EXPR", description = "The expression, as in NumPy.")
    private String expression;

    @Mixin
    private InputArguments inputs;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where the result goes: .npy, .npz, .csv or .raw; without it the result is printed.")
    private Optional<Path> out;

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
            Summary summary;
            String printed = "";
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("type", engine.typeOf(expr, arrays).toString());
            try (ProgressBar bar = new ProgressBar(terminal.getErr())) {
                RunOptions watched = options.withProgress(bar);
                if (out.isPresent()) {
                    summary = engine.write(expr, arrays, out.get(), watched);
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
}
