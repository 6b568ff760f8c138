package org.imbrex.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.type.DType;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.host.ReferenceBackend;
import org.imbrex.runtime.host.VectorBackend;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.memory.Source;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Scheduler;
import org.imbrex.runtime.schedule.Summary;

/**
 * What every backend must do: give the reference's bits, NaN payloads apart, for any program, tiles, threads, budget,
 * in memory and in parts, without a fault. A backend proves itself by running it.
 */
public final class BackendContract {
    private BackendContract() {}

    /**
     * Runs {@code cases} programs by chance on the backend's first device, and beside the reference's.
     *
     * @return how many runs were compared
     * @throws AssertionError naming the seed of the program that differs
     */
    public static long check(Backend backend, long seed, int cases) {
        long runs = 0;
        try (Devices devices = new Devices(withStandIn(backend));
                BufferPool pool = new BufferPool(1 << 20);
                Scheduler scheduler = new Scheduler(devices, pool)) {
            String id = devices.discover(backend.name()).devices().getFirst().info().id();
            for (int number = 0; number < cases; number++) {
                Random random = new Random(seed + number);
                RandomPrograms.Case made = new RandomPrograms(random).next();
                try (Arena arena = Arena.ofShared()) {
                    List<MemorySegment> inputs = inputs(made.program(), random, arena);
                    RunOptions whole = RunOptions.defaults().withDevice("reference").withThreads(1)
                            .withTile(Long.MAX_VALUE, Long.MAX_VALUE);
                    MemorySegment expected = run(scheduler, made.program(), inputs, whole, false, arena);
                    for (String device : List.of(id, id + ",reference")) {
                        RunOptions options = options(random, device);
                        MemorySegment found =
                                run(scheduler, made.program(), inputs, options, random.nextBoolean(), arena);
                        compare(made.program(), expected, found);
                        runs++;
                    }
                } catch (RuntimeException | AssertionError e) {
                    throw new AssertionError(
                            "seed " + (seed + number) + " on " + backend.name() + ": " + made.text(), e);
                }
                if (pool.lentBytes() != 0) {
                    throw new AssertionError("seed " + (seed + number) + ": memory that did not come back");
                }
            }
        }
        return runs;
    }

    /** A device that has no kernels for whole lines leaves them to the vector backend. */
    private static List<Backend> withStandIn(Backend backend) {
        return backend.name().equals("vector")
                ? List.of(backend, new ReferenceBackend(2))
                : List.of(new VectorBackend(2), backend, new ReferenceBackend(2));
    }

    /** Runs a program whose inputs are brought in parts, within a budget that whole inputs exceed, beside the reference. */
    public static void checkInParts(Backend backend, Program program, long seed, long... box) {
        Random random = new Random(seed);
        try (Devices devices = new Devices(List.of(backend, new ReferenceBackend(1)));
                BufferPool pool = new BufferPool(1 << 20);
                Scheduler scheduler = new Scheduler(devices, pool);
                Arena arena = Arena.ofShared()) {
            String id = devices.discover(backend.name()).devices().getFirst().info().id();
            List<MemorySegment> inputs = inputs(program, random, arena);
            RunOptions whole = RunOptions.defaults().withDevice("reference").withTile(Long.MAX_VALUE, Long.MAX_VALUE);
            MemorySegment expected = run(scheduler, program, inputs, whole, false, arena);
            RunOptions cut = RunOptions.defaults().withDevice(id).withTile(box).withMemory(300_000);
            compare(program, expected, run(scheduler, program, inputs, cut, true, arena));
        }
    }

    private static RunOptions options(Random random, String device) {
        RunOptions options = RunOptions.defaults().withDevice(device).withThreads(1 + random.nextInt(2));
        options = random.nextInt(3) == 0 ? options.withMemory(2_000_000 + random.nextInt(2_000_000)) : options;
        return switch (random.nextInt(3)) {
            case 0 -> options;
            case 1 -> options.withTile(1 + random.nextInt(60), 1 + random.nextInt(60));
            default -> options.withTile(1 + random.nextInt(60));
        };
    }

    private static List<MemorySegment> inputs(Program program, Random random, Arena arena) {
        boolean special = random.nextInt(3) == 0;
        List<MemorySegment> inputs = new ArrayList<>();
        for (int k = 0; k < program.inputs().size(); k++) {
            Program.Buffer buffer = program.buffers().get(k);
            MemorySegment memory = arena.allocate(Math.max(8, buffer.bytes()), 64);
            for (long i = 0; i < buffer.shape().elements(); i++) {
                double value = special && random.nextInt(6) == 0
                        ? SPECIAL[random.nextInt(SPECIAL.length)]
                        : random.nextGaussian() * 100;
                long bits = switch (buffer.dtype()) {
                    case F32 -> Float.floatToRawIntBits((float) value);
                    case F64 -> Double.doubleToRawLongBits(value);
                    case I64 -> special ? random.nextLong() : (long) value;
                    default -> special ? random.nextInt() : (int) value;
                };
                Elements.write(buffer.dtype(), memory.address() + i * buffer.dtype().bytes(), bits);
            }
            inputs.add(memory);
        }
        return inputs;
    }

    private static final double[] SPECIAL = {
        0, -0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e-40, -1e-310, 1e38, -1.7e308, 0x1p31
    };

    private static MemorySegment run(
            Scheduler scheduler,
            Program program,
            List<MemorySegment> inputs,
            RunOptions options,
            boolean inParts,
            Arena arena) {
        Program.Buffer out = program.buffers().get(program.results().getFirst());
        MemorySegment result = arena.allocate(Math.max(8, out.bytes()), 64);
        List<Source> sources = new ArrayList<>();
        for (int k = 0; k < inputs.size(); k++) {
            int width = program.buffers().get(k).dtype().bytes();
            sources.add(inParts ? new Memory.Parts(inputs.get(k), width) : new Source.Resident(inputs.get(k)));
        }
        int width = out.dtype().bytes();
        Sink sink = inParts ? new Memory.Taken(result, width) : new Sink.Resident(result);
        Summary summary = scheduler.run(program, sources, List.of(sink), options);
        if (summary.faults() > 0) {
            throw new AssertionError(summary.notes().toString());
        }
        return result.asSlice(0, out.bytes());
    }

    private static void compare(Program program, MemorySegment expected, MemorySegment found) {
        if (expected.mismatch(found) < 0) {
            return;
        }
        DType dtype = program.buffers().get(program.results().getFirst()).dtype();
        for (long i = 0; i < expected.byteSize() / dtype.bytes(); i++) {
            long e = Elements.read(dtype, expected.address() + i * dtype.bytes());
            long f = Elements.read(dtype, found.address() + i * dtype.bytes());
            boolean nan = dtype == DType.F32 && Float.isNaN(Float.intBitsToFloat((int) e))
                            && Float.isNaN(Float.intBitsToFloat((int) f))
                    || dtype == DType.F64 && Double.isNaN(Double.longBitsToDouble(e))
                            && Double.isNaN(Double.longBitsToDouble(f));
            if (e != f && !nan) {
                throw new AssertionError("element " + i + ": expected 0x" + Long.toHexString(e) + ", found 0x"
                        + Long.toHexString(f));
            }
        }
    }
}
