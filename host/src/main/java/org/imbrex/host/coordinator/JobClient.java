package org.imbrex.host.coordinator;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.imbrex.host.node.Dialogue;
import org.imbrex.host.node.FleetOptions;
import org.imbrex.host.node.NodeException;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Programs;
import org.imbrex.host.node.wire.WireException;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.memory.Source;
import org.imbrex.runtime.schedule.Cancellation;
import org.imbrex.runtime.schedule.Progress;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Summary;

/**
 * A coordinator, seen from a client. Whatever it asks may be asked again, so a connection that is lost, or a coordinator
 * that is started again, is waited for; only the first connection must succeed.
 */
public final class JobClient implements AutoCloseable {
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 2000;
    private static final long LOOK_MILLIS = 200;
    /** A question's answers that are none: one frame may be damaged on its way, so many are not. */
    private static final int MOST_WRONG = 5;

    private final FleetOptions options;
    private final Way way;
    private Optional<Dialogue> dialogue = Optional.empty();
    private boolean reached;

    /** A job as a list tells it. */
    public record Line(String name, String label, JobStatus.State state, long done, long total) {}

    /** Asks over a connection, which may be lost. */
    @FunctionalInterface
    private interface Question<T> {
        T ask(Dialogue dialogue) throws IOException;
    }

    /** Gets to the coordinator. */
    @FunctionalInterface
    interface Way {
        Dialogue open() throws IOException;
    }

    /** @param coordinator one address, and how to get there */
    public JobClient(FleetOptions coordinator) {
        this(coordinator, () -> Dialogue.open(coordinator.nodes().getFirst(), coordinator));
    }

    JobClient(FleetOptions coordinator, Way way) {
        if (coordinator.nodes().size() != 1) {
            throw new NodeException("found " + coordinator.nodes().size() + " coordinators, expected one as"
                    + " --coordinator HOST:PORT");
        }
        this.options = coordinator;
        this.way = way;
    }

    private <T> T ask(Cancellation cancellation, Question<T> question) {
        int wrong = 0;
        for (long pause = FIRST_PAUSE_MILLIS; ; pause = Math.min(LONGEST_PAUSE_MILLIS, 2 * pause)) {
            if (cancellation.isAsked()) {
                throw new ImbrexException("cancelled; the job itself goes on at the coordinator");
            }
            try {
                if (dialogue.isEmpty()) {
                    dialogue = Optional.of(way.open());
                    reached = true;
                }
                return question.ask(dialogue.get());
            } catch (IOException e) {
                close();
                if (!reached) {
                    throw new NodeException("cannot reach the coordinator " + name() + ": " + e.getMessage(), e);
                }
                if (e instanceof WireException && ++wrong == MOST_WRONG) {
                    throw new NodeException(name() + " does not answer as a coordinator does: " + e.getMessage(), e);
                }
            }
            sleep(pause);
        }
    }

    private String name() {
        return FleetOptions.name(options.nodes().getFirst());
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ImbrexException("interrupted; the job itself goes on at the coordinator", e);
        }
    }

    /**
     * Gives a job to the coordinator, with the inputs that it does not have.
     *
     * @param label for people, the expression
     * @param out where the result goes in the coordinator's store; empty where {@link #fetch} will take it
     * @throws NodeException where it refuses; ImbrexException for options that only this process could follow
     */
    public JobStatus submit(
            Program program, String label, List<Source> sources, RunOptions run, Optional<String> out) {
        check(program, run);
        List<JobSpec.Input> inputs = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(chunk(most(program)), 64);
            for (int k = 0; k < sources.size(); k++) {
                inputs.add(InputBytes.of(program.buffers().get(k), sources.get(k)).described(memory));
            }
            JobSpec spec = new JobSpec(label, program, inputs, run.tile(), run.verify(), out);
            byte[] fields = spec.encode();
            JobStatus status = checked(spec, ask(
                    run.cancellation(), to -> JobStatus.decode(to.ask(FrameType.SUBMIT, fields, FrameType.JOB))));
            for (JobStatus.Missing missing : status.missing()) {
                InputBytes bytes = InputBytes.of(
                        program.buffers().get(missing.input()), sources.get(missing.input()));
                send(inputs.get(missing.input()), missing.have(), bytes, memory, run.cancellation());
            }
            return status.missing().isEmpty()
                    ? status
                    : checked(spec, status(status.name(), run.cancellation()));
        }
    }

    /** What a coordinator tells of a job must fit the job. */
    private JobStatus checked(JobSpec spec, JobStatus status) {
        boolean known = status.name().equals(spec.name()) && status.type().equals(spec.type());
        for (JobStatus.Missing missing : status.missing()) {
            known &= missing.input() < spec.inputs().size()
                    && missing.have() >= 0
                    && missing.have() <= spec.inputs().get(missing.input()).bytes();
        }
        if (!known) {
            throw new NodeException(name() + " answers for another job than it was given; do both sides run the same"
                    + " version of Imbrex?");
        }
        return status;
    }

    /** Memory for one frame's elements, of as many in all; never none. */
    private static long chunk(long bytes) {
        return Math.clamp(bytes, Double.BYTES, Visit.CHUNK);
    }

    private static long most(Program program) {
        return program.buffers().subList(0, program.inputs().size()).stream()
                .mapToLong(Program.Buffer::bytes)
                .max()
                .orElse(0);
    }

    private static void check(Program program, RunOptions run) {
        if (!run.device().equals("auto") && !run.device().equals("nodes")) {
            throw new ImbrexException("found --device " + run.device() + ", expected none with a coordinator, which"
                    + " has nodes alone");
        }
        if (run.threads() > 0 || run.fast() || run.attest()) {
            throw new ImbrexException("found --threads, --fast or --attest, which a coordinator does not take");
        }
        if (!program.stages().stream().allMatch(Programs::fits)) {
            throw new ImbrexException("found a function of whole lines (sort, cumsum, quantile, histogram, fft) of more"
                    + " elements or bins than nodes take; run it without a coordinator");
        }
    }

    private void send(
            JobSpec.Input input, long have, InputBytes bytes, MemorySegment memory, Cancellation cancellation) {
        long at = have;
        do {
            long from = at - at % bytes.width(); // the coordinator's end may have come within an element
            MemorySegment part = bytes.read(from, Math.min(Visit.CHUNK, input.bytes() - from), memory);
            byte[] fields = new Encoder()
                    .bytes(HexFormat.of().parseHex(input.digest()))
                    .i64(from)
                    .finished();
            at = ask(cancellation, to -> new Decoder(to.ask(FrameType.INPUT, fields, part, FrameType.INPUT)).i64());
            if (at <= from && input.bytes() > 0) {
                throw new NodeException(name() + " has lost what it was sent; submit the job again");
            }
        } while (at < input.bytes());
    }

    /**
     * How far a job is.
     *
     * @throws NodeException where the coordinator has none of that name
     */
    public JobStatus status(String job, Cancellation cancellation) {
        byte[] fields = new Encoder().text(job).finished();
        JobStatus status = ask(cancellation, to -> JobStatus.decode(to.ask(FrameType.JOB, fields, FrameType.JOB)));
        if (!status.name().equals(job)) {
            throw new NodeException(name() + " was asked for job " + job + ", and answers for " + status.name());
        }
        return status;
    }

    /**
     * Waits until a job is done.
     *
     * @throws NodeException where it has failed, or lacks inputs
     */
    public JobStatus await(String job, RunOptions run) {
        while (true) {
            JobStatus status = status(job, run.cancellation());
            switch (status.state()) {
                case DONE -> {
                    return status;
                }
                case FAILED -> throw new NodeException("job " + job + " failed at " + name() + ": " + status.message());
                case INCOMPLETE -> throw new NodeException("job " + job + " lacks inputs; submit it again");
                default -> {
                    if (run.progress() != Progress.NONE) {
                        run.progress().tiles(status.done(), status.total());
                    }
                }
            }
            sleep(LOOK_MILLIS);
        }
    }

    /** Fetches the result of a job that is done. */
    public void fetch(JobStatus job, Sink sink, Cancellation cancellation) {
        int width = job.type().dtype().bytes();
        long bytes = job.type().shape().elements() * width;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(chunk(bytes), 64);
            for (long at = 0; at < bytes; at += Visit.CHUNK) {
                MemorySegment part = memory.asSlice(0, Math.min(Visit.CHUNK, bytes - at));
                byte[] fields = new Encoder().text(job.name()).i64(at).i64(part.byteSize()).finished();
                ask(cancellation, to -> {
                    to.fetch(FrameType.FETCH, fields, part);
                    return part;
                });
                switch (sink) {
                    case Sink.Resident resident -> MemorySegment.copy(part, 0, resident.memory(), at, part.byteSize());
                    case Sink.Chunked chunked -> chunked.write(at / width, part.byteSize() / width, part);
                }
            }
        }
    }

    /** Submits, waits, fetches. */
    public Summary run(Program program, String label, List<Source> sources, Sink sink, RunOptions run) {
        JobStatus submitted = submit(program, label, sources, run, Optional.empty());
        JobStatus done = await(submitted.name(), run);
        if (!done.type().equals(submitted.type())) {
            throw new NodeException(name() + " has a result of another type than the job's");
        }
        fetch(done, sink, run.cancellation());
        return done.summary().orElseThrow();
    }

    /** The coordinator's jobs, the latest hundred of them. */
    public List<Line> jobs() {
        return ask(new Cancellation(), to -> {
            Decoder from = new Decoder(to.ask(FrameType.JOBS, new byte[0], FrameType.JOBS));
            return from.list(
                    Visit.LIST,
                    d -> new Line(d.text(), d.text(), d.choice(JobStatus.State.values()), d.i64(), d.i64()));
        });
    }

    /** Ends a job if it runs, and removes it. */
    public void forget(String job) {
        byte[] fields = new Encoder().text(job).finished();
        ask(new Cancellation(), to -> to.ask(FrameType.FORGET, fields, FrameType.FORGET));
    }

    @Override
    public void close() {
        dialogue.ifPresent(Dialogue::close);
        dialogue = Optional.empty();
    }
}
