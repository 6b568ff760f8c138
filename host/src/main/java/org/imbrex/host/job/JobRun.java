package org.imbrex.host.job;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.format.ArrayName;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.runtime.schedule.Progress;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Summary;

/** Runs a job's steps; what a step made is kept for those that read it: in its file, or in memory without one. */
public final class JobRun {
    private final Engine engine;
    private final Job job;
    private final Path folder;
    private final Function<Job.Step, RunOptions> options;
    private final Map<String, Array> results = new HashMap<>();
    private final Set<String> missing = new HashSet<>();

    /** @param file the job's file: the names of files in it are relative to its folder */
    public JobRun(Engine engine, Job job, Path file, Function<Job.Step, RunOptions> options) {
        this.engine = engine;
        this.job = job;
        this.folder = file.toAbsolutePath().getParent();
        this.options = options;
    }

    /** What a step made. */
    public record Done(ArrayType type, Summary summary) {}

    /**
     * Runs one step.
     *
     * @return empty where it reads a step that failed
     * @throws IOException where a file cannot be read or written; {@link org.imbrex.kernels.type.ImbrexException} where
     *     the step is wrong; the steps that read it are then skipped
     */
    public Optional<Done> step(Job.Step step, Progress progress) throws IOException {
        boolean done = false;
        try {
            for (Job.In in : step.in().values()) {
                if (in instanceof Job.In.Earlier earlier && missing.contains(earlier.step())) {
                    return Optional.empty();
                }
            }
            Done made = run(step, progress);
            done = true;
            return Optional.of(made);
        } finally {
            if (!done) {
                missing.add(step.name());
            }
        }
    }

    private Done run(Job.Step step, Progress progress) throws IOException {
        RunOptions how = options.apply(step).withProgress(progress);
        Expr expr = Parser.parse(step.expression());
        Map<String, Array> inputs = new LinkedHashMap<>();
        for (Map.Entry<String, Job.In> in : step.in().entrySet()) {
            inputs.put(in.getKey(), switch (in.getValue()) {
                case Job.In.Earlier earlier -> results.get(earlier.step());
                case Job.In.Stored stored -> {
                    ArrayName name = ArrayName.parse(folder.resolve(stored.file()).toString());
                    yield engine.read(name.file(), name.variable());
                }
            });
        }
        ArrayType type = engine.typeOf(expr, inputs);
        boolean isRead = job.steps().stream()
                .anyMatch(later -> later.in().containsValue(new Job.In.Earlier(step.name())));
        if (step.out().isEmpty()) {
            Engine.Run run = engine.run(expr, inputs, how);
            results.put(step.name(), run.result());
            return new Done(type, run.summary());
        }
        Path out = folder.resolve(step.out().get());
        if (!isRead) {
            return new Done(type, engine.write(expr, inputs, out, how));
        }
        if (out.getFileName().toString().endsWith(".npy")) {
            Summary summary = engine.write(expr, inputs, out, how);
            results.put(step.name(), engine.read(out));
            return new Done(type, summary);
        }
        Engine.Run run = engine.run(expr, inputs, how);
        results.put(step.name(), run.result());
        engine.write(Expr.input("result"), Map.of("result", run.result()), out, how);
        return new Done(type, run.summary());
    }
}
