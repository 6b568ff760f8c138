package org.imbrex.host.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.memory.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoundTripTest {
    @TempDir
    Path folder;

    @Test
    void npyGivesBackWhatWasWritten() throws Exception {
        for (long seed = 0; seed < 150; seed++) {
            Random random = new Random(seed);
            ArrayType type = Contents.randomType(random, 4);
            long[] bits = Contents.randomBits(random, type);
            Path file = folder.resolve(seed + ".npy");
            write(file, type, bits, random);
            try (StoredArray array = ArrayFiles.open(file, "", ReadOptions.DEFAULT)) {
                assertThat(array.type()).as("seed " + seed).isEqualTo(type);
                assertThat(Contents.bits(array, random)).as("seed " + seed).isEqualTo(bits);
            }
        }
    }

    @Test
    void rawGivesBackWhatWasWritten() throws Exception {
        for (long seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            ArrayType type = Contents.randomType(random, 4);
            long[] bits = Contents.randomBits(random, type);
            Path file = folder.resolve(seed + ".raw");
            write(file, type, bits, random);
            ReadOptions options = ReadOptions.raw(type, 0, ByteOrder.nativeOrder());
            try (StoredArray array = ArrayFiles.open(file, "", options)) {
                assertThat(Contents.bits(array, random)).as("seed " + seed).isEqualTo(bits);
                assertThat(array.source() instanceof Source.Resident).isEqualTo(type.dtype() != DType.BOOL);
            }
        }
    }

    @Test
    void npzGivesBackAllItsArrays() throws Exception {
        for (long seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            SequencedMap<String, ArrayType> types = new LinkedHashMap<>();
            Map<String, long[]> contents = new LinkedHashMap<>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                String name = random.nextBoolean() ? "x" + i : "größe/" + i;
                types.put(name, Contents.randomType(random, 3));
                contents.put(name, Contents.randomBits(random, types.get(name)));
            }
            Path file = folder.resolve(seed + ".npz");
            try (OutputFile output = ArrayFiles.create(file, types, WriteOptions.of(FileFormat.NPZ))) {
                for (String name : types.sequencedKeySet().reversed()) {
                    Contents.write(output.sink(name), types.get(name).dtype(), contents.get(name), random);
                    if (random.nextInt(4) == 0) {
                        // A tile that was run again.
                        Contents.write(output.sink(name), types.get(name).dtype(), contents.get(name), random);
                    }
                }
                output.commit();
            }
            try (StoredFile stored = ArrayFiles.open(file, ReadOptions.DEFAULT)) {
                assertThat(stored.variables()).extracting(Variable::name).containsExactlyElementsOf(types.keySet());
                for (String name : types.keySet()) {
                    try (StoredArray array = stored.open(name)) {
                        assertThat(array.type()).as("seed " + seed).isEqualTo(types.get(name));
                        assertThat(Contents.bits(array, random))
                                .as("seed " + seed)
                                .isEqualTo(contents.get(name));
                        if (array.source() instanceof Source.Resident resident
                                && resident.memory().byteSize() > 0) {
                            assertThat(resident.memory().address() % 64).isZero();
                        }
                    }
                }
            }
            // Checks every checksum.
            try (var zip = new java.util.zip.ZipFile(file.toFile())) {
                for (var entry : java.util.Collections.list(zip.entries())) {
                    zip.getInputStream(entry).readAllBytes();
                }
            }
        }
    }

    @Test
    void csvGivesBackEveryFloat() throws Exception {
        for (long seed = 0; seed < 150; seed++) {
            Random random = new Random(seed);
            ArrayType any = Contents.randomType(random, 2);
            DType dtype = any.dtype();
            Shape shape = any.shape();
            if (shape.elements() == 0) {
                continue;
            }
            long[] bits = Contents.randomBits(random, any);
            Path file = folder.resolve(seed + ".csv");
            write(file, any, bits, random);
            for (long memory : new long[] {0, 1 << 20}) {
                try (StoredArray array =
                        ArrayFiles.open(file, "", new ReadOptions(new ReadOptions.Layout.Told(), memory))) {
                    long columns = shape.rank() == 2 ? shape.extent(1) : 1;
                    assertThat(array.type().shape()).isEqualTo(Shape.of(shape.elements() / columns, columns));
                    assertThat(Contents.bits(array, random))
                            .as("seed " + seed + " " + any)
                            .isEqualTo(asF64(dtype, bits));
                }
            }
        }
    }

    private static long[] asF64(DType dtype, long[] bits) {
        long[] wide = new long[bits.length];
        for (int i = 0; i < bits.length; i++) {
            double value = switch (dtype) {
                // What stands in the file is f32's shortest decimal, which is not f32's exact value.
                case F32 -> Double.parseDouble(Float.toString(Float.intBitsToFloat((int) bits[i])));
                case F64 -> Double.longBitsToDouble(bits[i]);
                default -> bits[i];
            };
            wide[i] = Double.doubleToLongBits(value);
        }
        return wide;
    }

    private static void write(Path file, ArrayType type, long[] bits, Random random) throws Exception {
        try (OutputFile output = ArrayFiles.create(file, type)) {
            Contents.write(output.sink(), type.dtype(), bits, random);
            output.commit();
        }
    }
}
