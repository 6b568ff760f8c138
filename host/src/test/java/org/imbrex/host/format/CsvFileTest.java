package org.imbrex.host.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.memory.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvFileTest {
    private static final double NAN = Double.NaN;

    @TempDir
    Path folder;

    private Path file(String text) throws Exception {
        return Files.writeString(folder.resolve("t.csv"), text);
    }

    private void reads(String text, String variable, Shape shape, double... expected) throws Exception {
        Path file = file(text);
        for (long memory : new long[] {0, 1 << 20}) {
            try (StoredArray array =
                    ArrayFiles.open(file, variable, new ReadOptions(new ReadOptions.Layout.Told(), memory))) {
                assertThat(array.type()).as(text).isEqualTo(new ArrayType(DType.F64, shape));
                double[] found = Arrays.stream(Contents.bits(array, new Random(1)))
                        .mapToDouble(Double::longBitsToDouble)
                        .toArray();
                assertThat(found).isEqualTo(expected);
            }
        }
    }

    private void refuses(String text, String variable, String message) throws Exception {
        Path file = file(text);
        assertThatThrownBy(() ->
                        ArrayFiles.open(file, variable, ReadOptions.DEFAULT).close())
                .isInstanceOf(FormatException.class)
                .hasMessage(file + message);
    }

    @Test
    void numericColumnsAreAMatrixAndTextIsLeftOut() throws Exception {
        String text = "date,rain,wind,weather\n2012-01-01,0.0,4.7,drizzle\n2012-01-02,10.9,4.5,rain\n";
        reads(text, "", Shape.of(2, 2), 0.0, 4.7, 10.9, 4.5);
        reads(text, "wind", Shape.of(2), 4.7, 4.5);
        reads(text, "wind,rain", Shape.of(2, 2), 4.7, 0.0, 4.5, 10.9);
        refuses(text, "date", ": column date: found text, expected numbers; choose other columns");
        refuses(text, "snow", ": found no array 'snow', expected one of: date, rain, wind, weather");
    }

    @Test
    void headersAreFoundWhereNamesStandAboveNumbers() throws Exception {
        reads("1,2\n3,4\n", "", Shape.of(2, 2), 1, 2, 3, 4);
        reads("1,2\n3,4\n", "1", Shape.of(2), 2, 4);
        reads("a,b\n3,4\n", "b", Shape.of(1), 4);
        reads("year,2010\n1,5\n", "2010", Shape.of(1), 5);
        reads("x,1.5\ny,2.5\n", "1", Shape.of(2), 1.5, 2.5);
        reads("NA,1\n2,3\n", "0", Shape.of(2), NAN, 2);
        reads(",a\n0,5\n", "0", Shape.of(1), 0);
        reads("a,a,a\n1,2,3\n", "a.2", Shape.of(1), 3);
        reads("a,b\n", "", Shape.of(0, 2));
        reads("7\n", "", Shape.of(1, 1), 7);
    }

    @Test
    void delimitersLineEndsMarksAndBlanksAreAnyOfTheUsual() throws Exception {
        reads("a;b\r\n1;2\r\n3;4\r\n", "", Shape.of(2, 2), 1, 2, 3, 4);
        reads("a\tb\r1\t2\r", "", Shape.of(1, 2), 1, 2);
        reads("\uFEFFa,b\n 1 ,\t2\n\n3,4", "a", Shape.of(2), 1, 3);
        reads("a;b\n\"1\";\"2\"\n", "", Shape.of(1, 2), 1, 2);
        refuses("1,5;2,5\n3,5;4,5\n", "", ": found no column of numbers among 2, expected one or more");
    }

    @Test
    void quotedCellsHoldDelimitersQuotesAndLineEnds() throws Exception {
        String text = "\"a,1\",\"b\"\"x\",c\n1,\"x\ny, \"\"z\"\"\",3\n4,5 inch\" and \"more,6\n";
        reads(text, "a,1", Shape.of(2), 1, 4);
        reads(text, "", Shape.of(2, 2), 1, 3, 4, 6);
        refuses(
                "a,b\n1,\"2\n3,4\n",
                "",
                ", line 2: found the end of the file, expected the end of the record that starts here;"
                        + " is a quote not closed?");
    }

    @Test
    void missingCellsAreNaN() throws Exception {
        reads(
                "a,b\n1,\nNA,2\nnan,null\nN/A,<NA>\n,5\n",
                "",
                Shape.of(5, 2),
                1,
                NAN,
                NAN,
                2,
                NAN,
                NAN,
                NAN,
                NAN,
                NAN,
                5);
        reads(
                "a\ninf\n-Infinity\n+inf\n-0.0\n",
                "a",
                Shape.of(4),
                Double.POSITIVE_INFINITY,
                Double.NEGATIVE_INFINITY,
                Double.POSITIVE_INFINITY,
                -0.0);
    }

    @Test
    void whatIsNoNumberIsToldWithItsPlace() throws Exception {
        refuses(
                "a,b\n1,2\n\n3,4x\n5,6\n",
                "",
                ", line 4: column b: found '4x', expected a number; correct it, leave it empty, or choose"
                        + " other columns");
        refuses(
                "a,b\n1,2\n3,1_0\n",
                "b",
                ", line 3: column b: found '1_0', expected a number; correct it, leave it empty, or choose other"
                        + " columns");
        reads("a,b\n1,2\n3,4x\n", "a", Shape.of(2), 1, 3);
        refuses("a,b\n1,2\n3\n", "", ", line 3: found 1 cells, expected 2 as in the first line");
        refuses("a,b\n1,2\n3,4,5\n", "", ", line 3: found 3 cells, expected 2 as in the first line");
        refuses("a,b\n1,2\n3,4,\n", "a", ", line 3: found 3 cells, expected 2 as in the first line");
        refuses("a,b\nx,y\n", "", ": found no column of numbers among 2, expected one or more");
        refuses("\n\n", "", ": found only blank lines, expected a table");
    }

    @Test
    void aColumnThatTurnsToTextFarBehindTheSampleIsTold() throws Exception {
        StringBuilder text = new StringBuilder("a,b\n");
        for (int i = 0; i < 5000; i++) {
            text.append(i).append(i < 4000 ? ",\n" : ",z\n");
        }
        Path file = file(text.toString());
        try (StoredFile stored = ArrayFiles.open(file, ReadOptions.DEFAULT)) {
            assertThat(stored.variables().get(1).type()).isEmpty();
            try (StoredArray array = stored.open()) {
                assertThat(array.type().shape()).isEqualTo(Shape.of(5000, 1));
            }
        }
        refuses(
                text.append("1,5\n").toString(),
                "",
                ", line 4002: column b: found 'z', expected a number; correct it, leave it empty, or"
                        + " choose other columns");
    }

    @Test
    void linesLongerThanTheBufferAreReadAndEndlessOnesRefused() throws Exception {
        String wide = "1,".repeat(60_000) + "2\n";
        Path file = file(wide + wide);
        try (StoredArray array = ArrayFiles.open(file, "", ReadOptions.DEFAULT)) {
            assertThat(array.type().shape()).isEqualTo(Shape.of(2, 60_001));
        }
        Path endless = Files.writeString(folder.resolve("e.csv"), "a,b\n\"" + "x".repeat(17 << 20));
        assertThatThrownBy(() -> ArrayFiles.open(endless, ReadOptions.DEFAULT))
                .hasMessageContaining("line 2: found a line of more than");
    }

    @Test
    void aTableBeyondTheMemoryIsParsedAgainWithTheSameValues() throws Exception {
        Random random = new Random(5);
        StringBuilder text = new StringBuilder("a,t,b,c\r\n");
        double[] expected = new double[60_000];
        for (int row = 0; row < 20_000; row++) {
            for (int j = 0; j < 3; j++) {
                expected[3 * row + j] = random.nextInt(9) == 0 ? NAN : random.nextGaussian();
            }
            text.append(cell(expected[3 * row])).append(row % 7 == 0 ? ",\"x\r\n,\"," : ",x,");
            text.append(cell(expected[3 * row + 1]))
                    .append(',')
                    .append(cell(expected[3 * row + 2]))
                    .append("\r\n");
        }
        reads(text.toString(), "", Shape.of(20_000, 3), expected);
        try (StoredFile stored =
                ArrayFiles.open(file(text.toString()), new ReadOptions(new ReadOptions.Layout.Told(), 1000))) {
            try (StoredArray array = stored.open()) {
                // 20,000 rows take 480,000 bytes, less than one block, so they stay; ten times as many do not.
                assertThat(array.source()).isInstanceOf(Source.Resident.class);
            }
        }
        String[] lines = text.toString().split("\r\n", 2);
        Path large = Files.writeString(folder.resolve("l.csv"), lines[0] + "\r\n" + lines[1].repeat(10));
        try (StoredArray array = ArrayFiles.open(large, "b,a", new ReadOptions(new ReadOptions.Layout.Told(), 1000));
                Arena arena = Arena.ofConfined()) {
            Source.Chunked source = (Source.Chunked) array.source();
            MemorySegment memory = arena.allocate(1000 * 8);
            for (int i = 0; i < 200; i++) {
                long first = random.nextInt(400_000 - 1000);
                source.read(first, 1000, memory);
                for (int k = 0; k < 1000; k++) {
                    int row = (int) ((first + k) / 2 % 20_000);
                    double value = expected[3 * row + ((first + k) % 2 == 0 ? 1 : 0)];
                    assertThat(memory.getAtIndex(ValueLayout.JAVA_LONG, k)).isEqualTo(Double.doubleToLongBits(value));
                }
            }
        }
    }

    private static String cell(double value) {
        return Double.isNaN(value) ? "" : Double.toString(value);
    }

    @Test
    void seattlesWeatherIsReadAsItIs() throws Exception {
        Path file = Path.of("../examples/data/seattle-weather.csv");
        try (StoredFile stored = ArrayFiles.open(file, ReadOptions.DEFAULT);
                StoredArray array = stored.open()) {
            assertThat(stored.variables())
                    .extracting(Variable::name)
                    .containsExactly("date", "precipitation", "temp_max", "temp_min", "wind", "weather");
            assertThat(stored.variables().getFirst().type()).isEqualTo(Optional.empty());
            assertThat(array.type().shape()).isEqualTo(Shape.of(1461, 4));
            List<String> lines = Files.readAllLines(file);
            long[] bits = Contents.bits(array, new Random(1));
            for (int row = 0; row < 1461; row++) {
                String[] cells = lines.get(row + 1).split(",");
                for (int j = 0; j < 4; j++) {
                    assertThat(Double.longBitsToDouble(bits[4 * row + j])).isEqualTo(Double.parseDouble(cells[j + 1]));
                }
            }
        }
    }

    @Test
    void resultsAreWrittenAsOthersReadThem() throws Exception {
        Path file = folder.resolve("w.csv");
        ArrayType type = new ArrayType(DType.F64, Shape.of(2, 3));
        try (OutputFile output =
                ArrayFiles.create(file, type, new WriteOptions(FileFormat.CSV, List.of("a", "b,c", "d\"")))) {
            double[] values = {1, 0.1, -1e-5, NAN, Double.NEGATIVE_INFINITY, 1e22};
            long[] bits =
                    Arrays.stream(values).mapToLong(Double::doubleToLongBits).toArray();
            Contents.write(output.sink(), DType.F64, bits, new Random(1));
            output.commit();
        }
        assertThat(Files.readString(file, StandardCharsets.UTF_8))
                .isEqualTo("a,\"b,c\",\"d\"\"\"\n1.0,0.1,-1.0e-5\nNaN,-inf,1.0e22\n");
        ArrayType cube = new ArrayType(DType.F64, Shape.of(2, 3, 4));
        assertThatThrownBy(() -> ArrayFiles.create(file, cube))
                .hasMessageContaining("expected at most two axes for CSV");
        assertThatThrownBy(() -> ArrayFiles.create(file, type, new WriteOptions(FileFormat.CSV, List.of("a"))))
                .hasMessageContaining("found 1 column names, expected 3");
    }
}
