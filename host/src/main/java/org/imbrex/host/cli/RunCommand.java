package org.imbrex.host.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.imbrex.host.Engine;
import org.imbrex.host.job.Job;
import org.imbrex.host.job.JobFile;
import org.imbrex.host.job.JobRun;
import org.imbrex.runtime.schedule.RunOptions;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A job file's steps, one after another. */
@Command(name = "run", description = "Runs the steps of a job file.")
final class RunCommand implements Callable<Integer> {

    @Parameters(paramLabel = "JOB.yaml", description = "The job file.")
    private Path file;

    @Option(names = "--keep-going", description = "After a failed step go on with those that do not need it.")
    private boolean keepGoing;

    @Option(names = "--json", description = "Print each step's outcome as JSON.")
    private boolean json;

    @Mixin
    private RunArguments arguments;

    @Mixin
    private FleetArguments nodes;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        CommandLine line = spec.commandLine();
        PrintWriter err = line.getErr();
        RunOptions base = arguments.options(line);
        Job job = JobFile.read(file);
        List<Object> outcomes = new ArrayList<>();
        int failed = 0;
        try (Engine engine = nodes.open(line);
                Interrupt interrupt = Interrupt.cancels(base.cancellation())) {
            JobRun run = new JobRun(engine, job, file, step -> options(line, base, job, step));
            for (Job.Step step : job.steps()) {
                Map<String, Object> told = new LinkedHashMap<>();
                told.put("step", step.name());
                Optional<JobRun.Done> done = Optional.empty();
                try (ProgressBar bar = new ProgressBar(err)) {
                    done = run.step(step, bar);
                } catch (org.imbrex.kernels.type.ImbrexException | IOException e) {
                    failed++;
                    told.put("failed", Failures.message(e));
                    err.println(line.getCommandSpec().qualifiedName() + ": " + file + ":" + step.line() + ": step '"
                            + step.name() + "': " + Failures.message(e));
                    if (!keepGoing) {
                        break;
                    }
                }
                done.ifPresent(d -> {
                    told.put("type", d.type().toString());
                    told.put("summary", d.summary().data());
                    if (!json) {
                        line.getOut().println(step.name() + ": " + d.type()
                                + step.out().map(out -> " -> " + out).orElse(""));
                    }
                });
                if (done.isEmpty() && !told.containsKey("failed")) {
                    told.put("skipped", "needs a step that failed");
                    err.println(line.getCommandSpec().qualifiedName() + ": " + file + ":" + step.line() + ": step '"
                            + step.name() + "' skipped: it needs a step that failed");
                }
                outcomes.add(told);
                if (done.isPresent()) {
                    arguments.tell(done.get().summary(), err);
                }
            }
        }
        if (json) {
            line.getOut().println(Json.of(outcomes));
        }
        line.getOut().flush();
        err.flush();
        return failed == 0 ? 0 : Failures.FAILED;
    }

    /** A step's own options over the command line's over the job's defaults. */
    private static RunOptions options(CommandLine line, RunOptions base, Job job, Job.Step step) {
        Map<String, String> given = new LinkedHashMap<>();
        job.defaults().forEach((name, value) -> {
            if (!line.getParseResult().hasMatchedOption("--" + name)) {
                given.put(name, value);
            }
        });
        given.putAll(step.options());
        List<String> words = new ArrayList<>();
        given.forEach((name, value) -> {
            if (!List.of("dtype", "shape", "offset", "order").contains(name)) {
                words.add(name.equals("fast") ? "--fast=" + value : "--" + name + "=" + value);
            }
        });
        RunArguments own = new RunArguments();
        try {
            CommandLine parser = new CommandLine(own);
            parser.parseArgs(words.toArray(String[]::new));
            RunOptions options = own.options(parser);
            RunOptions merged = base;
            merged = given.containsKey("device") ? merged.withDevice(options.device()) : merged;
            merged = given.containsKey("threads") ? merged.withThreads(options.threads()) : merged;
            merged = given.containsKey("memory") ? merged.withMemory(options.memoryBytes()) : merged;
            merged = given.containsKey("verify") ? merged.withVerify(options.verify()) : merged;
            merged = given.containsKey("fast") ? merged.withFast(options.fast()) : merged;
            return options.tile().isPresent() ? merged.withTile(options.tile().get()) : merged;
        } catch (CommandLine.ParameterException e) {
            throw new org.imbrex.kernels.type.ImbrexException(e.getMessage());
        }
    }
}
