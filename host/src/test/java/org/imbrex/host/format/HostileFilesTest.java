package org.imbrex.host.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.runtime.memory.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files of every format: read, or refused with a told error, and never with more memory than they may take. */
class HostileFilesTest {
    private static final int ROUNDS = Integer.getInteger("imbrex.rounds", 500);

    /** Deflate's limit, and a CSV file's two-byte cells as eight-byte numbers, with room for small files. */
    private static final long MOST_TIMES = 1032;

    @TempDir
    Path folder;

    private static Map<String, List<byte[]>> seeds() {
        Map<String, List<byte[]>> seeds = new LinkedHashMap<>();
        seeds.put(
                ".npy",
                List.of(fixture("f<f4.npy"), fixture("c>i2.npy"), fixture("version2.npy"), fixture("version3.npy")));
        seeds.put(".npz", List.of(fixture("stored.npz"), fixture("deflated.npz")));
        seeds.put(".nc", List.of(netcdf(1), netcdf(2), netcdf(5)));
        seeds.put(
                ".csv",
                List.of("a,b,c\n1,2.5e3,x\n\"3\",,\"y,\"\"\n\"\n5,-1,z\n".getBytes(), "1;2\r\n3;4\r\n".getBytes()));
        return seeds;
    }

    private static byte[] fixture(String name) {
        return Contents.fixtures(name).getLast().bytes();
    }

    private static byte[] netcdf(int version) {
        NetcdfBytes bytes =
                new NetcdfBytes(version).dim("t", 0).dim("x", 3).records(2).attribute("title", NetcdfBytes.CHAR, "abc");
        bytes.var("x", NetcdfBytes.DOUBLE, new int[] {1}, 1, 2, 3).attribute("units", NetcdfBytes.CHAR, "m");
        bytes.var("a", NetcdfBytes.SHORT, new int[] {0, 1}, 1, 2, 3, 4, 5, 6)
                .attribute("_FillValue", NetcdfBytes.SHORT, 3);
        bytes.attribute("scale_factor", NetcdfBytes.FLOAT, 0.5);
        bytes.var("t", NetcdfBytes.INT, new int[] {0}, 1, 2);
        return bytes.build();
    }

    @Test
    void damagedFilesAreReadOrRefusedWithAToldError() throws Exception {
        int[] outcomes = new int[2];
        for (Map.Entry<String, List<byte[]>> format : seeds().entrySet()) {
            for (int round = 0; round < ROUNDS; round++) {
                long seed = round * 31L + format.getKey().hashCode();
                Random random = new Random(seed);
                byte[] bytes = damaged(
                        format.getValue().get(random.nextInt(format.getValue().size())), random);
                Path file = Files.write(folder.resolve("x" + format.getKey()), bytes);
                try {
                    read(file, bytes.length, random);
                    outcomes[0]++;
                } catch (ImbrexException | IOException | UncheckedIOException e) {
                    outcomes[1]++;
                    assertThat(e.getMessage()).contains("x" + format.getKey()).doesNotContain("\n");
                } catch (Throwable e) {
                    throw new AssertionError(format.getKey() + ", seed " + seed, e);
                }
            }
        }
        assertThat(outcomes[0]).isGreaterThan(ROUNDS / 10);
        assertThat(outcomes[1]).isGreaterThan(ROUNDS / 2);
    }

    private static byte[] damaged(byte[] seed, Random random) {
        byte[] bytes = seed.clone();
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(random.nextBoolean() ? Math.min(200, bytes.length) : bytes.length);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0xff : 0);
                case 3 -> bytes = Arrays.copyOf(bytes, at + 1);
                case 4 -> {
                    // Claims of 2^60 elements and the like.
                    long[] large = {1L << 60, Long.MAX_VALUE, -1, 1L << 31, 0xffffffffL, Integer.MAX_VALUE};
                    byte[] value = ByteBuffer.allocate(8)
                            .putLong(large[random.nextInt(large.length)])
                            .array();
                    System.arraycopy(value, 0, bytes, at, Math.min(8, bytes.length - at));
                }
                default -> {
                    byte[] digits = "999999999999999999".getBytes();
                    System.arraycopy(digits, 0, bytes, at, Math.min(1 + random.nextInt(18), bytes.length - at));
                }
            }
        }
        return bytes;
    }

    private static void read(Path file, long size, Random random) throws IOException {
        try (StoredFile stored = ArrayFiles.open(file, ReadOptions.DEFAULT)) {
            stored.facts();
            RuntimeException first = null;
            for (Variable variable : stored.variables()) {
                if (variable.type().isPresent()) {
                    try (StoredArray array = stored.open(variable.name())) {
                        elements(array, size, random);
                    } catch (FormatException | UncheckedIOException e) {
                        first = first == null ? e : first;
                    }
                }
            }
            if (first != null) {
                throw first;
            }
        }
    }

    private static void elements(StoredArray array, long size, Random random) {
        ArrayType type = array.type();
        long bytes = type.shape().elements() * type.dtype().bytes();
        assertThat(bytes).isBetween(0L, (size + 64) * MOST_TIMES);
        if (array.source() instanceof Source.Resident resident) {
            assertThat(resident.memory().byteSize()).isEqualTo(bytes);
        }
        if (bytes < 100_000) {
            Contents.bits(array, random);
        } else if (array.source() instanceof Source.Chunked chunked) {
            try (Arena arena = Arena.ofConfined()) {
                chunked.read(type.shape().elements() - 1000, 1000, arena.allocate(8000));
            }
        }
    }
}
