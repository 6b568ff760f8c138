package org.imbrex.host.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.runtime.memory.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NumpyFixturesTest {
    @TempDir
    Path folder;

    @Test
    void arraysInBothByteOrdersAndBothMemoryOrdersAreReadAsNumpyMeansThem() throws Exception {
        for (String order : new String[] {"c", "f", "version"}) {
            for (Contents.Fixture fixture : Contents.fixtures(order)) {
                Path file = Files.write(folder.resolve("a.npy"), fixture.bytes());
                DType dtype = DType.named(fixture.dtype()).orElseThrow();
                try (StoredArray array = ArrayFiles.open(file, "", ReadOptions.DEFAULT)) {
                    assertThat(array.type()).as(fixture.name()).isEqualTo(new ArrayType(dtype, fixture.shape()));
                    check(array, fixture.name().contains("u"));
                    if (fixture.name().contains("<f8")) {
                        assertThat(array.source() instanceof Source.Resident)
                                .isEqualTo(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN);
                    }
                }
            }
        }
    }

    private static void check(StoredArray array, boolean unsigned) {
        long[] bits = Contents.bits(array, new Random(1));
        for (int k = 0; k < bits.length; k++) {
            assertThat(bits[k]).isEqualTo(Contents.fixtureBits(array.type().dtype(), unsigned, k));
        }
    }

    @Test
    void archivesStoredAndDeflatedAreRead() throws Exception {
        for (String name : new String[] {"stored.npz", "deflated.npz"}) {
            Path file = Files.write(
                    folder.resolve(name), Contents.fixtures(name).getFirst().bytes());
            for (long memory : new long[] {0, 1 << 20}) {
                try (StoredFile stored = ArrayFiles.open(file, new ReadOptions(new ReadOptions.Layout.Told(), memory));
                        StoredArray a = stored.open("a");
                        StoredArray b = stored.open("b")) {
                    check(a, false);
                    check(b, false);
                    assertThat(b.source()).isInstanceOf(Source.Resident.class);
                    assertThatThrownBy(stored::open)
                            .hasMessageContaining("found 2 arrays")
                            .hasMessageContaining("of: a, b");
                    assertThatThrownBy(() -> stored.open("c")).hasMessageContaining("found no array 'c'");
                }
            }
        }
    }

    @Test
    void whatIsWrittenIsByteForByteWhatNumpyWrites() throws Exception {
        for (Contents.Fixture fixture : Contents.fixtures("c")) {
            DType dtype = DType.named(fixture.dtype()).orElseThrow();
            boolean same = !fixture.name().contains(">")
                    && fixture.name()
                            .contains(dtype == DType.BOOL ? "b1" : dtype.text().charAt(0) + "" + dtype.bytes());
            if (!same || ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN) {
                continue;
            }
            long[] bits = new long[(int) fixture.shape().elements()];
            for (int k = 0; k < bits.length; k++) {
                bits[k] = Contents.fixtureBits(dtype, false, k);
            }
            Path file = folder.resolve("w.npy");
            try (OutputFile output = ArrayFiles.create(file, new ArrayType(dtype, fixture.shape()))) {
                Contents.write(output.sink(), dtype, bits, new Random(2));
                output.commit();
            }
            assertThat(Files.readAllBytes(file))
                    .as(fixture.name() + fixture.shape())
                    .isEqualTo(fixture.bytes());
        }
    }

    @Test
    void whatHasNoDtypeIsRefusedWithAdvice() throws Exception {
        String[][] cases = {
            {"objects", "pickled Python objects"},
            {"structured", "a structured dtype"},
            {"uint64", "astype('int64')"},
            {"complex", "save .real and .imag"},
            {"text", "(text)"},
            {"bytes", "(text)"},
            {"times", "(times)"},
            {"void", "(raw records)"}
        };
        for (String[] expected : cases) {
            Path file = Files.write(
                    folder.resolve("r.npy"),
                    Contents.fixtures("refused-" + expected[0]).getFirst().bytes());
            assertThatThrownBy(() -> ArrayFiles.open(file, ReadOptions.DEFAULT))
                    .isInstanceOf(FormatException.class)
                    .hasMessageStartingWith(file + ": found ")
                    .hasMessageContaining(expected[1])
                    .hasMessageContaining("expected ");
        }
    }
}
