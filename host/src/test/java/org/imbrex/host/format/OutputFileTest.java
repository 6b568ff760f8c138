package org.imbrex.host.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.memory.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFileTest {
    private static final ArrayType TYPE = new ArrayType(DType.F64, Shape.of(1000));
    private static final long[] BITS = new Random(1).longs(1000, 0, 1000).toArray();

    @TempDir
    Path folder;

    private static void fill(OutputFile output) {
        Contents.write(output.sink(), DType.F64, BITS, new Random(2));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aFileAppearsOnlyOnCommit() throws Exception {
        for (String name : new String[] {"a.npy", "a.npz", "a.csv", "a.raw"}) {
            Path file = folder.resolve(name);
            try (OutputFile output = ArrayFiles.create(file, TYPE)) {
                fill(output);
                assertThat(Files.exists(file)).isFalse();
                assertThat(names()).hasSize(1).allMatch(n -> n.startsWith("." + name) && n.endsWith(".partial"));
                output.commit();
                assertThat(names()).containsExactly(name);
            }
            assertThat(names()).containsExactly(name);
            Files.delete(file);
        }
    }

    @Test
    void closedWithoutCommitNothingIsLeftAndTheOldFileStays() throws Exception {
        Path file = Files.writeString(folder.resolve("a.npy"), "old");
        try (OutputFile output = ArrayFiles.create(file, TYPE)) {
            fill(output);
        }
        assertThat(names()).containsExactly("a.npy");
        assertThat(Files.readString(file)).isEqualTo("old");
    }

    @Test
    void missingElementsAreNotCommitted() throws Exception {
        for (String name : new String[] {"a.npy", "a.npz", "a.csv"}) {
            try (OutputFile output = ArrayFiles.create(folder.resolve(name), TYPE);
                    Arena arena = Arena.ofConfined()) {
                MemorySegment some = arena.allocate(8 * 400);
                ((Sink.Chunked) output.sink()).write(0, 400, some);
                assertThatThrownBy(output::commit)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("element 400 of 1000 was not written");
            }
            assertThat(names()).isEmpty();
        }
    }

    @Test
    void anInputThatIsMappedMayBeOverwritten() throws Exception {
        Path file = folder.resolve("a.npy");
        try (OutputFile output = ArrayFiles.create(file, TYPE)) {
            fill(output);
            output.commit();
        }
        try (StoredArray input = ArrayFiles.open(file, "", ReadOptions.DEFAULT)) {
            try (OutputFile output = ArrayFiles.create(file, new ArrayType(DType.F64, Shape.of(1)))) {
                Contents.write(output.sink(), DType.F64, new long[] {7}, new Random(1));
                output.commit();
            }
            assertThat(input.source()).isInstanceOf(Source.Resident.class);
            assertThat(Contents.bits(input, new Random(1))).isEqualTo(BITS);
        }
        try (StoredArray now = ArrayFiles.open(file, "", ReadOptions.DEFAULT)) {
            assertThat(now.type().shape()).isEqualTo(Shape.of(1));
        }
    }

    @Test
    void linksAndPermissionsOfAReplacedFileAreKept() throws Exception {
        Path file = Files.writeString(folder.resolve("a.npy"), "old");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        Path link = Files.createSymbolicLink(folder.resolve("link.npy"), file.getFileName());
        try (OutputFile output = ArrayFiles.create(link, TYPE)) {
            fill(output);
            output.commit();
        }
        assertThat(link).isSymbolicLink();
        assertThat(Files.size(file)).isEqualTo(128 + 8000);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r-----");
    }

    @Test
    void placesThatCannotBeWrittenAreToldBeforeAnythingRuns() throws Exception {
        Path missing = folder.resolve("no/such/a.npy");
        assertThatThrownBy(() -> ArrayFiles.create(missing, TYPE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the directory " + missing.getParent() + " does not exist; create it first");
        assertThatThrownBy(() -> ArrayFiles.create(folder, TYPE)).hasMessageContaining("found a directory");
        Path plain = Files.writeString(folder.resolve("plain"), "x");
        assertThatThrownBy(() -> ArrayFiles.create(plain.resolve("a.npy"), TYPE))
                .hasMessageContaining("is not a directory");
        ArrayType huge = new ArrayType(DType.F64, Shape.of(1L << 56));
        assertThatThrownBy(() -> ArrayFiles.create(folder.resolve("a.npy"), huge))
                .hasMessageContaining("has room for");
        assertThatThrownBy(() -> ArrayFiles.create(folder.resolve("a.nc"), TYPE))
                .hasMessageContaining("NetCDF is read, not written");
        assertThat(names()).containsExactly("plain");
        if (!"root".equals(System.getProperty("user.name"))) {
            Path locked = Files.createDirectory(folder.resolve("locked"));
            Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-xr-xr-x"));
            assertThatThrownBy(() -> ArrayFiles.create(locked.resolve("a.npy"), TYPE))
                    .hasMessageContaining("is not writable");
        }
    }

    @Test
    void aFullDeviceIsAnErrorThatNamesIt() throws Exception {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full));
        assertThatThrownBy(() -> ArrayFiles.create(full, TYPE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/dev/full: No space left on device");
        WriteOptions csv = WriteOptions.of(FileFormat.CSV);
        try (OutputFile output = ArrayFiles.create(full, TYPE, csv)) {
            fill(output);
            assertThatThrownBy(output::commit).hasMessageContaining("/dev/full: No space left on device");
        }
        ArrayType large = new ArrayType(DType.F64, Shape.of(400_000));
        try (OutputFile output = ArrayFiles.create(full, large, csv)) {
            assertThatThrownBy(() -> Contents.write(output.sink(), DType.F64, new long[400_000], new Random(1)))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("/dev/full");
        }
        assertThat(Files.exists(full)).isTrue();
    }

    @Test
    void aPipeIsWrittenInOrder() throws Exception {
        Path pipe = folder.resolve("pipe");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
        Path copy = folder.resolve("copy.npy");
        Process reader = new ProcessBuilder("cat", pipe.toString())
                .redirectOutput(copy.toFile())
                .start();
        try (OutputFile output = ArrayFiles.create(pipe, TYPE)) {
            assertThat(((Sink.Chunked) output.sink()).ordered()).isTrue();
            fill(output);
            output.commit();
        }
        assertThat(reader.waitFor(20, TimeUnit.SECONDS)).isTrue();
        try (StoredArray array = ArrayFiles.open(copy, "", ReadOptions.DEFAULT)) {
            assertThat(Contents.bits(array, new Random(1))).isEqualTo(BITS);
        }
        SequencedMap<String, ArrayType> arrays = new LinkedHashMap<>();
        arrays.put("a", TYPE);
        Path nothing = Path.of("/dev/null");
        assertThatThrownBy(() -> ArrayFiles.create(nothing, arrays, WriteOptions.of(FileFormat.NPZ)))
                .hasMessageContaining("NPZ is not written in order");
    }

    /** Writes half an array and waits to be ended. */
    public static final class HalfWritten {
        public static void main(String[] args) throws Exception {
            OutputFile output = ArrayFiles.create(Path.of(args[0]), TYPE);
            try (Arena arena = Arena.ofConfined()) {
                ((Sink.Chunked) output.sink()).write(0, 500, arena.allocate(4000));
            }
            System.out.println("half");
            Thread.sleep(60_000);
        }
    }

    @Test
    void aSignalLeavesNothingBehind() throws Exception {
        Path file = folder.resolve("a.npy");
        String path = System.getProperty("jdk.module.path", "")
                + java.io.File.pathSeparator
                + System.getProperty("java.class.path")
                + java.io.File.pathSeparator
                + Path.of(HalfWritten.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI());
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xshare:auto",
                        "-cp",
                        path,
                        HalfWritten.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(process.inputReader().readLine()).isEqualTo("half");
        assertThat(names()).hasSize(1);
        process.destroy();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(names()).isEmpty();
    }
}
