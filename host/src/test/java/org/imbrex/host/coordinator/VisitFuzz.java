package org.imbrex.host.coordinator;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.imbrex.host.node.FuzzFrames;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.FuzzSeeds;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.runtime.memory.Source;

/**
 * A target of the fuzzer: what a client may send to a coordinator that has greeted it. The coordinator is a real one with
 * a store; its jobs fail as soon as they have their inputs, because a hostile program may compute for hours.
 *
 * <p>Nothing but an IOException may come out, and nothing may be written beside the store or left in it.
 */
public final class VisitFuzz {
    private static final int BUFFER = 16 << 10;
    /** Jobs are removed when there are so many. */
    private static final int JOBS = 8;

    private static final Path FOLDER = folder();
    private static final Coordinator COORDINATOR = coordinator();

    private VisitFuzz() {}

    private static Path folder() {
        try {
            Path memory = Path.of("/dev/shm"); // a job is synced to its disk some times
            Path folder = Files.isWritable(memory)
                    ? Files.createTempDirectory(memory, "imbrex-fuzz")
                    : Files.createTempDirectory("imbrex-fuzz");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder)));
            return folder;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void remove(Path folder) {
        COORDINATOR.close();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            System.err.println(folder + " is left: " + e);
        }
    }

    private static Coordinator coordinator() {
        try {
            return Coordinator.start(
                    new CoordinatorOptions(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            FOLDER.resolve("store"),
                            () -> {
                                // not a NodeException: after that it would be tried again
                                throw new ImbrexException("a fuzzer's jobs are not run");
                            },
                            1 << 20,
                            4,
                            new Credentials.Loopback(),
                            Duration.ofSeconds(5),
                            "fuzz"),
                    fleet -> {
                        throw new AssertionError("there is no fleet");
                    });
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Called by Jazzer, so that making the class is not counted as the first input's time. */
    public static void fuzzerInitialize() {}

    /** Called by Jazzer. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        Wire wire = new Wire(new FuzzFrames.Given(FuzzFrames.stream(input)), System::nanoTime, BUFFER);
        wire.greeted();
        try (Visit visit = new Visit(wire, COORDINATOR)) {
            visit.serve();
        } catch (IOException e) {
            FuzzFrames.held(0); // what a wrong frame is answered by
        }
        if (COORDINATOR.jobs().size() > JOBS) {
            for (JobStatus job : COORDINATOR.jobs()) {
                COORDINATOR.forget(job.name());
            }
            require(Disk.list(FOLDER.resolve("store/jobs")).isEmpty(), "a job that was forgotten is there");
            require(Disk.list(FOLDER.resolve("store/inputs")).isEmpty(), "an input of no job is there");
        }
        require(Disk.list(FOLDER).size() == 1, "something beside the store");
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    private static FuzzSeeds.Message message(FrameType type, byte[] fields, long data) {
        return new FuzzSeeds.Message(type, 0, fields, data);
    }

    /** A job given, its inputs sent, what may be asked of it. */
    private static List<FuzzSeeds.Message> conversation(Random random) {
        Program program = FuzzSeeds.program(random);
        List<JobSpec.Input> inputs = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(Visit.CHUNK);
            for (int k = 0; k < program.inputs().size(); k++) {
                Source zeros = new Source.Resident(arena.allocate(program.buffers().get(k).bytes()));
                inputs.add(InputBytes.of(program.buffers().get(k), zeros).described(memory));
            }
        }
        Optional<String> out = random.nextBoolean() ? Optional.empty() : Optional.of("a/y.npy");
        JobSpec spec = new JobSpec("label", program, inputs, Optional.empty(), 0.5, out);
        byte[] name = new Encoder().text(spec.name()).finished();
        List<FuzzSeeds.Message> messages = new ArrayList<>();
        messages.add(message(FrameType.SUBMIT, spec.encode(), 0));
        messages.add(message(FrameType.JOB, name, 0));
        for (JobSpec.Input input : inputs) {
            byte[] digest = HexFormat.of().parseHex(input.digest());
            for (long at = 0; at < input.bytes(); at += 60_000) {
                byte[] fields = new Encoder().bytes(digest).i64(at).finished();
                messages.add(message(FrameType.INPUT, fields, Math.min(60_000, input.bytes() - at)));
            }
        }
        messages.add(message(FrameType.JOBS, new byte[0], 0));
        messages.add(message(
                FrameType.FETCH, new Encoder().text(spec.name()).i64(0).i64(64).finished(), 0));
        messages.add(message(FrameType.PING, new byte[0], 0));
        messages.add(message(FrameType.FORGET, name, 0));
        messages.add(message(FrameType.JOB, name, 0));
        return messages;
    }

    /** Conversations as they should be. */
    public static void seeds(Path folder, long seed) throws IOException {
        Random random = new Random(seed);
        List<List<FuzzSeeds.Message>> conversations = new ArrayList<>();
        for (int k = 0; k < 30; k++) {
            conversations.add(conversation(random));
        }
        FuzzFrames.seeds(folder, conversations);
    }
}
