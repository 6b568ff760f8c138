package org.imbrex.host.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.imbrex.host.format.NetcdfBytes.*;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetcdfFileTest {
    @TempDir
    Path folder;

    private Path file(NetcdfBytes bytes) throws IOException {
        return Files.write(folder.resolve("t.nc"), bytes.build());
    }

    private static double[] values(StoredArray array, long seed) {
        DType dtype = array.type().dtype();
        return Arrays.stream(Contents.bits(array, new Random(seed)))
                .mapToDouble(bits -> switch (dtype) {
                    case F32 -> Float.intBitsToFloat((int) bits);
                    case F64 -> Double.longBitsToDouble(bits);
                    default -> bits;
                })
                .toArray();
    }

    private void reads(NetcdfBytes bytes, String variable, ArrayType type, double... expected) throws IOException {
        try (StoredArray array = ArrayFiles.open(file(bytes), variable, ReadOptions.DEFAULT)) {
            assertThat(array.type()).isEqualTo(type);
            for (long seed = 0; seed < 2; seed++) {
                assertThat(values(array, seed)).isEqualTo(expected);
            }
        }
    }

    private static ArrayType type(DType dtype, long... extents) {
        return new ArrayType(dtype, new Shape(extents));
    }

    @Test
    void everyTypeIsReadInEveryVersion() throws Exception {
        for (int version : new int[] {1, 2, 5}) {
            NetcdfBytes bytes = new NetcdfBytes(version).dim("x", 3);
            bytes.var("b", BYTE, new int[] {0}, -128, 0, 127).var("s", SHORT, new int[] {0}, -32768, 0, 32767);
            bytes.var("i", INT, new int[] {0}, Integer.MIN_VALUE, 0, 5).var("f", FLOAT, new int[] {0}, -0.5, 0, 1e30f);
            bytes.var("d", DOUBLE, new int[] {0}, -0.5, 1e-300, 1e300).var("scalar", DOUBLE, new int[0], 42);
            bytes.var("c", CHAR, new int[] {0}, 97, 98, 99);
            reads(bytes, "b", type(DType.I8, 3), -128, 0, 127);
            reads(bytes, "s", type(DType.I16, 3), -32768, 0, 32767);
            reads(bytes, "i", type(DType.I32, 3), Integer.MIN_VALUE, 0, 5);
            reads(bytes, "f", type(DType.F32, 3), -0.5, 0, 1e30f);
            reads(bytes, "d", type(DType.F64, 3), -0.5, 1e-300, 1e300);
            reads(bytes, "scalar", type(DType.F64), 42);
            assertThatThrownBy(() -> reads(bytes, "c", type(DType.I8, 3)))
                    .hasMessage(folder.resolve("t.nc") + ": c is text, expected numbers");
        }
        NetcdfBytes bytes = new NetcdfBytes(5).dim("x", 2);
        bytes.var("ub", UBYTE, new int[] {0}, 0, 255)
                .var("us", USHORT, new int[] {0}, 0, 65535)
                .var("ui", UINT, new int[] {0}, 0, 4294967295L);
        bytes.var("l", INT64, new int[] {0}, Long.MIN_VALUE, 1).var("ul", UINT64, new int[] {0}, 0, 1);
        reads(bytes, "ub", type(DType.U8, 2), 0, 255);
        reads(bytes, "us", type(DType.I32, 2), 0, 65535);
        reads(bytes, "ui", type(DType.I64, 2), 0, 4294967295L);
        reads(bytes, "l", type(DType.I64, 2), Long.MIN_VALUE, 1);
        assertThatThrownBy(() -> reads(bytes, "ul", type(DType.I64, 2))).hasMessageContaining("ul is uint64");
    }

    @Test
    void recordsOfSeveralVariablesAreTakenApart() throws Exception {
        Random random = new Random(3);
        for (int width : new int[] {1, 3, 5000, 40_000}) {
            int records = width > 1000 ? 7 : 2000;
            Number[] a = new Number[records * width];
            Number[] t = new Number[records];
            Arrays.setAll(a, i -> (short) random.nextInt());
            Arrays.setAll(t, i -> random.nextDouble());
            NetcdfBytes bytes = new NetcdfBytes(2).dim("t", 0).dim("x", width).records(records);
            bytes.var("t", DOUBLE, new int[] {0}, t).var("a", SHORT, new int[] {0, 1}, a);
            reads(
                    bytes,
                    "t",
                    type(DType.F64, records),
                    Arrays.stream(t).mapToDouble(Number::doubleValue).toArray());
            reads(
                    bytes,
                    "a",
                    type(DType.I16, records, width),
                    Arrays.stream(a).mapToDouble(Number::doubleValue).toArray());
            reads(
                    bytes,
                    "",
                    type(DType.I16, records, width),
                    Arrays.stream(a).mapToDouble(Number::doubleValue).toArray());
        }
    }

    @Test
    void theOnlyRecordVariableHasNoPadding() throws Exception {
        NetcdfBytes bytes = new NetcdfBytes(1).dim("t", 0).dim("x", 3).records(3);
        bytes.var("a", BYTE, new int[] {0, 1}, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        reads(bytes, "a", type(DType.I8, 3, 3), 1, 2, 3, 4, 5, 6, 7, 8, 9);
        reads(new NetcdfBytes(1).dim("t", 0).var("a", BYTE, new int[] {0}), "a", type(DType.I8, 0));
    }

    @Test
    void aNumberOfRecordsLeftOpenIsCounted() throws Exception {
        NetcdfBytes bytes = new NetcdfBytes(1).dim("t", 0).records(3);
        bytes.var("a", INT, new int[] {0}, 1, 2, 3).var("b", INT, new int[] {0}, 4, 5, 6);
        byte[] streamed = bytes.build();
        Arrays.fill(streamed, 4, 8, (byte) 0xff);
        Path file = Files.write(folder.resolve("s.nc"), streamed);
        try (StoredArray array = ArrayFiles.open(file, "b", ReadOptions.DEFAULT)) {
            assertThat(values(array, 1)).containsExactly(4, 5, 6);
        }
    }

    @Test
    void missingValuesBecomeNaN() throws Exception {
        double nan = Double.NaN;
        NetcdfBytes bytes = new NetcdfBytes(5).dim("x", 4);
        bytes.var("f", FLOAT, new int[] {0}, -1e34f, 1, -99.9f, -0.0)
                .attribute("_FillValue", FLOAT, -1e34f)
                .attribute("missing_value", DOUBLE, 7, -99.9);
        bytes.var("d", DOUBLE, new int[] {0}, 1, 2, 3, nan).attribute("missing_value", DOUBLE, 2);
        bytes.var("s", SHORT, new int[] {0}, -1, 2, 3, 4).attribute("_FillValue", SHORT, -1);
        bytes.var("i", INT, new int[] {0}, -1, 2, 3, 4).attribute("_FillValue", INT, 4);
        bytes.var("l", INT64, new int[] {0}, Long.MIN_VALUE + 2, Long.MIN_VALUE + 3, 3, 4)
                .attribute("_FillValue", INT64, Long.MIN_VALUE + 2);
        bytes.var("u", BYTE, new int[] {0}, -1, -2, 3, 4)
                .attribute("_FillValue", BYTE, -1)
                .attribute("_Unsigned", CHAR, "true");
        reads(bytes, "f", type(DType.F32, 4), nan, 1, nan, -0.0);
        reads(bytes, "d", type(DType.F64, 4), 1, nan, 3, nan);
        reads(bytes, "s", type(DType.F32, 4), nan, 2, 3, 4);
        reads(bytes, "i", type(DType.F64, 4), -1, 2, 3, nan);
        reads(bytes, "l", type(DType.F64, 4), nan, Long.MIN_VALUE + 3, 3, 4);
        reads(bytes, "u", type(DType.F32, 4), nan, 254, 3, 4);
    }

    @Test
    void packedValuesAreUnpacked() throws Exception {
        NetcdfBytes bytes = new NetcdfBytes(1).dim("x", 3);
        bytes.var("a", SHORT, new int[] {0}, -32768, 0, 100);
        bytes.attribute("scale_factor", FLOAT, 0.01f)
                .attribute("add_offset", FLOAT, 273.15f)
                .attribute("_FillValue", SHORT, -32768);
        bytes.var("b", SHORT, new int[] {0}, 1, 2, 3).attribute("scale_factor", DOUBLE, 0.1);
        bytes.var("c", INT, new int[] {0}, 1, 2, 3).attribute("add_offset", FLOAT, 0.5);
        bytes.var("e", SHORT, new int[] {0}, 1, 2, 3).attribute("scale_factor", CHAR, "two");
        double scale = 0.01f;
        double offset = 273.15f;
        reads(bytes, "a", type(DType.F32, 3), Double.NaN, (float) offset, (float) (100 * scale + offset));
        reads(bytes, "b", type(DType.F64, 3), 0.1, 0.2, 3 * 0.1);
        reads(bytes, "c", type(DType.F64, 3), 1.5, 2.5, 3.5);
        assertThatThrownBy(() -> reads(bytes, "e", type(DType.F32, 3)))
                .hasMessageContaining("found 'two' as the scale_factor of e, expected one number");
    }

    @Test
    void infoTellsDimensionsUnitsAndWhatIsApplied() throws Exception {
        NetcdfBytes bytes = new NetcdfBytes(1)
                .dim("time", 0)
                .dim("lat", 2)
                .records(1)
                .attribute("title", CHAR, "A title\n of two lines\0");
        bytes.var("lat", FLOAT, new int[] {1}, -45, 45).attribute("units", CHAR, "degrees_north");
        bytes.var("sst", FLOAT, new int[] {0, 1}, 1, 2)
                .attribute("units", CHAR, "K")
                .attribute("missing_value", FLOAT, -1e34f);
        try (StoredFile stored = ArrayFiles.open(file(bytes), ReadOptions.DEFAULT)) {
            assertThat(stored.facts())
                    .contains(
                            new Fact("format", "NetCDF classic, CDF-1"),
                            new Fact("dimension time", "1 (unlimited)"),
                            new Fact("dimension lat", "2, from -45.0 to 45.0 degrees_north"),
                            new Fact("title", "A title of two lines"));
            Variable sst = stored.variables().get(1);
            assertThat(sst.dimensions()).isEqualTo(List.of("time", "lat"));
            assertThat(sst.facts())
                    .containsExactly(new Fact("units", "K"), new Fact("missing", "-1.0E34, read as NaN"));
        }
    }

    @Test
    void cutShortOrDamagedFilesAreToldWithSizes() throws Exception {
        NetcdfBytes bytes = new NetcdfBytes(1).dim("t", 0).dim("x", 2).records(5);
        bytes.var("a", INT, new int[] {0, 1}, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        byte[] whole = bytes.build();
        Path file = Files.write(folder.resolve("c.nc"), Arrays.copyOf(whole, whole.length - 1));
        assertThatThrownBy(() -> ArrayFiles.open(file, ReadOptions.DEFAULT))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("found " + (whole.length - 1)
                        + " bytes, expected the variable a to have 8 bytes in each of 5 records")
                .hasMessageContaining("cut short");
        Files.write(file, Arrays.copyOf(whole, 30));
        assertThatThrownBy(() -> ArrayFiles.open(file, ReadOptions.DEFAULT))
                .hasMessageContaining("the file is cut short");
        Path hdf5 = Files.write(
                folder.resolve("h.nc"), new byte[] {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n', 0, 0});
        assertThatThrownBy(() -> ArrayFiles.open(hdf5, ReadOptions.DEFAULT))
                .hasMessageContaining("found an HDF5 file, expected a NetCDF classic file")
                .hasMessageContaining("nccopy -k classic");
    }

    @Test
    void theCoadsClimatologyIsReadAsNcdumpPrintsIt() throws Exception {
        Path coads = Path.of("../examples/data/coads_climatology.nc");
        try (StoredFile stored = ArrayFiles.open(coads, ReadOptions.DEFAULT);
                StoredArray sst = stored.open("SST");
                StoredArray time = stored.open("TIME");
                StoredArray x = stored.open("COADSX")) {
            assertThat(stored.variables())
                    .extracting(Variable::name)
                    .containsExactly("COADSX", "COADSY", "TIME", "SST", "AIRT", "SPEH", "WSPD", "UWND", "VWND", "SLP");
            assertThat(sst.type()).isEqualTo(type(DType.F32, 12, 90, 180));
            assertThat(sst.dimensions()).containsExactly("TIME", "COADSY", "COADSX");
            assertThat(values(x, 1)[179]).isEqualTo(379);
            assertThat(values(time, 1))
                    .startsWith(366, 1096.4850000000001, 1826.97)
                    .hasSize(12);
            double[] values = values(sst, 1);
            assertThat(Arrays.stream(values).filter(Double::isNaN).count()).isEqualTo(COADS_MISSING);
            assertThat(Arrays.stream(values).filter(v -> !Double.isNaN(v)).reduce(0, Double::sum))
                    .isEqualTo(COADS_SUM);
        }
    }

    /** Counted and summed in order, in float64, from what ncdump -p 9 prints. */
    private static final long COADS_MISSING = 89622;

    private static final double COADS_SUM = 1895993.7036208466;
}
