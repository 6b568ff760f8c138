package org.imbrex.host.coordinator;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.imbrex.host.node.NodeException;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.host.node.wire.WireException;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.runtime.device.DeviceException;

/** One client of a coordinator, from its welcome to its end: each question is answered before the next is read. */
final class Visit implements AutoCloseable {
    /** The most elements of one frame, in bytes. */
    static final int CHUNK = 4 << 20;
    /** Jobs that a list tells. */
    static final int LIST = 100;

    private static final int LABEL = 100;

    private final Wire wire;
    private final Coordinator coordinator;
    private final Arena arena = Arena.ofConfined();
    private MemorySegment memory = MemorySegment.NULL;

    Visit(Wire wire, Coordinator coordinator) {
        this.wire = wire;
        this.coordinator = coordinator;
    }

    /** Answers a question with a frame, which may need the disk. */
    @FunctionalInterface
    private interface Answer {
        byte[] fields() throws IOException;
    }

    void serve() throws IOException {
        try {
            while (true) {
                Wire.Header header = wire.receive();
                if (header.data() > CHUNK) {
                    throw new WireException(
                            "found " + header.data() + " bytes of elements, expected at most " + CHUNK);
                }
                byte[] fields = wire.fields(header);
                Decoder from = new Decoder(fields);
                switch (header.type()) {
                    case SUBMIT -> {
                        JobSpec spec = JobSpec.decode(fields);
                        answer(FrameType.JOB, () -> coordinator.submit(spec).encode());
                    }
                    case JOB -> {
                        String name = name(from);
                        answer(FrameType.JOB, () -> coordinator.status(coordinator.store().job(name)).encode());
                    }
                    case INPUT -> input(from, (int) header.data());
                    case FETCH -> fetch(from);
                    case FORGET -> {
                        String name = name(from);
                        answer(FrameType.FORGET, () -> {
                            coordinator.forget(name);
                            return new byte[0];
                        });
                    }
                    case JOBS -> {
                        from.end();
                        answer(FrameType.JOBS, this::jobs);
                    }
                    case PING -> {}
                    case GOODBYE -> {
                        return;
                    }
                    default -> throw new WireException("found " + header.type() + ", which a coordinator does not take");
                }
            }
        } catch (EOFException e) {
            return; // it may come back
        }
    }

    private static String name(Decoder from) throws WireException {
        String name = JobSpec.checkName(from.text());
        from.end();
        return name;
    }

    private void answer(FrameType type, Answer answer) throws IOException {
        byte[] fields;
        try {
            fields = answer.fields();
        } catch (UncheckedIOException e) {
            fault(String.valueOf(e.getCause().getMessage()));
            return;
        } catch (IOException | ImbrexException e) {
            fault(String.valueOf(e.getMessage()));
            return;
        }
        wire.send(type, 0, fields);
    }

    private void fault(String why) throws IOException {
        wire.send(
                FrameType.FAULT,
                0,
                new Encoder().choice(DeviceException.Kind.FAILED).text(why).finished());
    }

    private MemorySegment memory(long bytes) {
        if (memory.byteSize() < bytes) {
            memory = arena.allocate(CHUNK, 64); // once, when it is first needed
        }
        return memory.asSlice(0, bytes);
    }

    private void input(Decoder from, int bytes) throws IOException {
        String digest = JobSpec.hex(from.bytes(JobSpec.DIGEST), JobSpec.DIGEST);
        long at = from.size(Long.MAX_VALUE);
        from.end();
        MemorySegment elements = memory(bytes);
        if (bytes > 0) {
            wire.take(elements);
            wire.endOfData();
        }
        answer(FrameType.INPUT, () -> {
            JobSpec.Input input = coordinator
                    .store()
                    .input(digest, false)
                    .orElseThrow(() -> new NodeException("found an input of no job here"));
            if (coordinator.store().input(digest, true).isEmpty()) {
                // it came whole; the client has not heard of that, or another one was faster
                return new Encoder().i64(input.bytes()).finished();
            }
            long have = coordinator.store().inputs().put(input, at, elements);
            if (have == input.bytes()) {
                coordinator.inputCame();
            }
            return new Encoder().i64(have).finished();
        });
    }

    private void fetch(Decoder from) throws IOException {
        String name = JobSpec.checkName(from.text());
        long at = from.size(Long.MAX_VALUE);
        long bytes = from.size(CHUNK);
        from.end();
        MemorySegment elements = memory(bytes);
        try {
            Job job = coordinator.store().job(name);
            if (job.state() != JobStatus.State.DONE || job.spec.out().isPresent()) {
                throw new NodeException("job " + name + " has no result to fetch: it is "
                        + job.state().name().toLowerCase(java.util.Locale.ROOT)
                        + job.spec.out().map(out -> ", and its result stays in the store as " + out).orElse(""));
            }
            try (FileChannel channel = FileChannel.open(job.result(), StandardOpenOption.READ)) {
                if (at > channel.size() - bytes) {
                    throw new WireException("found bytes " + at + " to " + (at + bytes) + " of a result of "
                            + channel.size());
                }
                ByteBuffer into = elements.asByteBuffer();
                while (into.hasRemaining()) {
                    if (channel.read(into, at + into.position()) < 0) {
                        throw new NodeException(job.result() + ": ends too early; forget the job and submit it again");
                    }
                }
            }
        } catch (WireException e) {
            throw e;
        } catch (IOException | ImbrexException e) {
            fault(String.valueOf(e.getMessage()));
            return;
        }
        wire.send(FrameType.ELEMENTS, 0, new byte[0], bytes, to -> to.put(elements));
    }

    private byte[] jobs() {
        return new Encoder()
                .list(coordinator.list(LIST), (e, job) -> e.text(job.name())
                        .text(job.label().substring(0, Math.min(LABEL, job.label().length())))
                        .choice(job.state())
                        .i64(job.done())
                        .i64(job.total()))
                .finished();
    }

    @Override
    public void close() {
        arena.close();
    }
}
