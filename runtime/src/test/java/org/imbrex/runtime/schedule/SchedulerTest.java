package org.imbrex.runtime.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.type.DType;
import org.imbrex.runtime.Memory;
import org.imbrex.runtime.Stages;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.host.ReferenceBackend;
import org.imbrex.runtime.host.VectorBackend;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.memory.Source;
import org.imbrex.runtime.trace.ChromeTrace;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchedulerTest {
    private static final long SEED = System.nanoTime();

    private static final class Fixture implements AutoCloseable {
        final BufferPool pool = new BufferPool(1 << 20);
        final Devices devices;
        final Scheduler scheduler;
        final Arena arena = Arena.ofShared();

        Fixture(Backend... backends) {
            devices = new Devices(List.of(backends));
            scheduler = new Scheduler(devices, pool);
        }

        MemorySegment input(Program program, Random random) {
            Program.Buffer buffer = program.buffers().getFirst();
            MemorySegment memory = arena.allocate(Math.max(8, buffer.bytes()), 64);
            for (long i = 0; i < buffer.shape().elements(); i++) {
                switch (buffer.dtype()) {
                    case F32 -> memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
                    case F64 -> memory.setAtIndex(ValueLayout.JAVA_DOUBLE, i, random.nextGaussian());
                    case I32 -> memory.setAtIndex(ValueLayout.JAVA_INT, i, random.nextInt());
                    default -> memory.setAtIndex(ValueLayout.JAVA_LONG, i, random.nextLong());
                }
            }
            return memory;
        }

        MemorySegment run(Program program, MemorySegment input, RunOptions options, boolean parts, List<Summary> told) {
            Program.Buffer in = program.buffers().getFirst();
            Program.Buffer out = program.buffers().get(program.results().getFirst());
            MemorySegment result = arena.allocate(Math.max(8, out.bytes()), 64);
            Source source = parts ? new Memory.Parts(input, in.dtype().bytes()) : new Source.Resident(input);
            Sink sink = parts ? new Memory.Taken(result, out.dtype().bytes()) : new Sink.Resident(result);
            told.add(scheduler.run(program, List.of(source), List.of(sink), options));
            assertThat(pool.lentBytes()).as("memory that did not come back").isZero();
            return result.asSlice(0, out.bytes());
        }

        @Override
        public void close() {
            scheduler.close();
            devices.close();
            pool.close();
            arena.close();
        }
    }

    private static Program program(Random random) {
        return random.nextInt(4) == 0
                ? Stages.stencilThenSquare(1 + random.nextInt(40), 1 + random.nextInt(40),
                        EdgeMode.values()[random.nextInt(4)])
                : Stages.randomReduction(random);
    }

    private static RunOptions options(Random random, String device) {
        long[] box = {1 + random.nextInt(12), 1 + random.nextInt(12)};
        RunOptions options = RunOptions.defaults().withDevice(device).withThreads(1 + random.nextInt(4));
        options = random.nextBoolean() ? options.withTile(box) : options;
        return random.nextInt(3) == 0 ? options.withMemory(200_000 + random.nextInt(1_000_000)) : options;
    }

    @Test
    void bitsDoNotDependOnDeviceTileThreadsMemoryOrParts() {
        Random random = new Random(SEED);
        try (Fixture f = new Fixture(new VectorBackend(2), new ReferenceBackend(2))) {
            for (int round = 0; round < 120; round++) {
                Program program = program(random);
                MemorySegment input = f.input(program, random);
                MemorySegment expected = f.run(
                        program,
                        input,
                        RunOptions.defaults().withDevice("reference").withThreads(1).withTile(Long.MAX_VALUE, Long.MAX_VALUE),
                        false,
                        new ArrayList<>());
                for (String device : List.of("vector", "reference", "vector,reference")) {
                    RunOptions options = options(random, device).withVerify(random.nextInt(2) * 0.3);
                    List<Summary> told = new ArrayList<>();
                    MemorySegment found = f.run(program, input, options, random.nextBoolean(), told);
                    assertThat(found.mismatch(expected)).as("seed %d, round %d, %s", SEED, round, device).isEqualTo(-1);
                    assertThat(told.getFirst().faults()).isZero();
                    if (options.memoryBytes() > 0) {
                        assertThat(told.getFirst().peakBytes()).isLessThanOrEqualTo(options.memoryBytes());
                    }
                }
            }
        }
    }

    @Test
    void faultsAreToldAndTheWorkIsDoneElsewhere() {
        Random random = new Random(SEED);
        for (Faulty.Mode mode : Faulty.Mode.values()) {
            if (mode == Faulty.Mode.FLIPS_A_BIT) {
                continue;
            }
            int faults = 0;
            for (int round = 0; round < 40; round++) {
                try (Fixture f = new Fixture(
                        new ReferenceBackend(1), new Faulty("faulty", new ReferenceBackend(1), mode, random.nextLong()))) {
                    Program program = program(random);
                    MemorySegment input = f.input(program, random);
                    MemorySegment expected = f.run(program, input, RunOptions.defaults(), false, new ArrayList<>());
                    List<Summary> told = new ArrayList<>();
                    RunOptions options = RunOptions.defaults().withDevice("faulty,reference").withTile(3, 3);
                    MemorySegment found = f.run(program, input, options, random.nextBoolean(), told);
                    assertThat(found.mismatch(expected)).as("seed %d, %s, round %d", SEED, mode, round).isEqualTo(-1);
                    faults += told.getFirst().faults();
                    assertThat(told.getFirst().faults() == 0)
                            .isEqualTo(told.getFirst().notes().stream().noneMatch(note -> note.startsWith("faulty:")));
                }
            }
            assertThat(faults).as("%s", mode).isPositive();
        }
    }

    @Test
    void aTileThatFailsEverywhereFailsTheRunWithItsNameAndReason() {
        Program program = Stages.blockMeans(64, 8, 3);
        try (Fixture f = new Fixture(new Faulty("faulty", new ReferenceBackend(1), Faulty.Mode.VANISHES, 1))) {
            MemorySegment input = f.input(program, new Random(1));
            assertThatThrownBy(() -> {
                        for (int k = 0; k < 100; k++) {
                            f.run(program, input, RunOptions.defaults().withTile(1, 1), false, new ArrayList<>());
                        }
                    })
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("faulty");
            assertThat(f.pool.lentBytes()).isZero();
        }
    }

    @Test
    void wrongBitsOfADeviceAreFoundByVerify() {
        Program program = Stages.blockMeans(64, 8, 3);
        try (Fixture f = new Fixture(new Faulty("faulty", new ReferenceBackend(1), Faulty.Mode.FLIPS_A_BIT, 1))) {
            MemorySegment input = f.input(program, new Random(1));
            assertThatThrownBy(() ->
                            f.run(program, input, RunOptions.defaults().withVerify(0.01), false, new ArrayList<>()))
                    .isInstanceOf(WrongBitsException.class)
                    .hasMessageContaining("faulty gave other bits than the reference");
            assertThat(f.pool.lentBytes()).isZero();
        }
    }

    @Test
    void aCancelledRunStopsAndHoldsNothing() {
        Program program = Stages.stencilThenSquare(400, 400, EdgeMode.WRAP);
        try (Fixture f = new Fixture(new ReferenceBackend(2))) {
            MemorySegment input = f.input(program, new Random(1));
            Cancellation cancellation = new Cancellation();
            RunOptions options = RunOptions.defaults()
                    .withTile(10, 10)
                    .withCancellation(cancellation)
                    .withProgress((done, total) -> {
                        if (done > 7) {
                            cancellation.cancel();
                        }
                    });
            assertThatThrownBy(() -> f.run(program, input, options, true, new ArrayList<>()))
                    .isInstanceOf(Cancellation.CancelledException.class);
            assertThat(f.pool.lentBytes()).isZero();
        }
    }

    @Test
    void unknownDevicesAreToldWithWhatThereIs() {
        try (Fixture f = new Fixture(new ReferenceBackend(1))) {
            Program program = Stages.blockMeans(8, 8, 3);
            MemorySegment input = f.input(program, new Random(1));
            assertThatThrownBy(() ->
                            f.run(program, input, RunOptions.defaults().withDevice("gpu"), false, new ArrayList<>()))
                    .hasMessageContaining("found the device 'gpu', expected auto, all, or one of reference");
            assertThatThrownBy(() -> f.run(
                            program, input, RunOptions.defaults().withDevice("reference:3"), false, new ArrayList<>()))
                    .hasMessageContaining("expected one of reference");
        }
    }

    /** A device that says how it works. */
    private record Telling(Device inner) implements Device {
        @Override
        public DeviceInfo info() {
            return inner.info();
        }

        @Override
        public int workers() {
            return inner.workers();
        }

        @Override
        public List<String> notes() {
            return List.of("vector: one loop runs as scalar code");
        }

        @Override
        public TileKernel kernel(Program program, int stage) {
            return inner.kernel(program, stage);
        }

        @Override
        public void close() {
            inner.close();
        }
    }

    private static Backend telling(Backend backend) {
        return new Backend() {
            @Override
            public String name() {
                return backend.name();
            }

            @Override
            public Discovery discover() {
                return new Discovery(
                        List.of(new Telling(backend.discover().devices().getFirst())), List.of());
            }
        };
    }

    @Test
    void whatADeviceSaysOfItsWorkIsToldWhereItDidSome() {
        try (Fixture f = new Fixture(new ReferenceBackend(1), telling(new VectorBackend(1)))) {
            Program program = Stages.blockMeans(8, 8, 3);
            MemorySegment input = f.input(program, new Random(1));
            List<Summary> told = new ArrayList<>();
            f.run(program, input, RunOptions.defaults().withDevice("vector"), false, told);
            f.run(program, input, RunOptions.defaults().withDevice("reference"), false, told);
            assertThat(told.getFirst().notes()).contains("vector: one loop runs as scalar code");
            assertThat(told.getFirst().faults()).isZero();
            assertThat(told.getLast().notes()).doesNotContain("vector: one loop runs as scalar code");
        }
    }

    @Test
    void tracesAndAttestationsNameEachTile(@TempDir java.nio.file.Path folder) throws Exception {
        Program program = Stages.reduction(DType.F32, org.imbrex.kernels.stage.Combine.SUM, new long[] {9, 40}, 1, 2);
        try (Fixture f = new Fixture(new VectorBackend(1))) {
            MemorySegment input = f.input(program, new Random(1));
            ChromeTrace trace = new ChromeTrace();
            List<Summary> told = new ArrayList<>();
            f.run(program, input,
                    RunOptions.defaults().withTile(3).withAttest(true).withTrace(trace), false, told);
            assertThat(told.getFirst().tiles()).hasSize(3).allSatisfy(tile -> {
                assertThat(tile.kernelHash()).hasSize(64);
                assertThat(tile.inputDigest()).hasSize(64);
            });
            trace.write(folder.resolve("t.json"));
            assertThat(folder.resolve("t.json")).content().contains("\"s0[0:3]/0:1 on vector\"").startsWith("[").endsWith("]\n");
            assertThat(folder.toFile().list()).containsExactly("t.json");
        }
    }
}
