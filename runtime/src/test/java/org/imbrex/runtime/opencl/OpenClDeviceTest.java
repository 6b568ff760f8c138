package org.imbrex.runtime.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.Stages;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.DeviceException.Kind;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.memory.Span;
import org.jocl.CL;
import org.jocl.CLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenClDeviceTest {
    private static final int ROWS = 64;
    private static final Program MEANS = Stages.blockMeans(ROWS, 8, 3);

    private static Tile whole(Stage stage) {
        return new Tile(0, new long[stage.domain().length], stage.domain(), 0, stage.leaves());
    }

    /** Block means of 0, 1, 2, …, from memory that starts {@code skew} bytes from where a double would. */
    private static void run(TileKernel kernel, Arena arena, int skew) {
        MemorySegment x = arena.allocate(ROWS * 3 * 8 + skew, 64).asSlice(skew);
        MemorySegment y = arena.allocate(ROWS / 8 * 3 * 8 + skew, 64).asSlice(skew);
        for (int i = 0; i < ROWS * 3; i++) {
            x.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, i * 8L, i);
        }
        kernel.run(whole(MEANS.stages().getFirst()), List.of(new Span(x, 0)), List.of(new Span(y, 0)));
        for (int block = 0; block < ROWS / 8; block++) {
            for (int col = 0; col < 3; col++) {
                assertThat(y.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, (block * 3 + col) * 8L))
                        .isEqualTo(block * 24 + col + 10.5);
            }
        }
    }

    @Test
    void memoryMayLieAnywhere() {
        for (boolean inPlace : new boolean[] {true, false}) {
            try (OpenClFixture f = new OpenClFixture(o -> o.withInPlace(inPlace)); Arena arena = Arena.ofShared()) {
                TileKernel kernel = f.device.kernel(MEANS, 0);
                for (int skew : new int[] {0, 8, 3, 4}) {
                    run(kernel, arena, skew);
                }
            }
        }
    }

    @Test
    void workersMayRunAtOnce() {
        try (OpenClFixture f = new OpenClFixture(o -> o)) {
            TileKernel kernel = f.device.kernel(MEANS, 0);
            CompletableFuture<?>[] all = new CompletableFuture<?>[4];
            for (int worker = 0; worker < all.length; worker++) {
                all[worker] = CompletableFuture.runAsync(() -> {
                    try (Arena arena = Arena.ofShared()) {
                        for (int k = 0; k < 50; k++) {
                            run(kernel, arena, 0);
                        }
                    }
                });
            }
            CompletableFuture.allOf(all).join();
        }
    }

    // ---- faults

    private static Calls.Before failing(Calls.Kind kind, int code, AtomicInteger times) {
        return call -> {
            if (call == kind && times.getAndDecrement() > 0) {
                throw new CLException(CL.stringFor_errorCode(code), code);
            }
        };
    }

    @Test
    void faultsAreToldAsTheSchedulerNeedsThemAndPass() {
        record Fault(Calls.Kind call, int code, Kind told) {}
        List<Fault> faults = List.of(
                new Fault(Calls.Kind.LAUNCH, CL.CL_OUT_OF_RESOURCES, Kind.OUT_OF_MEMORY),
                new Fault(Calls.Kind.LAUNCH, CL.CL_INVALID_WORK_GROUP_SIZE, Kind.FAILED),
                new Fault(Calls.Kind.ALLOCATE, CL.CL_MEM_OBJECT_ALLOCATION_FAILURE, Kind.OUT_OF_MEMORY),
                new Fault(Calls.Kind.UPLOAD, CL.CL_OUT_OF_HOST_MEMORY, Kind.OUT_OF_MEMORY),
                new Fault(Calls.Kind.DOWNLOAD, CL.CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST, Kind.FAILED),
                new Fault(Calls.Kind.DOWNLOAD, CL.CL_DEVICE_NOT_AVAILABLE, Kind.LOST));
        for (Fault fault : faults) {
            AtomicInteger times = new AtomicInteger();
            try (OpenClFixture f = new OpenClFixture(
                            o -> o.withInPlace(false).withBefore(failing(fault.call, fault.code, times)));
                    Arena arena = Arena.ofShared()) {
                TileKernel kernel = f.device.kernel(MEANS, 0);
                run(kernel, arena, 0);
                f.device.open().memory().trim();
                times.set(2);
                DeviceException told =
                        catchThrowableOfType(DeviceException.class, () -> run(kernel, arena, 0));
                assertThat(told.kind()).as("%s", fault).isEqualTo(fault.told);
                assertThat(told).hasMessageContaining(CL.stringFor_errorCode(fault.code)).hasMessageContaining("opencl:");
                times.set(0);
                run(kernel, arena, 0);
            }
        }
    }

    @Test
    void aKernelThatDoesNotBuildKeepsItsSourceAndTellsWhere() throws IOException {
        AtomicInteger times = new AtomicInteger();
        int refused = CL.CL_BUILD_PROGRAM_FAILURE;
        // the first call makes the program, the second builds it
        Calls.Before second = call -> {
            if (call == Calls.Kind.BUILD && times.incrementAndGet() == 2) {
                throw new CLException("refused", refused);
            }
        };
        try (OpenClFixture f = new OpenClFixture(o -> o.withBefore(second)); Arena arena = Arena.ofShared()) {
            DeviceException told = catchThrowableOfType(DeviceException.class, () -> f.device.kernel(MEANS, 0));
            assertThat(told.kind()).isEqualTo(Kind.UNSUPPORTED);
            assertThat(told).hasMessageContaining("CL_BUILD_PROGRAM_FAILURE");
            Path kept = Path.of(told.getMessage().replaceFirst(".* are in ", ""));
            assertThat(Files.readString(kept)).contains("__kernel void whole(");
            Files.delete(kept);
            run(f.device.kernel(MEANS, 0), arena, 0); // built now
        }
    }

    @Test
    void aClosedDeviceIsLost() {
        try (OpenClFixture f = new OpenClFixture(o -> o); Arena arena = Arena.ofShared()) {
            TileKernel kernel = f.device.kernel(MEANS, 0);
            f.device.close();
            DeviceException told = catchThrowableOfType(DeviceException.class, () -> run(kernel, arena, 0));
            assertThat(told.kind()).isEqualTo(Kind.LOST);
        }
    }

    @Test
    void aTileTooLargeForABufferIsToldSoThatItIsSplit() {
        try (OpenClFixture f = new OpenClFixture(o -> o); Arena arena = Arena.ofShared()) {
            long rows = 4L << 30; // never read: the range is checked first
            Program program = Stages.blockMeans(rows, 8, 3);
            TileKernel kernel = f.device.kernel(program, 0);
            List<Span> one = List.of(new Span(arena.allocate(8), 0));
            DeviceException told = catchThrowableOfType(
                    DeviceException.class, () -> kernel.run(whole(program.stages().getFirst()), one, one));
            assertThat(told.kind()).isEqualTo(Kind.OUT_OF_MEMORY);
        }
    }

    // ---- programs on disk

    @Test
    void programsOnDiskAreUsedAndBadOnesAreBuiltAgain(@TempDir Path folder) throws IOException {
        Optional<Path> cache = Optional.of(folder.resolve("programs"));
        for (int round = 0; round < 5; round++) {
            try (OpenClFixture f = new OpenClFixture(o -> o.withCache(cache)); Arena arena = Arena.ofShared()) {
                run(f.device.kernel(MEANS, 0), arena, 0);
                BinaryCache used = f.device.cache();
                assertThat(used.hits()).as("round %d", round).isEqualTo(round == 1 || round == 3 ? 1 : 0);
                assertThat(used.rejected()).as("round %d", round).isEqualTo(round == 2 || round == 4 ? 1 : 0);
                assertThat(used.unwritable()).isZero();
            }
            try (Stream<Path> files = Files.list(cache.get())) {
                List<Path> all = files.toList();
                assertThat(all).hasSize(1);
                if (round == 1) { // a bit flips
                    byte[] bytes = Files.readAllBytes(all.getFirst());
                    bytes[bytes.length / 2] ^= 1;
                    Files.write(all.getFirst(), bytes);
                } else if (round == 3) { // it ends early
                    Files.write(all.getFirst(), new byte[7]);
                }
            }
        }
    }

    @Test
    void aFolderThatCannotBeWrittenIsNoError(@TempDir Path folder) throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        try (OpenClFixture f = new OpenClFixture(o -> o.withCache(Optional.of(file.resolve("below"))));
                Arena arena = Arena.ofShared()) {
            run(f.device.kernel(MEANS, 0), arena, 0);
            assertThat(f.device.cache().unwritable()).isPositive();
        }
    }

    // ---- discovery

    @Test
    void theTemporaryFolderIsAsBeforeAndHoldsNoLibrary() throws IOException {
        String before = System.getProperty("java.io.tmpdir");
        try (OpenClFixture f = new OpenClFixture(o -> o)) {
            assertThat(System.getProperty("java.io.tmpdir")).isEqualTo(before);
            assertThat(f.device.info().id()).startsWith("opencl:");
            assertThat(f.device.workers()).isEqualTo(f.device.info().hostCpu() ? 1 : 2);
        }
    }
}
