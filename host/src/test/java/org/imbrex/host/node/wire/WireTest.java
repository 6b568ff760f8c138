package org.imbrex.host.node.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.imbrex.kernels.fuse.ProgramText;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.runtime.memory.Span;
import org.imbrex.runtime.tile.Footprint;
import org.junit.jupiter.api.Test;

/** Frames, programs and tiles there and back, whole and damaged. */
class WireTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());
    /** In each of ten frames. */
    private static final int FLIPS = 1000;

    private static final int CASES = Integer.getInteger("imbrex.test.cases", 60);

    /** What was written can be read. */
    private static final class Recorded implements Link {
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private final ByteBuffer toRead;

        Recorded(byte[] toRead) {
            this.toRead = ByteBuffer.wrap(toRead);
        }

        @Override
        public int read(ByteBuffer into) {
            int count = Math.min(into.remaining(), Math.min(toRead.remaining(), 100_000));
            if (count == 0) {
                return -1;
            }
            into.put(toRead.slice(toRead.position(), count));
            toRead.position(toRead.position() + count);
            return count;
        }

        @Override
        public void write(ByteBuffer from) {
            byte[] bytes = new byte[from.remaining()];
            from.get(bytes);
            written.writeBytes(bytes);
        }

        @Override
        public void close() {}
    }

    private interface Body {
        void run(Random random) throws Exception;
    }

    private static void rounds(int count, Body body) {
        for (int round = 0; round < count; round++) {
            try {
                body.run(new Random(SEED + round));
            } catch (Exception | AssertionError e) {
                throw new AssertionError("-Dimbrex.test.seed=" + (SEED + round), e);
            }
        }
    }

    private static byte[] frame(FrameType type, int request, byte[] fields, MemorySegment data) throws IOException {
        Recorded link = new Recorded(new byte[0]);
        try (Wire wire = new Wire(link)) {
            wire.greeted();
            wire.send(type, request, fields, data.byteSize(), to -> to.put(data));
        }
        return link.written.toByteArray();
    }

    private static Wire reader(byte[] bytes) {
        Wire wire = new Wire(new Recorded(bytes));
        wire.greeted();
        return wire;
    }

    @Test
    void framesArriveAsTheyWereSent() {
        rounds(CASES, random -> {
            byte[] fields = new byte[random.nextInt(3) == 0 ? Limits.TILE_FIELDS : random.nextInt(300)];
            random.nextBytes(fields);
            byte[] data = new byte[1 + random.nextInt(random.nextBoolean() ? 100 : 900_000)];
            random.nextBytes(data);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment native1 = arena.allocate(data.length);
                MemorySegment.copy(data, 0, native1, ValueLayout.JAVA_BYTE, 0, data.length);
                byte[] bytes = frame(FrameType.TILE, 77, fields, native1);
                byte[] both = Arrays.copyOf(bytes, bytes.length * 2);
                System.arraycopy(bytes, 0, both, bytes.length, bytes.length);
                Wire wire = reader(both);
                for (int times = 0; times < 2; times++) {
                    Wire.Header header = wire.receive();
                    assertThat(header).isEqualTo(new Wire.Header(FrameType.TILE, 77, fields.length, data.length));
                    assertThat(wire.fields(header)).isEqualTo(fields);
                    MemorySegment found = arena.allocate(data.length);
                    wire.take(found);
                    wire.endOfData();
                    assertThat(found.mismatch(native1)).isEqualTo(-1);
                }
                assertThatThrownBy(wire::receive).hasMessageContaining("closed the connection");
            }
        });
    }

    @Test
    void everyFlippedBitIsFoundBeforeAnythingIsUsed() {
        rounds(10, random -> {
            byte[] fields = new byte[random.nextInt(200)];
            random.nextBytes(fields);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment data = arena.allocate(1 + random.nextInt(20_000));
                byte[] bytes = frame(FrameType.RESULT, random.nextInt(), fields, data);
                MemorySegment into = arena.allocate(data.byteSize());
                for (int flip = 0; flip < FLIPS; flip++) {
                    int bit = random.nextInt(bytes.length * 8);
                    bytes[bit / 8] ^= (byte) (1 << (bit % 8));
                    Wire wire = reader(bytes);
                    if (isUsed(wire, into)) {
                        throw new AssertionError("bit " + bit + " was not found");
                    }
                    bytes[bit / 8] ^= (byte) (1 << (bit % 8));
                }
            }
        });
    }

    private static boolean isUsed(Wire wire, MemorySegment into) {
        try {
            Wire.Header header = wire.receive();
            assertThat(header.data()).isEqualTo(into.byteSize());
            wire.fields(header);
            wire.take(into);
            wire.endOfData();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void beforeTheGreetingNothingElseAndNothingLargeIsRead() throws IOException {
        for (FrameType type : FrameType.values()) {
            byte[] bytes = frame(type, 0, new byte[Limits.GREETING + 1], MemorySegment.NULL);
            Wire wire = new Wire(new Recorded(bytes));
            assertThatThrownBy(wire::receive).isInstanceOf(WireException.class);
        }
    }

    @Test
    void programsArriveAsTheyAre() {
        rounds(CASES * 4, random -> {
            Program program = Samples.any(random);
            Program found = Programs.decode(Programs.encode(program));
            assertThat(ProgramText.of(found)).isEqualTo(ProgramText.of(program));
            assertThat(found.id()).isEqualTo(program.id());
        });
    }

    @Test
    void damagedProgramsAreRefusedOrSound() {
        int[] refused = new int[1];
        rounds(CASES * 10, random -> {
            byte[] bytes = Programs.encode(Samples.any(random));
            for (int round = 0; round < 10; round++) {
                byte[] damaged = damage(bytes, random);
                try {
                    Program found = Programs.decode(damaged);
                    assertThat(Programs.decode(Programs.encode(found)).id()).isEqualTo(found.id());
                } catch (WireException e) {
                    refused[0]++;
                    assertThat(e.getMessage()).startsWith("found");
                }
            }
        });
        assertThat(refused[0]).isGreaterThan(CASES);
    }

    private static byte[] damage(byte[] bytes, Random random) {
        byte[] damaged = bytes.clone();
        for (int k = random.nextInt(4); k >= 0; k--) {
            int at = random.nextInt(damaged.length);
            switch (random.nextInt(4)) {
                case 0 -> damaged[at] = (byte) random.nextInt();
                case 1 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> damaged[at] = (byte) (random.nextBoolean() ? 0x7f : 0xff);
                default -> damaged = random.nextInt(8) == 0 && at > 0 ? Arrays.copyOf(damaged, at) : damaged;
            }
        }
        return damaged;
    }

    @Test
    void damagedTilesAreRefusedOrReadWithinTheirParts() {
        int[] refused = new int[1];
        rounds(CASES * 3, random -> {
            Program program = Programs.decode(Programs.encode(Samples.any(random)));
            for (Tile tile : Samples.tiles(program, random, 10)) {
                Stage stage = program.stages().get(tile.stage());
                List<Part> parts = Traffic.parts(stage, tile, Samples.spans(stage, tile, random));
                byte[] bytes = Tiles.encode(3, tile, parts);
                long data = Traffic.bytesIn(stage, parts);
                assertThat(Tiles.decode(bytes, number -> program, data).tile()).isEqualTo(tile);
                for (int round = 0; round < 10; round++) {
                    try {
                        Tiles.Request request = Tiles.decode(damage(bytes, random), number -> program, data);
                        Stage of = program.stages().get(request.tile().stage());
                        for (Part part : request.parts()) {
                            for (int load : part.loads()) {
                                long[] range = Footprint.loadRange(of, load, request.tile());
                                assertThat(range[0] > range[1] || range[0] >= part.first()).isTrue();
                                assertThat(range[1]).isLessThanOrEqualTo(part.last());
                            }
                        }
                    } catch (WireException e) {
                        refused[0]++;
                    }
                }
            }
        });
        assertThat(refused[0]).isGreaterThan(CASES);
    }

    /** Every element that a tile reads is in a piece of its load's part, by walking all indices. */
    @Test
    void partsBringEveryElementThatATileReads() {
        rounds(CASES * 2, random -> {
            Program program = Samples.any(random);
            for (Tile tile : Samples.tiles(program, random, 4)) {
                Stage stage = program.stages().get(tile.stage());
                List<Part> parts = Traffic.parts(stage, tile, Samples.spans(stage, tile, random));
                for (int load = 0; load < stage.loads().size(); load++) {
                    int wanted = load;
                    Part part = parts.stream()
                            .filter(p -> p.loads().contains(wanted))
                            .findFirst()
                            .orElse(new Part(List.of(), 0, -1, List.of()));
                    boolean[] brought = new boolean[(int) part.elements()];
                    for (Runs piece : part.pieces()) {
                        mark(brought, piece, part.first());
                    }
                    View view = stage.loads().get(load);
                    long[][] box = Footprint.box(stage, load, tile);
                    if (org.imbrex.kernels.element.Walk.isEmpty(box[0], box[1])) {
                        continue;
                    }
                    long[] index = box[0].clone();
                    do {
                        long element = view.element(index);
                        boolean there = element == -1 || brought[(int) (element - part.first())];
                        assertThat(there).as(tile + " load " + load + " element " + element).isTrue();
                    } while (org.imbrex.kernels.element.Walk.next(index, box[0], box[1]));
                }
            }
        });
    }

    private static void mark(boolean[] brought, Runs piece, long first) {
        long[] index = new long[piece.counts().length];
        long[] zero = new long[index.length];
        do {
            long element = piece.first() - first;
            for (int k = 0; k < index.length; k++) {
                element += index[k] * piece.strides()[k];
            }
            Arrays.fill(brought, (int) element, (int) (element + piece.run()), true);
        } while (org.imbrex.kernels.element.Walk.next(index, zero, piece.counts()));
    }

    @Test
    void elementsArriveInTheirPlaces() {
        rounds(CASES, random -> {
            Program program = Samples.any(random);
            for (Tile tile : Samples.tiles(program, random, 3)) {
                Stage stage = program.stages().get(tile.stage());
                for (Part part : Traffic.parts(stage, tile, Samples.spans(stage, tile, random))) {
                    int width = Traffic.width(stage, part);
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment from = arena.allocate(part.elements() * width);
                        for (long k = 0; k < from.byteSize(); k++) {
                            from.set(ValueLayout.JAVA_BYTE, k, (byte) random.nextInt());
                        }
                        Recorded link = new Recorded(new byte[0]);
                        Wire out = new Wire(link);
                        out.greeted();
                        long bytes = Traffic.bytesIn(stage, List.of(part));
                        Span span = new Span(from, part.first());
                        List<Span> loads = java.util.Collections.nCopies(stage.loads().size(), span);
                        out.send(FrameType.TILE, 1, new byte[0], bytes, to ->
                                Traffic.sendParts(to, stage, List.of(part), loads));
                        Wire in = reader(link.written.toByteArray());
                        in.fields(in.receive());
                        MemorySegment into = arena.allocate(from.byteSize());
                        Traffic.receivePart(in, stage, part, new Span(into, part.first()));
                        in.endOfData();
                        boolean[] brought = new boolean[(int) part.elements()];
                        part.pieces().forEach(piece -> mark(brought, piece, part.first()));
                        for (int k = 0; k < brought.length; k++) {
                            MemorySegment a = from.asSlice((long) k * width, width);
                            MemorySegment b = into.asSlice((long) k * width, width);
                            assertThat(!brought[k] || a.mismatch(b) == -1).isTrue();
                        }
                    }
                }
            }
        });
    }
}
