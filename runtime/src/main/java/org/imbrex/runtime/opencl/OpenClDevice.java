package org.imbrex.runtime.opencl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.opencl.OpenClLowering;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.DeviceException.Kind;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.LaunchedKernel;
import org.imbrex.runtime.device.SizedDevice;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.device.Tuning;
import org.imbrex.runtime.device.Tunings;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_mem;

/** One OpenCL device; its context is made when the first kernel is asked for. */
final class OpenClDevice implements Device {
    private static final int PAGE = 4096;

    private final DeviceFacts facts;
    private final DeviceInfo info;
    private final OpenClOptions options;
    private final Calls calls;
    private final BinaryCache cache;
    private final Tuning tuning;
    private final List<String> notes;
    private final int lanes;
    private Opened opened;
    private boolean closed;

    /** A queue with the number that its kernels go by. */
    record Lane(int number, cl_command_queue queue) {}

    /**
     * What an open device holds.
     *
     * @param inPlace whether kernels work on host memory where it lies
     */
    record Opened(
            cl_context context, boolean inPlace, Programs programs, DeviceMemory memory, List<Lane> lanes,
            ArrayBlockingQueue<Lane> idle) {}

    OpenClDevice(DeviceFacts facts, DeviceInfo info, OpenClOptions options, Tunings.Found found) {
        this.facts = facts;
        this.info = info;
        this.options = options;
        this.calls = new Calls(info.id(), options.before());
        this.cache = new BinaryCache(options.cache());
        this.tuning = found.tuning().orElseGet(() -> usual(info));
        this.notes = found.notes();
        // two, so that one tile's transfers run beside another's kernel; a processor's driver uses all cores for one
        this.lanes = info.hostCpu() ? 1 : 2;
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public int workers() {
        return lanes;
    }

    /**
     * A launch and its synchronising take 50 to 200 us, on a processor's driver too, which shares out a launch by itself.
     */
    private static Tuning usual(DeviceInfo info) {
        return info.hostCpu()
                ? Tuning.usual(32L << 20, Math.min(512L << 20, info.allocationBytes() / 2))
                : Tuning.usual(64L << 20, 64L << 20);
    }

    @Override
    public Tuning tuning() {
        return tuning;
    }

    @Override
    public Optional<Device> with(Tuning other) {
        return Optional.of(new SizedDevice(this, other));
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    OpenClOptions options() {
        return options;
    }

    Calls calls() {
        return calls;
    }

    BinaryCache cache() {
        return cache;
    }

    /** The largest buffer: the device's limit, and what a mapped buffer can be seen through. */
    long mostBytes() {
        return Math.min(facts.allocationBytes(), Integer.MAX_VALUE - PAGE);
    }

    @Override
    public boolean takes(Stage stage) {
        return !(stage instanceof LineStage);
    }

    @Override
    public TileKernel kernel(Program program, int number) {
        Stage stage = program.stages().get(number);
        if (!takes(stage)) {
            throw new DeviceException(Kind.UNSUPPORTED, info.id() + " has no kernels for whole lines: use the vector"
                    + " device");
        }
        OpenClLowering lowering = Lowerings.openCl(stage, options.target());
        if (lowering.fp64() && !facts.fp64()) {
            throw new DeviceException(Kind.UNSUPPORTED, "%s (%s) has no float64, which stage %d computes in: use f32, or"
                    .formatted(info.id(), facts.name(), number) + " another device");
        }
        if (lowering.argumentBytes() > facts.argumentBytes()) {
            throw new DeviceException(Kind.UNSUPPORTED, "%s takes kernels of at most %d bytes of arguments, and stage %d"
                    .formatted(info.id(), facts.argumentBytes(), number) + " reads so many arrays that it has "
                    + lowering.argumentBytes() + ": compute parts of the expression in steps, or use another device");
        }
        open().programs().use(lowering).close();
        return new LaunchedKernel(lowering.hash(), lowering.launches(), new OpenClKernel(this, stage, lowering));
    }

    synchronized Opened open() {
        if (closed) {
            throw new DeviceException(Kind.LOST, info.id() + ": the device has been closed");
        }
        if (opened != null) {
            return opened;
        }
        cl_context context = calls.context(facts.platformId(), facts.id());
        List<Lane> made = new ArrayList<>();
        try {
            boolean profiling = !options.inPlace();
            for (int lane = 0; lane < lanes; lane++) {
                made.add(new Lane(lane, calls.queue(context, facts.id(), profiling)));
            }
            boolean inPlace = options.inPlace() && sharesMemory(context, made.getFirst().queue());
            Programs programs = new Programs(facts, info.id(), calls, context, lanes, cache);
            DeviceMemory memory = new DeviceMemory(calls, context, facts.memoryBytes() / 4);
            opened = new Opened(
                    context, inPlace, programs, memory, made, new ArrayBlockingQueue<>(lanes, false, made));
            return opened;
        } catch (RuntimeException e) {
            made.forEach(lane -> calls.release(lane.queue()));
            calls.release(context);
            throw e;
        }
    }

    /** A trial: whether what the device writes to a buffer made of host memory is at once there. */
    private boolean sharesMemory(cl_context context, cl_command_queue queue) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(2 * PAGE, PAGE);
            MemorySegment told = arena.allocateFrom(ValueLayout.JAVA_LONG, 0x1b2e_c0de_1b2e_c0deL);
            cl_mem buffer = calls.buffer(context, memory.byteSize(), TileRun.pointer(memory.address()));
            try {
                calls.write(queue, buffer, Long.BYTES, TileRun.pointer(told.address()), null);
                calls.finish(queue);
                return memory.get(ValueLayout.JAVA_LONG, 0) == told.get(ValueLayout.JAVA_LONG, 0);
            } finally {
                calls.release(buffer);
            }
        }
    }

    @Override
    public void close() {
        Opened open;
        synchronized (this) {
            closed = true;
            open = opened;
            opened = null;
        }
        if (open == null) {
            return;
        }
        for (int lane = 0; lane < lanes; lane++) {
            take(open); // waits for what runs
        }
        open.programs().close();
        open.memory().trim();
        open.lanes().forEach(lane -> calls.release(lane.queue()));
        calls.release(open.context());
    }

    static Lane take(Opened open) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return open.idle().take();
                } catch (InterruptedException e) {
                    interrupted = true; // tiles are short: finish, then say so
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
