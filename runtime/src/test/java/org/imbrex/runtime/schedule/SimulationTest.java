package org.imbrex.runtime.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.runtime.Memory;
import org.imbrex.runtime.RandomPrograms;
import org.imbrex.runtime.Stages;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.host.ReferenceBackend;
import org.imbrex.runtime.host.VectorBackend;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.memory.Source;
import org.junit.jupiter.api.Test;

/** Runs whose workers take turns in an order that a seed determines: what fails can be run again. */
class SimulationTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());
    private static final int CASES = Integer.getInteger("imbrex.test.cases", 80);

    private static final List<Backend> BACKENDS = List.of(new VectorBackend(2), new ReferenceBackend(2));

    /** A program with its inputs and the one result that is right. */
    private record Known(Program program, List<MemorySegment> inputs, MemorySegment expected, Arena arena)
            implements AutoCloseable {
        static Known of(Program program, Random random) {
            Arena arena = Arena.ofShared();
            List<MemorySegment> inputs = new ArrayList<>();
            for (int k = 0; k < program.inputs().size(); k++) {
                Program.Buffer buffer = program.buffers().get(k);
                MemorySegment memory = arena.allocate(Math.max(8, buffer.bytes()), 64);
                for (long i = 0; i < buffer.shape().elements(); i++) {
                    long bits = switch (buffer.dtype()) {
                        case F32 -> Float.floatToRawIntBits((float) random.nextGaussian());
                        case F64 -> Double.doubleToRawLongBits(random.nextGaussian());
                        default -> random.nextInt();
                    };
                    Elements.write(buffer.dtype(), memory.address() + i * buffer.dtype().bytes(), bits);
                }
                inputs.add(memory);
            }
            MemorySegment expected = result(program, arena);
            List<Source> sources = inputs.stream().<Source>map(Source.Resident::new).toList();
            RunOptions whole = RunOptions.defaults().withThreads(1).withTile(Long.MAX_VALUE, Long.MAX_VALUE);
            try (Devices devices = new Devices(List.of(new ReferenceBackend(1)));
                    BufferPool pool = new BufferPool(0);
                    Scheduler scheduler = new Scheduler(devices, pool)) {
                scheduler.run(program, sources, List.of(new Sink.Resident(expected)), whole);
            }
            return new Known(program, inputs, expected, arena);
        }

        static MemorySegment result(Program program, Arena arena) {
            long bytes = program.buffers().get(program.results().getFirst()).bytes();
            return arena.allocate(Math.max(8, bytes), 64).fill((byte) 0x11);
        }

        int width() {
            return program.buffers().get(program.results().getFirst()).dtype().bytes();
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    private static Program program(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> Stages.randomReduction(random);
            case 1 -> Stages.stencilThenSquare(
                    1 + random.nextInt(90), 1 + random.nextInt(40), EdgeMode.values()[random.nextInt(4)]);
            default -> new RandomPrograms(random).next().program();
        };
    }

    private static List<Source> sources(Known known, Random random) {
        List<Source> sources = new ArrayList<>();
        for (int k = 0; k < known.inputs().size(); k++) {
            int width = known.program().buffers().get(k).dtype().bytes();
            sources.add(random.nextBoolean()
                    ? new Source.Resident(known.inputs().get(k))
                    : new Memory.Parts(known.inputs().get(k), width));
        }
        return sources;
    }

    private static Sink sink(Known known, MemorySegment result, Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> new Sink.Resident(result);
            case 1 -> new Memory.Taken(result, known.width());
            default -> new Memory.Ordered(result, known.width());
        };
    }

    private static RunOptions options(Random random, String device) {
        RunOptions options = RunOptions.defaults().withDevice(device).withThreads(1 + random.nextInt(4));
        options = random.nextBoolean() ? options.withTile(1 + random.nextInt(20), 1 + random.nextInt(20)) : options;
        options = random.nextInt(3) > 0 ? options.withMemory(60_000 + random.nextInt(400_000)) : options;
        return options.withVerify(random.nextInt(3) == 0 ? random.nextDouble() : 0);
    }

    private interface Body {
        void run(int round, Random random) throws Exception;
    }

    private static void rounds(int count, Body body) {
        for (int round = 0; round < count; round++) {
            try {
                body.run(round, new Random(SEED + round));
            } catch (Exception | AssertionError e) {
                throw new AssertionError("-Dimbrex.test.seed=" + (SEED + round), e);
            }
        }
    }

    /** Runs it; true where it ran, false where it was told that the budget is too small. */
    private static boolean check(Known known, List<Backend> backends, RunOptions options, Random random) {
        Crew crew = random.nextInt(4) == 0 ? Crew.threads() : new SimulatedCrew(random);
        try (Devices devices = new Devices(backends);
                BufferPool pool = new BufferPool(random.nextInt(2) * 100_000L);
                Scheduler scheduler = new Scheduler(devices, pool, crew, Clock.SYSTEM)) {
            MemorySegment found = Known.result(known.program(), known.arena());
            List<Source> sources = sources(known, random);
            List<Sink> sinks = List.of(sink(known, found, random));
            try {
                Summary summary = scheduler.run(known.program(), sources, sinks, options);
                assertThat(found.mismatch(known.expected())).isEqualTo(-1);
                Plan plan = scheduler.plan(known.program(), sources, sinks, options);
                assertThat(summary.peakBytes()).isLessThanOrEqualTo(plan.peakBytes());
                if (options.memoryBytes() > 0) {
                    assertThat(summary.peakBytes()).isLessThanOrEqualTo(options.memoryBytes());
                }
                assertThat(summary.faults() > 0)
                        .isEqualTo(summary.notes().stream().anyMatch(note -> note.startsWith("faulty:")));
                return true;
            } catch (ImbrexException e) {
                assertThat(e).hasMessageContaining("set a larger memory budget");
                return false;
            } finally {
                assertThat(pool.lentBytes()).as("memory that did not come back").isZero();
            }
        }
    }

    @Test
    void bitsDoNotDependOnTurnsTilesDevicesMemoryOrParts() {
        int[] ran = new int[1];
        rounds(CASES, (round, random) -> {
            try (Known known = Known.of(program(random), random)) {
                for (String device : List.of("vector", "reference", "vector,reference")) {
                    ran[0] += check(known, BACKENDS, options(random, device), random) ? 1 : 0;
                }
            }
        });
        assertThat(ran[0]).isGreaterThan(CASES * 2);
    }

    @Test
    void faultsAreToldAndNeverShowInBits() {
        rounds(CASES, (round, random) -> {
            Faulty.Mode mode = Faulty.Mode.values()[random.nextInt(4)];
            List<Backend> backends = List.of(
                    new ReferenceBackend(2), new Faulty("faulty", new ReferenceBackend(2), mode, random.nextLong()));
            try (Known known = Known.of(program(random), random)) {
                check(known, backends, options(random, "faulty,reference"), random);
            }
        });
    }

    @Test
    void aBrokenSourceEndsTheRunWithItsOwnException() {
        rounds(60, (round, random) -> {
            try (Known known = Known.of(program(random), random);
                    Devices devices = new Devices(BACKENDS);
                    BufferPool pool = new BufferPool(0);
                    Scheduler scheduler = new Scheduler(
                            devices, pool, random.nextBoolean() ? Crew.threads() : new SimulatedCrew(random), Clock.SYSTEM)) {
                UncheckedIOException failure = new UncheckedIOException(new IOException("unplugged"));
                AtomicLong left = new AtomicLong(random.nextInt(6));
                List<Source> sources = new ArrayList<>();
                for (int k = 0; k < known.inputs().size(); k++) {
                    int width = known.program().buffers().get(k).dtype().bytes();
                    sources.add(new Memory.Failing(new Memory.Parts(known.inputs().get(k), width), left, failure));
                }
                MemorySegment found = Known.result(known.program(), known.arena());
                RunOptions options = RunOptions.defaults().withTile(3, 3);
                try {
                    scheduler.run(known.program(), sources, List.of(new Memory.Ordered(found, known.width())), options);
                    assertThat(left.get()).isNotNegative();
                } catch (UncheckedIOException e) {
                    assertThat(e).isSameAs(failure);
                }
                assertThat(pool.lentBytes()).isZero();
            }
        });
    }

    /** Each try is cut short after some tiles, on other devices and in another order than the one before. */
    @Test
    void aRunThatIsBegunAgainComputesOnlyWhatIsMissing() {
        int[] restored = new int[1];
        rounds(Math.max(1, CASES / 5), (round, random) -> {
            try (Known known = Known.of(program(random), random)) {
                RunOptions first = options(random, "vector");
                MemoryLog log = new MemoryLog(known.program());
                boolean done = false;
                while (!done) {
                    log.endAfter(1 + random.nextInt(12));
                    List<Backend> backends = List.of(
                            new ReferenceBackend(2),
                            new VectorBackend(2),
                            new Faulty(
                                    "faulty",
                                    new ReferenceBackend(2),
                                    Faulty.Mode.values()[random.nextInt(4)],
                                    random.nextLong()));
                    String device = List.of("vector", "reference", "faulty,reference").get(random.nextInt(3));
                    RunOptions options = first.withDevice(device).withThreads(1 + random.nextInt(4)).withLog(log);
                    try {
                        done = true;
                        check(known, backends, options, random);
                    } catch (MemoryLog.EndedException e) {
                        done = false;
                    }
                }
                restored[0] += log.restored();
            }
        });
        assertThat(restored[0]).isGreaterThan(CASES / 5);
    }

    @Test
    void aRunCancelledAtAnyMomentHoldsNothing() {
        rounds(60, (round, random) -> {
            try (Known known = Known.of(program(random), random);
                    Devices devices = new Devices(BACKENDS);
                    BufferPool pool = new BufferPool(0);
                    Scheduler scheduler = new Scheduler(devices, pool, new SimulatedCrew(random), Clock.SYSTEM)) {
                Cancellation cancellation = new Cancellation();
                long after = random.nextInt(20);
                RunOptions options = options(random, "vector")
                        .withMemory(0)
                        .withTile(4, 4)
                        .withCancellation(cancellation)
                        .withProgress((done, total) -> {
                            if (done >= after) {
                                cancellation.cancel();
                            }
                        });
                MemorySegment found = Known.result(known.program(), known.arena());
                try {
                    scheduler.run(known.program(), sources(known, random), List.of(sink(known, found, random)), options);
                } catch (Cancellation.CancelledException e) {
                    assertThat(cancellation.isAsked()).isTrue();
                }
                assertThat(pool.lentBytes()).isZero();
            }
        });
    }

    @Test
    void aWrappingStencilOverAFileLargerThanTheBudgetReadsBothEndsOnly() {
        Program program = Stages.stencilThenSquare(20_000, 16, EdgeMode.WRAP);
        Random random = new Random(SEED);
        try (Known known = Known.of(program, random)) {
            // 1.3 MB in, as much between and out
            RunOptions options = RunOptions.defaults().withDevice("vector").withMemory(300_000);
            for (int round = 0; round < 6; round++) {
                check(known, BACKENDS, options, random);
            }
        }
    }

    @Test
    void anOrderedResultStreamsThroughTheBudget() {
        Program program = Stages.blockMeans(400_000, 8, 3);
        Random random = new Random(SEED);
        try (Known known = Known.of(program, random);
                Devices devices = new Devices(BACKENDS);
                BufferPool pool = new BufferPool(0);
                Scheduler scheduler = new Scheduler(devices, pool)) {
            MemorySegment found = Known.result(program, known.arena());
            List<Source> sources = List.of(new Memory.Parts(known.inputs().getFirst(), 8));
            List<Sink> sinks = List.of(new Memory.Ordered(found, 8));
            RunOptions options = RunOptions.defaults().withDevice("vector").withMemory(500_000);
            assertThat(scheduler.plan(program, sources, sinks, options).buffers().get(1).where())
                    .isEqualTo(Plan.Where.IN_ORDER);
            Summary summary = scheduler.run(program, sources, sinks, options);
            assertThat(found.mismatch(known.expected())).isEqualTo(-1);
            assertThat(summary.peakBytes()).isLessThanOrEqualTo(500_000);
        }
    }

    @Test
    void aBudgetForNoTileIsToldBeforeAnythingRuns() {
        Program program = Stages.reduction(
                DType.F64, org.imbrex.kernels.stage.Combine.SUM, new long[] {40, 4000}, 0, 2);
        try (Arena arena = Arena.ofConfined();
                Devices devices = new Devices(BACKENDS);
                BufferPool pool = new BufferPool(0);
                Scheduler scheduler = new Scheduler(devices, pool)) {
            MemorySegment in = arena.allocate(40 * 4000 * 8);
            in.set(ValueLayout.JAVA_DOUBLE, 0, 1);
            List<Source> sources = List.of(new Memory.Parts(in, 8));
            List<Sink> sinks = List.of(new Sink.Resident(arena.allocate(8)));
            assertThatThrownBy(() ->
                            scheduler.run(program, sources, sinks, RunOptions.defaults().withMemory(5000)))
                    .isInstanceOf(ImbrexException.class)
                    .hasMessageContaining("the smallest tile of stage 0 (reduce [sum] over [])")
                    .hasMessageContaining("5000 bytes");
        }
    }
}
