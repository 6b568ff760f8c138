package org.imbrex.runtime.opencl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.Launch.Memory;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.TileKernel.TileTimes;
import org.imbrex.runtime.memory.Span;
import org.imbrex.runtime.opencl.OpenClDevice.Lane;
import org.imbrex.runtime.opencl.OpenClDevice.Opened;
import org.imbrex.runtime.tile.Footprint;
import org.imbrex.runtime.tile.Scatter;
import org.jocl.Pointer;
import org.jocl.cl_event;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

/**
 * One tile's way through a lane: its memory is bound to buffers, the kernels follow one another in the queue, results
 * come back. On a device that shares the host's memory a buffer is a run of whole pages around the tile's elements;
 * elsewhere the range is copied there, and back, in the same queue.
 */
final class TileRun {
    private static final long PAGE = 4096;
    private static final long LINE = 64;

    private final OpenClDevice device;
    private final Calls calls;
    private final Opened open;
    private final Lane lane;
    private final Stage stage;
    private final Tile tile;
    private final List<Span> loads;
    private final List<Span> stores;
    private final Scatter scatter;
    private final Map<Memory, Bound> bound = new HashMap<>();
    private final List<DeviceMemory.Buffer> taken = new ArrayList<>();
    private final List<cl_mem> made = new ArrayList<>();
    private final List<Bound> written = new ArrayList<>();
    private final List<cl_event> uploads = new ArrayList<>();
    private final List<cl_event> kernels = new ArrayList<>();
    private final List<cl_event> downloads = new ArrayList<>();
    private long bytesUp;
    private long bytesDown;

    /**
     * @param shift where element 0 of the program's buffer would lie, in elements from the OpenCL buffer's start
     * @param hostBytes how much of the buffer is host memory itself; 0 for a buffer on the device
     * @param address where what is written belongs, for a buffer on the device
     * @param bytes how much that is
     */
    private record Bound(Memory memory, cl_mem buffer, long shift, long hostBytes, long address, long bytes) {}

    TileRun(
            OpenClDevice device, Opened open, Lane lane, Stage stage, Tile tile, List<Span> loads, List<Span> stores,
            Scatter scatter) {
        this.device = device;
        this.calls = device.calls();
        this.open = open;
        this.lane = lane;
        this.stage = stage;
        this.tile = tile;
        this.loads = loads;
        this.stores = stores;
        this.scatter = scatter;
    }

    static Pointer pointer(long address) {
        return Pointer.to(Elements.ALL.asSlice(address, 1).asByteBuffer());
    }

    TileTimes run(Programs.Built program, Launch.Sequence sequence) {
        long began = System.nanoTime();
        boolean done = false;
        try {
            for (Launch launch : sequence.launches()) {
                launch(program, launch, sequence.scratchBytes());
            }
            fetch();
            done = true;
            return open.inPlace()
                    ? new TileTimes(0, System.nanoTime() - began, 0, bytesUp, bytesDown)
                    : new TileTimes(nanos(uploads), nanos(kernels), nanos(downloads), bytesUp, bytesDown);
        } finally {
            if (!done) {
                settle();
            }
            made.forEach(calls::release);
            taken.forEach(open.memory()::give);
        }
    }

    /** After a failure: nothing may still be reading or writing the host's memory when it is given back. */
    private void settle() {
        try {
            calls.finish(lane.queue());
        } catch (DeviceException e) {
            System.getLogger(TileRun.class.getName()).log(System.Logger.Level.DEBUG, e.getMessage());
        }
    }

    private long nanos(List<cl_event> events) {
        return events.stream().mapToLong(calls::nanos).sum();
    }

    private cl_event event(List<cl_event> events) {
        if (open.inPlace()) {
            return null;
        }
        cl_event event = new cl_event();
        events.add(event);
        return event;
    }

    private void launch(Programs.Built program, Launch launch, List<Long> scratchBytes) {
        cl_kernel kernel = program.kernel(lane.number(), launch.kernel());
        int pointers = launch.memory().size();
        long[] shifts = new long[pointers];
        for (int k = 0; k < pointers; k++) {
            Bound b = bind(launch.memory().get(k), scratchBytes);
            shifts[k] = b.shift;
            calls.argument(kernel, k, b.buffer);
        }
        long[] numbers = launch.numbers().clone();
        for (int k = 0; k < numbers.length; k++) {
            if (launch.relative()[k] >= 0) {
                numbers[k] += shifts[launch.relative()[k]];
            }
        }
        calls.arguments(kernel, pointers, numbers);
        calls.launch(lane.queue(), kernel, launch.items(), launch.group(), event(kernels));
    }

    // ---- memory

    private Bound bind(Memory memory, List<Long> scratchBytes) {
        Bound known = bound.get(memory);
        if (known != null) {
            return known;
        }
        Bound b = switch (memory) {
            case Memory.Load load -> {
                Span span = span(load.load());
                Optional<Bound> same = boundTo(load.load(), span);
                if (same.isPresent()) {
                    yield same.get();
                }
                long[] range = range(load.load(), span);
                int width = stage.loads().get(load.load()).dtype().bytes();
                yield range[0] > range[1]
                        ? device(memory, width, 0, 0) // every element is the fill
                        : bind(memory, span, range, width);
            }
            case Memory.Store store ->
                bind(memory, stores.get(store.store()), written(store.store()), storeWidth(store.store()));
            case Memory.Accumulator accumulator -> {
                int width = ((ReduceStage) stage).body().resultType(accumulator.k()).bytes();
                yield bind(memory, stores.get(accumulator.k()), new long[] {0, tile.elements() - 1}, width);
            }
            case Memory.Scratch scratch -> device(memory, scratchBytes.get(scratch.number()), 0, 0);
        };
        bound.put(memory, b);
        if (memory instanceof Memory.Store || memory instanceof Memory.Accumulator) {
            written.add(b);
        }
        return b;
    }

    /** A load's memory, or, where it reads only its fill, that of another load of the buffer. */
    private Span span(int load) {
        for (int other = 0; other < loads.size() && loads.get(load).memory().address() == 0; other++) {
            if (isSameBuffer(load, other) && loads.get(other).memory().address() != 0) {
                return loads.get(other);
            }
        }
        return loads.get(load);
    }

    /** What another load of the same memory has been bound to. */
    private Optional<Bound> boundTo(int load, Span span) {
        for (int other = 0; other < loads.size(); other++) {
            Bound b = isSameBuffer(load, other) ? bound.get(new Memory.Load(other)) : null;
            if (b != null && span(other).memory().address() == span.memory().address()) {
                return Optional.of(b);
            }
        }
        return Optional.empty();
    }

    private boolean isSameBuffer(int load, int other) {
        return stage.loads().get(load).buffer() == stage.loads().get(other).buffer();
    }

    /** The elements of a load's buffer that any load reads from the same memory. */
    private long[] range(int load, Span span) {
        long first = Long.MAX_VALUE;
        long last = -1;
        for (int other = 0; other < loads.size(); other++) {
            if (isSameBuffer(load, other)
                    && loads.get(other).memory().address() == span.memory().address()) {
                long[] range = Footprint.loadRange(stage, other, tile);
                if (range[0] <= range[1]) {
                    first = Math.min(first, range[0]);
                    last = Math.max(last, range[1]);
                }
            }
        }
        return last < 0 ? new long[] {0, -1} : new long[] {first, last};
    }

    private int storeWidth(int store) {
        return stage.stores().get(store).dtype().bytes();
    }

    /** The elements of a store's buffer that any of the tile's stores writes. */
    private long[] written(int store) {
        long[] all = {Long.MAX_VALUE, -1};
        for (int k = 0; k < stage.stores().size(); k++) {
            if (stage.stores().get(k).buffer() == stage.stores().get(store).buffer()) {
                long[] range = Footprint.storeRange(stage, k, tile);
                all[0] = Math.min(all[0], range[0]);
                all[1] = Math.max(all[1], range[1]);
            }
        }
        return all;
    }

    private Bound bind(Memory memory, Span span, long[] range, int width) {
        long address = span.base(width) + range[0] * width;
        long bytes = (range[1] - range[0] + 1) * width;
        if (bytes > device.mostBytes() - PAGE) {
            throw new DeviceException(
                    DeviceException.Kind.OUT_OF_MEMORY,
                    "%s: a tile's buffer takes %d bytes, at most %d can be had"
                            .formatted(device.info().id(), bytes, device.mostBytes()));
        }
        if (open.inPlace() && address % width == 0) {
            long from = address & -PAGE;
            long size = (address + bytes - from + LINE - 1) & -LINE;
            cl_mem buffer = calls.buffer(open.context(), size, pointer(from));
            made.add(buffer);
            return new Bound(memory, buffer, (address - from) / width - range[0], size, 0, 0);
        }
        Bound copy = device(memory, bytes, -range[0], address);
        if (memory instanceof Memory.Load) {
            calls.write(lane.queue(), copy.buffer, bytes, pointer(address), event(uploads));
            bytesUp += bytes;
        }
        return copy;
    }

    private Bound device(Memory memory, long bytes, long shift, long address) {
        DeviceMemory.Buffer buffer = open.memory().take(Math.max(1, bytes));
        taken.add(buffer);
        return new Bound(memory, buffer.memory(), shift, 0, address, bytes);
    }

    // ---- results

    private void fetch() {
        List<Runnable> after = new ArrayList<>();
        try (Arena arena = Arena.ofShared()) {
            boolean waited = false;
            for (Bound b : written) {
                if (b.hostBytes == 0) {
                    read(b, arena, after);
                }
            }
            for (Bound b : written) {
                if (b.hostBytes > 0) {
                    calls.sync(lane.queue(), b.buffer, b.hostBytes);
                    waited = true;
                }
            }
            if (!waited || !after.isEmpty() || bytesDown > 0) {
                calls.finish(lane.queue());
            }
            after.forEach(Runnable::run);
        } catch (DeviceException e) {
            settle();
            throw e;
        }
    }

    /** Reads a result back to its place, or, where other elements lie between the tile's, beside it first. */
    private void read(Bound b, Arena arena, List<Runnable> after) {
        bytesDown += b.bytes;
        List<Integer> sharing = new ArrayList<>();
        if (b.memory instanceof Memory.Store first) {
            for (int k = 0; k < stage.stores().size(); k++) {
                if (stage.stores().get(k).buffer() == stage.stores().get(first.store()).buffer()) {
                    sharing.add(k);
                }
            }
        }
        boolean dense = sharing.isEmpty()
                || tile.elements() * sharing.size() * storeWidth(sharing.getFirst()) == b.bytes;
        if (dense) {
            calls.read(lane.queue(), b.buffer, b.bytes, pointer(b.address), event(downloads));
            return;
        }
        MemorySegment beside = arena.allocate(b.bytes, LINE);
        calls.read(lane.queue(), b.buffer, b.bytes, pointer(beside.address()), event(downloads));
        for (int store : sharing) {
            long origin = b.shift * storeWidth(store); // element 0, from the start of the range
            after.add(() -> scatter.run(store, tile, beside.address() + origin, b.address + origin));
        }
    }
}
