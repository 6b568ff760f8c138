package org.imbrex.host.coordinator;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.imbrex.host.node.Dialogue;
import org.imbrex.host.node.FleetOptions;
import org.imbrex.host.node.FuzzFrames;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.FuzzSeeds;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Typing;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.memory.Source;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Summary;

/**
 * A target of the fuzzer: what a coordinator may answer to a client that gives it a job, waits and fetches, or asks for
 * the list. The first byte chooses. The client ends with a result or a sentence, and writes nothing beside its arrays.
 */
public final class JobClientFuzz {
    private static final int BUFFER = 16 << 10;
    private static final byte UNTOUCHED = 0x11;
    private static final int CHOICES = 3;
    static final long ELEMENTS = 30;
    private static final FleetOptions OPTIONS = new FleetOptions(
            List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1)),
            new Credentials.Loopback(),
            Duration.ofSeconds(600),
            "fuzz");
    private static final Program PROGRAM = program();
    private static final MemorySegment INPUT = Arena.global().allocate(ELEMENTS * 8, 64);
    private static final MemorySegment RESULT = Arena.global().allocate(2 * ELEMENTS * 8, 64);

    private JobClientFuzz() {}

    private static Program program() {
        ArrayType type = new ArrayType(DType.F64, Shape.of(ELEMENTS));
        return Fuser.fuse(
                List.of(Typing.check(Parser.parse("x + 1"), Map.of("x", type))),
                new LinkedHashMap<>(
                        Map.of("x", new Program.Buffer(DType.F64, type.shape(), type.shape().strides()))));
    }

    /** Called by Jazzer, so that making the class is not counted as the first input's time. */
    public static void fuzzerInitialize() {}

    /** Called by Jazzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        RESULT.fill(UNTOUCHED);
        try (JobClient client = client(FuzzFrames.stream(Arrays.copyOfRange(input, 1, input.length)))) {
            ask(client, (input[0] & 0xff) % CHOICES);
        } catch (ImbrexException e) {
            require(e.getMessage() != null, "nothing told");
        } finally {
            Thread.interrupted();
        }
        for (long at = ELEMENTS * 8; at < RESULT.byteSize(); at++) {
            require(RESULT.get(ValueLayout.JAVA_BYTE, at) == UNTOUCHED, "written beside the result");
        }
    }

    private static void ask(JobClient client, int choice) {
        switch (choice) {
            case 0 -> client.jobs();
            case 1 -> run(client);
            default -> {
                JobStatus status = client.submit(
                        PROGRAM, "x + 1", List.of(new Source.Resident(INPUT)), RunOptions.defaults(), Optional.empty());
                client.forget(status.name());
            }
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** What an honest coordinator tells of the job. */
    static JobStatus status(JobStatus.State state, List<JobStatus.Missing> missing) {
        return status(name(), state, missing, ELEMENTS);
    }

    static JobStatus status(String name, JobStatus.State state, List<JobStatus.Missing> missing, long elements) {
        Summary summary = new Summary(
                List.of(new Summary.DeviceUse("a/vector", "cpu", 1, 2, 3, 4)),
                List.of("a note"), 0, 0, 1, 2, 3.0, 4, 5, 6, Map.of("kernel", 7L), List.of());
        return new JobStatus(
                name,
                "x + 1",
                state,
                1,
                1,
                0,
                "",
                missing,
                new ArrayType(DType.F64, Shape.of(elements)),
                Optional.empty(),
                state == JobStatus.State.DONE ? Optional.of(summary) : Optional.empty());
    }

    /** A client whose coordinator sends these and no more; whoever waits is interrupted. */
    static JobClient client(byte[] stream) {
        Wire wire = new Wire(new FuzzFrames.Given(stream), System::nanoTime, BUFFER);
        wire.greeted();
        Thread.currentThread().interrupt();
        return new JobClient(OPTIONS, () -> Dialogue.over(wire, OPTIONS));
    }

    /** Submits, waits and fetches. */
    static void run(JobClient client) {
        Sink sink = new Sink.Resident(RESULT.asSlice(0, ELEMENTS * 8));
        client.run(PROGRAM, "x + 1", List.of(new Source.Resident(INPUT)), sink, RunOptions.defaults());
    }

    static String name() {
        try (Arena arena = Arena.ofConfined()) {
            JobSpec.Input input = InputBytes.of(PROGRAM.buffers().getFirst(), new Source.Resident(INPUT))
                    .described(arena.allocate(Visit.CHUNK));
            return new JobSpec("x + 1", PROGRAM, List.of(input), Optional.empty(), 0, Optional.empty()).name();
        }
    }

    static FuzzSeeds.Message message(FrameType type, byte[] fields, long data) {
        return new FuzzSeeds.Message(type, 0, fields, data);
    }

    /** What an honest coordinator answers. */
    public static void seeds(Path folder, long seed) throws IOException {
        Random random = new Random(seed);
        byte[] list = new Encoder()
                .u16(1)
                .text(name())
                .text("x + 1")
                .choice(JobStatus.State.DONE)
                .i64(1)
                .i64(1)
                .finished();
        byte[] fault = new Encoder().u8(2).text("no").finished();
        FuzzSeeds.Message lacks = message(
                FrameType.JOB, status(JobStatus.State.INCOMPLETE, List.of(new JobStatus.Missing(0, 0))).encode(), 0);
        FuzzSeeds.Message done = message(FrameType.JOB, status(JobStatus.State.DONE, List.of()).encode(), 0);
        FuzzSeeds.Message came =
                message(FrameType.INPUT, new Encoder().i64(ELEMENTS * 8).finished(), 0);
        FuzzSeeds.Message result = message(FrameType.ELEMENTS, new byte[0], ELEMENTS * 8);
        FuzzSeeds.Message ping = message(FrameType.PING, new byte[0], 0);
        List<List<List<FuzzSeeds.Message>>> all = List.of(
                List.of(
                        List.of(message(FrameType.JOBS, list, 0)),
                        List.of(ping, message(FrameType.FAULT, fault, 0))),
                List.of(
                        List.of(done, done, result),
                        List.of(lacks, came, done, ping, done, result),
                        List.of(message(FrameType.JOB, status(JobStatus.State.FAILED, List.of()).encode(), 0))),
                List.of(List.of(lacks, came, done, message(FrameType.FORGET, new byte[0], 0))));
        for (int choice = 0; choice < CHOICES; choice++) {
            List<List<FuzzSeeds.Message>> some = new ArrayList<>(all.get(choice));
            java.util.Collections.shuffle(some, random);
            FuzzFrames.seeds(Files.createDirectories(folder.resolve("choice-" + choice)), some, (byte) choice);
        }
    }
}
