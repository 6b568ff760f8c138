package org.imbrex.runtime.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.type.DType;
import org.imbrex.runtime.Memory;
import org.imbrex.runtime.Stages;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.device.Tuning;
import org.imbrex.runtime.host.VectorBackend;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.memory.Source;
import org.imbrex.runtime.memory.Span;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObservedRunTest {

    private interface Watch {
        void tile(Tile tile);
    }

    /** A device that computes nothing and tells of its tiles. */
    private record Idle(String name, boolean hostCpu, long tileBytes, Watch watch) implements Backend, Device {
        @Override
        public Discovery discover() {
            return new Discovery(List.of(this), List.of());
        }

        @Override
        public DeviceInfo info() {
            return new DeviceInfo(name, name, "idle", "none", hostCpu, 1, 1 << 30, 1 << 30, 1 << 20, true, true);
        }

        @Override
        public int workers() {
            return 1;
        }

        @Override
        public Tuning tuning() {
            return Tuning.usual(tileBytes, hostCpu ? 2 * tileBytes : tileBytes);
        }

        @Override
        public TileKernel kernel(Program program, int stage) {
            return new TileKernel() {
                @Override
                public String hash() {
                    return "0";
                }

                @Override
                public TileTimes run(Tile tile, List<Span> loads, List<Span> stores) {
                    watch.tile(tile);
                    return TileTimes.kernel(1);
                }
            };
        }

        @Override
        public void close() {}
    }

    private static Summary run(Crew crew, Program program, boolean inParts, RunOptions options, Backend... backends) {
        try (Arena arena = Arena.ofShared();
                Devices devices = new Devices(List.of(backends));
                BufferPool pool = new BufferPool(1 << 20);
                Scheduler scheduler = new Scheduler(devices, pool, crew, Clock.SYSTEM)) {
            Program.Buffer in = program.buffers().getFirst();
            MemorySegment input = arena.allocate(in.bytes(), 64);
            MemorySegment result =
                    arena.allocate(program.buffers().get(program.results().getFirst()).bytes(), 64);
            Source source =
                    inParts ? new Memory.Parts(input, in.dtype().bytes()) : new Source.Resident(input);
            return scheduler.run(program, List.of(source), List.of(new Sink.Resident(result)), options);
        }
    }

    @Test
    void aDeviceThatWantsLargeTilesTakesSeveralAsOneAndAllAreTakenOnce() {
        List<Tile> taken = Collections.synchronizedList(new ArrayList<>());
        Program program = Stages.blockMeans(400_000, 8, 3);
        run(new SimulatedCrew(new java.util.Random(1)), program, false, RunOptions.defaults().withDevice("host,gpu"),
                new Idle("host", true, 64 << 10, taken::add),
                new Idle("gpu", false, 1 << 20, taken::add));
        long sizes = taken.stream().mapToLong(Tile::elements).distinct().count();
        assertThat(sizes).as("sizes of tiles").isGreaterThan(1);
        assertThat(taken.stream().mapToLong(Tile::elements).sum()).isEqualTo(50_000 * 3);
        assertThat(taken.stream().map(tile -> tile.lo()[0]).distinct()).hasSize(taken.size());
    }

    @Test
    void theNextTileIsReadWhileOneIsComputed() {
        AtomicInteger reads = new AtomicInteger();
        CountDownLatch second = new CountDownLatch(2);
        Program program = Stages.blockMeans(8000, 8, 3);
        try (Arena arena = Arena.ofShared();
                Devices devices = new Devices(List.of(new Idle("host", true, 1 << 20, tile -> {
                    try {
                        // with one worker, computing this tile; the next one's read must not wait for it
                        assertThat(second.await(20, TimeUnit.SECONDS)).isTrue();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                })));
                BufferPool pool = new BufferPool(0);
                Scheduler scheduler = new Scheduler(devices, pool)) {
            Source.Chunked source = (first, count, into) -> {
                reads.incrementAndGet();
                second.countDown();
            };
            scheduler.run(
                    program,
                    List.of(source),
                    List.of(new Sink.Resident(arena.allocate(8000 * 3))),
                    RunOptions.defaults().withDevice("host").withTile(500));
        }
        assertThat(reads.get()).isEqualTo(2);
    }

    @Test
    void smallWorkIsHandedToNobody() {
        List<Integer> crews = new ArrayList<>();
        Crew crew = new Crew() {
            @Override
            public void work(List<? extends Worker> workers) {
                crews.add(workers.size());
                new SimulatedCrew(new java.util.Random(1)).work(workers);
            }

            @Override
            public void close() {}
        };
        run(crew, Stages.blockMeans(1000, 8, 3), false, RunOptions.defaults(), new VectorBackend(8));
        assertThat(crews).containsExactly(1);
    }

    @Test
    void flightRecordingsHoldPlansTilesTransfersKernelsAndMerges(@TempDir Path folder) throws Exception {
        Program program = Stages.reduction(DType.F64, Combine.SUM, new long[] {400_000}, 0, 1);
        Path file = folder.resolve("run.jfr");
        try (Recording recording = new Recording()) {
            for (String name : List.of("Plan", "Tile", "Kernel", "Transfer", "Merge")) {
                recording.enable("org.imbrex." + name).withoutThreshold();
            }
            recording.start();
            run(Crew.threads(), program, true, RunOptions.defaults(), new VectorBackend(2));
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        assertThat(events.stream().map(event -> event.getEventType().getName()).distinct())
                .contains(
                        "org.imbrex.Plan",
                        "org.imbrex.Tile",
                        "org.imbrex.Kernel",
                        "org.imbrex.Transfer",
                        "org.imbrex.Merge");
        assertThat(events).filteredOn(event -> event.getEventType().getName().equals("org.imbrex.Transfer"))
                .anySatisfy(event -> {
                    assertThat(event.getLong("bytes")).isPositive();
                    assertThat(event.getString("tile")).startsWith("s0[");
                });
    }
}
