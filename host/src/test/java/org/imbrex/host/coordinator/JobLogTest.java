package org.imbrex.host.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Typing;
import org.imbrex.runtime.schedule.TileLog;
import org.imbrex.runtime.tile.Tiling;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a job's log keeps of tiles, and what it does where the disk has lost or changed some of it. */
class JobLogTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());

    @TempDir
    private Path folder;

    private final Arena arena = Arena.ofShared();
    private final Random random = new Random(SEED);

    @AfterEach
    void free() {
        arena.close();
    }

    /** Runs of any lengths, short and long, as tiles have them. */
    private record Runs(List<MemorySegment> runs) implements TileLog.Memory {
        @Override
        public long bytes() {
            return runs.stream().mapToLong(MemorySegment::byteSize).sum();
        }

        @Override
        public void each(Consumer<MemorySegment> run) {
            runs.forEach(run);
        }
    }

    private Runs runs(boolean filled) {
        Random lengths = new Random(SEED);
        List<MemorySegment> runs = new ArrayList<>();
        for (int k = 0; k < 20; k++) {
            byte[] bytes = new byte[k % 5 == 0 ? 50_000 + lengths.nextInt(500_000) : lengths.nextInt(2000)];
            if (filled) {
                random.nextBytes(bytes);
            }
            MemorySegment run = arena.allocate(Math.max(1, bytes.length)).asSlice(0, bytes.length);
            runs.add(run.copyFrom(MemorySegment.ofArray(bytes)));
        }
        return new Runs(runs);
    }

    private static void same(Runs found, Runs expected) {
        for (int k = 0; k < expected.runs.size(); k++) {
            assertThat(found.runs.get(k).mismatch(expected.runs.get(k))).as("run " + k + ", seed " + SEED).isEqualTo(-1);
        }
    }

    private static Tile tile(int stage, long number) {
        return new Tile(stage, new long[] {number}, new long[] {number + 1}, 0, 1);
    }

    private static JobSpec spec() {
        ArrayType type = new ArrayType(DType.F64, Shape.of(8));
        Program program = Fuser.fuse(
                List.of(Typing.check(Parser.parse("x - sum(x)"), Map.of("x", type))),
                Map.of("x", new Program.Buffer(DType.F64, Shape.of(8), new long[] {1})));
        return new JobSpec(
                "x - sum(x)",
                program,
                List.of(new JobSpec.Input("00".repeat(32), 64)),
                Optional.of(new long[] {1}),
                0.25,
                Optional.of("a/y.npy"));
    }

    private JobLog begun() throws IOException {
        JobLog log = new JobLog(folder);
        log.describe(spec());
        return log;
    }

    @Test
    void whatWasKeptIsThereAfterwards() throws IOException {
        List<Runs> kept = new ArrayList<>();
        List<Tiling> tilings = List.of(
                new Tiling(0, new long[] {}, new long[] {}, 4, 2), new Tiling(1, new long[] {8}, new long[] {1}, 1, 1));
        try (JobLog log = begun()) {
            assertThat(log.tilings()).isEmpty();
            log.begin(tilings);
            for (int number = 0; number < 10; number++) {
                kept.add(runs(true));
                log.keep(tile(1, number), "node/vector", kept.get(number));
            }
            log.cut(tile(1, 11));
            log.flush();
        }
        try (JobLog log = new JobLog(folder)) {
            assertThat(log.spec().orElseThrow().encode()).isEqualTo(spec().encode());
            assertThat(log.spec().orElseThrow().name()).isEqualTo(spec().name());
            assertThat(LogRecords.encode(new Encoder(), log.tilings()).finished())
                    .isEqualTo(LogRecords.encode(new Encoder(), tilings).finished());
            assertThat(log.count()).isEqualTo(10);
            assertThat(log.isCut(tile(1, 11))).isTrue();
            assertThat(log.has(tile(1, 11))).isFalse();
            for (int number = 0; number < 10; number++) {
                Runs into = runs(false);
                assertThat(log.restore(tile(1, number), into)).isTrue();
                same(into, kept.get(number));
            }
        }
    }

    /** A process that ends leaves bytes without a record, or with one that is not whole. */
    @Test
    void cutAnywhereItHasTheTilesThatWereFinished() throws IOException {
        Runs one = runs(true);
        try (JobLog log = begun()) {
            for (int number = 0; number < 3; number++) {
                log.keep(tile(1, number), "node/vector", one);
                log.flush();
            }
        }
        byte[] journal = Files.readAllBytes(folder.resolve("journal"));
        byte[] data = Files.readAllBytes(folder.resolve("stage-1.tiles"));
        int before = 3;
        for (int length = journal.length; length >= 0; length -= 7) {
            Files.write(folder.resolve("journal"), Arrays.copyOf(journal, length));
            Files.write(folder.resolve("stage-1.tiles"), data);
            try (JobLog log = new JobLog(folder)) {
                int there = (int) log.count();
                assertThat(there).isBetween(0, before);
                before = there;
                if (log.spec().isPresent()) {
                    for (int number = 0; number < there; number++) {
                        assertThat(log.restore(tile(1, number), runs(false))).isTrue();
                    }
                    log.keep(tile(1, 7), "node/vector", one);
                    log.flush();
                }
            }
            try (JobLog log = new JobLog(folder)) {
                Runs into = runs(false);
                if (log.spec().isPresent()) {
                    assertThat(log.restore(tile(1, 7), into)).isTrue();
                    same(into, one);
                }
            }
        }
        assertThat(before).isZero();
    }

    @Test
    void bytesThatWereCutOrChangedAreNotTaken() throws IOException {
        Runs one = runs(true);
        try (JobLog log = begun()) {
            log.keep(tile(1, 0), "node/vector", one);
            log.keep(tile(1, 1), "node/vector", one);
            log.flush();
        }
        Path file = folder.resolve("stage-1.tiles");
        byte[] data = Files.readAllBytes(file);
        for (int round = 0; round < 50; round++) {
            byte[] changed = data.clone();
            int at = random.nextInt(data.length);
            changed[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, changed);
            try (JobLog log = new JobLog(folder)) {
                boolean first = at < data.length / 2;
                assertThat(log.restore(tile(1, 0), runs(false))).isEqualTo(!first);
                assertThat(log.restore(tile(1, 1), runs(false))).isEqualTo(first);
                assertThat(log.has(tile(1, first ? 0 : 1))).isFalse();
            }
            Files.write(file, Arrays.copyOf(data, at));
            try (JobLog log = new JobLog(folder)) {
                assertThat(log.has(tile(1, 0))).isEqualTo(at >= data.length / 2);
                assertThat(log.has(tile(1, 1))).isFalse();
            }
        }
    }

    @Test
    void aStageIsOverOnceNothingNeedsIt() throws IOException {
        Runs one = runs(true);
        try (JobLog log = begun()) {
            log.keep(tile(0, 0), "node/vector", one);
            log.ended(0);
            assertThat(log.isOver(0)).as("the next stage reads it").isFalse();
            log.keep(tile(1, 0), "node/vector", one);
            log.ended(1);
            assertThat(log.isOver(0)).isTrue();
            assertThat(log.isOver(1)).as("it is the result").isFalse();
        }
        assertThat(folder.resolve("stage-0.tiles")).doesNotExist();
        Files.write(folder.resolve("stage-1.tiles"), new byte[(int) one.bytes()]);
        try (JobLog log = new JobLog(folder)) {
            assertThat(log.isOver(0)).isTrue();
            assertThatThrownBy(() -> log.restore(tile(1, 0), runs(false)))
                    .isInstanceOf(JobLog.DamagedException.class);
            log.again("a:7070/vector", "wrong bits");
            assertThat(log.isOver(0)).isFalse();
            assertThat(log.count()).isZero();
        }
        try (JobLog log = new JobLog(folder)) {
            assertThat(log.count()).isZero();
            assertThat(log.aside()).containsExactly(new JobLog.Aside("a:7070/vector", "wrong bits"));
        }
    }

    @Test
    void aFullDiskIsToldAndWhatWasFinishedStays() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        boolean mounted = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk.toString())
                        .start()
                        .waitFor()
                == 0;
        assumeTrue(mounted, "cannot mount a small file system here");
        try {
            Runs one = runs(true);
            long kept;
            try (JobLog log = new JobLog(disk)) {
                log.describe(spec());
                assertThatThrownBy(() -> {
                            for (int number = 0; number < 100; number++) {
                                log.keep(tile(1, number), "node/vector", one);
                                log.flush();
                            }
                        })
                        .isInstanceOf(UncheckedIOException.class)
                        .cause()
                        .hasMessageContaining(disk.toString())
                        .hasMessageContaining("space");
                kept = log.count();
            }
            try (JobLog log = new JobLog(disk)) {
                assertThat(log.count()).isEqualTo(kept).isPositive();
                assertThat(log.restore(tile(1, 0), runs(false))).isTrue();
            }
        } finally {
            new ProcessBuilder("umount", disk.toString()).start().waitFor();
        }
    }
}
