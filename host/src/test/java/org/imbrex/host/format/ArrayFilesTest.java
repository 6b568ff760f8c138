package org.imbrex.host.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.memory.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrayFilesTest {
    @TempDir
    Path folder;

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private static byte[] npy(String dictionary, int data) {
        byte[] text = (dictionary + "\n").getBytes(StandardCharsets.ISO_8859_1);
        byte[] bytes = new byte[10 + text.length + data];
        byte[] start = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length, (byte) (text.length >> 8)};
        System.arraycopy(start, 0, bytes, 0, 10);
        System.arraycopy(text, 0, bytes, 10, text.length);
        return bytes;
    }

    private void refuses(Path file, String... parts) {
        var refused = assertThatThrownBy(
                () -> ArrayFiles.open(file, ReadOptions.DEFAULT).close());
        refused.hasMessageStartingWith(file.toString());
        for (String part : parts) {
            refused.hasMessageContaining(part);
        }
    }

    @Test
    void aFileThatIsNotWhatItsNameSaysIsTold() throws Exception {
        byte[] zip = Contents.fixtures("stored.npz").getFirst().bytes();
        byte[] npy = Contents.fixtures("version1").getFirst().bytes();
        byte[] html = "<!DOCTYPE html><html><body>404</body></html>".getBytes();
        refuses(file("a.npy", zip), "found a ZIP archive, expected an NPY file", ".npz");
        refuses(file("b.npy", html), "found an HTML page, expected an NPY file");
        refuses(file("c.npy", "1,2\n".getBytes()), "found text, expected an NPY file");
        refuses(file("d.npy", new byte[] {0x1f, (byte) 0x8b, 8, 0}), "found a gzip file", "gunzip");
        refuses(file("e.npy", new byte[0]), "the file is empty, expected an NPY file");
        refuses(file("f.npz", npy), "found an NPY file, expected a ZIP archive");
        refuses(file("g.nc", npy), "found an NPY file, expected a NetCDF classic file");
        refuses(file("h.csv", npy), "found an NPY file, expected text");
        refuses(file("i.csv", new byte[] {(byte) 0xff, (byte) 0xfe, 'a', 0}), "found text in UTF-16", "UTF-8");
        refuses(file("j.csv", new byte[0]), "the file is empty, expected text");
        refuses(file("k.npy", new byte[] {(byte) 0x80, 4, (byte) 0x95, 1}), "found a Python pickle");
        refuses(file("l.dat", new byte[] {1, 2, 3}), "found bytes of no known format", "dtype and shape");
        refuses(file("m.raw", new byte[8]), "expected its dtype and shape");
    }

    @Test
    void aFileWhoseNameSaysNothingIsReadByItsContent() throws Exception {
        for (String fixture : new String[] {"version1", "stored.npz"}) {
            try (StoredFile stored = ArrayFiles.open(
                    file("x", Contents.fixtures(fixture).getFirst().bytes()), ReadOptions.DEFAULT)) {
                assertThat(stored.format()).isEqualTo(fixture.equals("version1") ? FileFormat.NPY : FileFormat.NPZ);
            }
        }
        try (StoredFile stored = ArrayFiles.open(file("y.data", "1 \n2".getBytes()), ReadOptions.DEFAULT)) {
            assertThat(stored.format()).isEqualTo(FileFormat.CSV);
        }
    }

    @Test
    void whatIsNoFileIsTold() {
        refuses(folder.resolve("none.npy"), "no such file");
        refuses(folder, "found a directory, expected an array file");
        Path device = Path.of("/dev/null");
        assumeTrue(Files.exists(device));
        refuses(device, "found a pipe or a device, expected a file");
    }

    @Test
    void sizesThatDoNotFitTheHeaderAreToldWithBoth() throws Exception {
        String header = "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }";
        refuses(file("a.npy", npy(header, 95)), "found 95 bytes of elements, expected 96 for f64(3, 4)", "cut short");
        refuses(file("b.npy", npy(header, 97)), "found 1 bytes behind the elements, expected 96");
        refuses(
                file("c.npy", new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}),
                "found 8 bytes, expected an NPY header");
        refuses(file("d.npy", java.util.Arrays.copyOf(npy(header, 0), 40)), "expected a header of 70", "cut short");
        Path raw = file("a.raw", new byte[100]);
        assertThatThrownBy(() -> ArrayFiles.open(
                        raw, ReadOptions.raw(new ArrayType(DType.F32, Shape.of(5, 5)), 4, ByteOrder.LITTLE_ENDIAN)))
                .hasMessage(raw
                        + ": found 96 bytes from byte 4 on, expected 100 for f32(5, 5); check the dtype, the"
                        + " shape and the offset");
    }

    @Test
    void headersAreReadStrictly() throws Exception {
        String[][] cases = {
            {
                "{'descr': '<f8', 'fortran_order': False, 'shape': (1152921504606846976, 1152921504606846976), }",
                "expected fewer than 2^63 elements"
            },
            {
                "{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952,), }",
                "expected fewer than 2^63 bytes"
            },
            {"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }", "expected less than 2^63"},
            {
                "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }",
                "found '-1,), }' in the NPY header, expected an extent"
            },
            {"{'descr': '<f8', 'fortran_order': False, 'shape': (3), }", "expected (3,)"},
            {"{'descr': '<f8', 'fortran_order': False, 'shape': 3, }", "expected '('"},
            {"{'descr': '<f8', 'fortran_order': 0, 'shape': (3,), }", "expected True or False"},
            {"{'descr': '<f8', 'fortran_order': False, }", "without shape"},
            {"{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (3,), }", "the key 'descr' twice"},
            {"{'descr': '<f8', 'order': False, 'shape': (3,), }", "found the key 'order'"},
            {"{'descr': '<f8', 'fortran_order': False, 'shape': (3,), } + x", "found '+ x'"},
            {"{'descr': 'f8', 'fortran_order': False, 'shape': (3,), }", "without a byte order"},
            {"{'descr': '<f3', 'fortran_order': False, 'shape': (3,), }", "(extended precision)"},
            {"__import__('os').system('true')", "expected '{'"},
            {"{'descr': '<f8', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1), }", "rank 17"},
        };
        for (String[] expected : cases) {
            refuses(file("h.npy", npy(expected[0], 24)), expected[1]);
        }
        for (String fine : new String[] {
            "{'descr':'<f8','fortran_order':False,'shape':(3,)}",
            "{ \"shape\" : ( 3L , ) , 'fortran_order':  True, 'descr': '<f8' , }   "
        }) {
            try (StoredArray array = ArrayFiles.open(file("f.npy", npy(fine, 24)), "", ReadOptions.DEFAULT)) {
                assertThat(array.type()).isEqualTo(new ArrayType(DType.F64, Shape.of(3)));
                assertThat(Contents.bits(array, new Random(1))).containsExactly(0, 0, 0);
            }
        }
    }

    @Test
    void anyByteOfAStoredBoolIsTrueButZero() throws Exception {
        byte[] bytes = npy("{'descr': '|b1', 'fortran_order': False, 'shape': (4,), }", 4);
        bytes[bytes.length - 1] = 1;
        bytes[bytes.length - 2] = (byte) 0x80;
        try (StoredArray array = ArrayFiles.open(file("b.npy", bytes), "", ReadOptions.DEFAULT)) {
            assertThat(Contents.bits(array, new Random(1))).containsExactly(0, 0, 1, 1);
        }
    }

    @Test
    void rawFilesAreReadInBothByteOrdersFromAnOffset() throws Exception {
        Path raw = file("r.bin", new byte[] {9, 9, 9, 0, 1, 2, 3});
        ArrayType type = new ArrayType(DType.I16, Shape.of(2));
        try (StoredArray big = ArrayFiles.open(raw, "", ReadOptions.raw(type, 3, ByteOrder.BIG_ENDIAN));
                StoredArray little = ArrayFiles.open(raw, "", ReadOptions.raw(type, 3, ByteOrder.LITTLE_ENDIAN))) {
            assertThat(Contents.bits(big, new Random(1))).containsExactly(0x0001, 0x0203);
            assertThat(Contents.bits(little, new Random(1))).containsExactly(0x0100, 0x0302);
        }
    }

    @Test
    void damageInsideAnArchiveIsFoundByItsChecksum() throws Exception {
        for (String name : new String[] {"stored.npz", "deflated.npz"}) {
            byte[] bytes = Contents.fixtures(name).getFirst().bytes();
            byte[] damaged = bytes.clone();
            damaged[name.startsWith("s") ? 200 : 120] ^= 1;
            Path file = file(name, damaged);
            assertThatThrownBy(() -> ArrayFiles.open(file, "a", ReadOptions.DEFAULT))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("a.npy");
        }
    }

    @Test
    void closingUnmapsTheFileAndEndsItsUse() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/self/maps")));
        Path file =
                file("mapped-once.npy", Contents.fixtures("version1").getFirst().bytes());
        List<MemorySegment> kept = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            try (StoredArray array = ArrayFiles.open(file, "", ReadOptions.DEFAULT)) {
                kept.add(((Source.Resident) array.source()).memory());
                assertThat(mappings(file)).isEqualTo(1);
            }
        }
        assertThat(mappings(file)).isZero();
        assertThat(open(file)).isZero();
        for (MemorySegment memory : kept) {
            assertThatThrownBy(() -> memory.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
        }
        StoredArray outlives;
        try (StoredFile stored = ArrayFiles.open(file, ReadOptions.DEFAULT)) {
            outlives = stored.open();
        }
        assertThat(Contents.bits(outlives, new Random(1))).hasSize(6);
        outlives.close();
        outlives.close();
        assertThat(open(file)).isZero();
        refuses(file("bad.npy", npy("{", 0)), "NPY header");
        assertThat(open(folder.resolve("bad.npy"))).isZero();
    }

    private static long mappings(Path file) throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(l -> l.endsWith(file.toString())).count();
        }
    }

    private static long open(Path file) throws IOException {
        try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .filter(d -> {
                        try {
                            return Files.readSymbolicLink(d).equals(file);
                        } catch (IOException e) {
                            return false;
                        }
                    })
                    .count();
        }
    }
}
