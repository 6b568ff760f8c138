package org.imbrex.host.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.imbrex.host.coordinator.JobClient;
import org.imbrex.host.coordinator.JobStatus;
import org.imbrex.host.format.ArrayFiles;
import org.imbrex.host.format.OutputFile;
import org.imbrex.host.node.FleetOptions;
import org.imbrex.runtime.schedule.RunOptions;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a coordinator has to do and has done. */
@Command(
        name = "jobs",
        description = "Shows a coordinator's jobs, fetches a result, forgets a job.",
        footer = {
            "",
            "Examples:",
            "  imbrex jobs --coordinator host:7171",
            "  imbrex jobs --coordinator host:7171 NAME --out result.npy"
        })
final class JobsCommand implements Callable<Integer> {

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "One job, by its name.")
    private Optional<String> name;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Wait for the job, and put its result here: .npy, .npz, .csv or .raw.")
    private Optional<Path> out;

    @Option(names = "--wait", description = "Wait for the job.")
    private boolean wait;

    @Option(names = "--forget", description = "End the job and remove it with its result.")
    private boolean forget;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Mixin
    private FleetArguments nodes;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        CommandLine line = spec.commandLine();
        FleetOptions at = nodes.coordinator(line)
                .orElseThrow(() -> new ParameterException(line, "expected --coordinator HOST:PORT"));
        if (name.isEmpty() && (out.isPresent() || wait || forget)) {
            throw new ParameterException(line, "found --out, --wait or --forget, expected a job's name with it");
        }
        RunOptions options = RunOptions.defaults();
        try (JobClient client = new JobClient(at);
                Interrupt interrupt = Interrupt.cancels(options.cancellation())) {
            if (name.isEmpty()) {
                list(client.jobs(), line.getOut());
            } else if (forget) {
                client.forget(name.get());
            } else {
                one(client, options, line);
            }
        }
        line.getOut().flush();
        return 0;
    }

    private void list(List<JobClient.Line> jobs, PrintWriter to) {
        if (json) {
            to.println(Json.of(jobs.stream()
                    .map(job -> data(job.name(), job.label(), job.state(), job.done(), job.total()))
                    .toList()));
            return;
        }
        jobs.forEach(job -> to.println(text(job.name(), job.label(), job.state(), job.done(), job.total())));
    }

    private void one(JobClient client, RunOptions options, CommandLine line) throws IOException {
        JobStatus job;
        if (wait || out.isPresent()) {
            try (ProgressBar bar = new ProgressBar(line.getErr())) {
                job = client.await(name.get(), options.withProgress(bar));
            }
        } else {
            job = client.status(name.get(), options.cancellation());
        }
        if (out.isPresent()) {
            try (OutputFile file = ArrayFiles.create(out.get(), job.type())) {
                client.fetch(job, file.sink(), options.cancellation());
                file.commit();
            }
        }
        if (json) {
            Map<String, Object> data = data(job.name(), job.label(), job.state(), job.done(), job.total());
            data.put("type", job.type().toString());
            data.put("found", job.found());
            data.put("message", job.message());
            job.out().ifPresent(file -> data.put("out", file));
            job.summary().ifPresent(summary -> data.put("summary", summary.data()));
            line.getOut().println(Json.of(data));
            return;
        }
        line.getOut().println(text(job.name(), job.label(), job.state(), job.done(), job.total())
                + (job.message().isEmpty() ? "" : "\n  " + job.message())
                + job.out().map(file -> "\n  result in the store: " + file).orElse(""));
        job.summary().ifPresent(summary -> line.getErr().print(summary.text()));
        line.getErr().flush();
    }

    private static String text(String name, String label, JobStatus.State state, long done, long total) {
        return name + "  " + state.name().toLowerCase(Locale.ROOT) + ", " + done + " of " + total + " tiles  (" + label
                + ")";
    }

    private static Map<String, Object> data(String name, String label, JobStatus.State state, long done, long total) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("name", name);
        data.put("label", label);
        data.put("state", state.name().toLowerCase(Locale.ROOT));
        data.put("tiles_done", done);
        data.put("tiles_total", total);
        return data;
    }
}
