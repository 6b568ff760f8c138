package org.imbrex.runtime.tune;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.imbrex.kernels.matmul.ProductBlocks;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.Tuning;
import org.imbrex.runtime.device.Tunings;
import org.imbrex.runtime.host.VectorBackend;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TuningFilesTest {
    private static final DeviceInfo DEVICE = device("opencl:0", "A GPU", 1 << 30);
    private static final Tuning TUNING =
            new Tuning(1 << 20, 8 << 20, 3, new ProductBlocks(4, 2, 128 << 10, 1 << 20), true);

    @TempDir
    private Path folder;

    private TuningFiles files;

    private static DeviceInfo device(String id, String name, long memory) {
        return new DeviceInfo(id, "opencl", name, "OpenCL 3", false, 4, memory, 1 << 28, 1 << 20, true, true);
    }

    @BeforeEach
    void open() {
        files = new TuningFiles(Optional.of(folder.resolve("tuning")));
    }

    @Test
    void whatIsStoredIsFoundWhateverTheDevicesNumberAndFreeMemory() throws IOException {
        assertThat(files.of(DEVICE)).isEqualTo(new Tunings.Found(Optional.empty(), java.util.List.of()));
        Path file = files.store(DEVICE, TUNING);
        assertThat(file).isRegularFile();
        assertThat(files.of(device("opencl:1", "A GPU", 1 << 29)).tuning()).contains(TUNING);
        assertThat(files.of(device("opencl:0", "Another GPU", 1 << 30)).tuning()).isEmpty();
        try (var all = Files.list(folder.resolve("tuning"))) {
            assertThat(all).containsExactly(file);
        }
    }

    @Test
    void anyCutOffOrChangedFileIsPassedOverWithOneLineThatNamesIt() throws IOException {
        Path file = files.store(DEVICE, TUNING);
        String whole = Files.readString(file);
        for (int length = 0; length < whole.length() - 1; length++) {
            Files.writeString(file, whole.substring(0, length));
            refused(file);
        }
        for (String other : new String[] {
            whole.replace("tuning 1", "tuning 2"), whole.replace("A GPU", "B GPU"), whole.replace("depth 3", "depth 0"),
            whole.replace("depth 3", "depth 3\ndepth 3"), whole.replace("depth 3", "depth three"),
            whole.replace("depth 3\n", ""), whole.replace("depth", "length"),
            whole.replace("tile_bytes 1048576", "tile_bytes 999999999999999999"),
            whole.replace("product_rows 4", "product_rows 4294967300"), whole.replace("product_rows 4", "product_rows 99"),
            whole + "more\n", "\0\0\0", "x".repeat(1 << 20)
        }) {
            assertThat(other).isNotEqualTo(whole);
            Files.writeString(file, other);
            refused(file);
        }
        Files.writeString(file, whole);
        assertThat(files.of(DEVICE).tuning()).contains(TUNING);
    }

    private void refused(Path file) {
        Tunings.Found found = files.of(DEVICE);
        assertThat(found.tuning()).isEmpty();
        assertThat(found.notes()).singleElement().asString().contains(file.toString(), "--tune").startsWith("opencl:0: ");
        assertThat(found.notes().getFirst().lines()).hasSize(1);
    }

    @Test
    void aDeviceGoesByWhatWasStoredAndTellsOfWhatIsBroken() throws IOException {
        DeviceInfo vector = new VectorBackend(2).discover().devices().getFirst().info();
        Path file = files.store(vector, TUNING);
        var tuned = new VectorBackend(2, files).discover();
        assertThat(tuned.devices().getFirst().tuning()).isEqualTo(TUNING);
        assertThat(tuned.devices().getFirst().tileBytes()).isEqualTo(1 << 20);
        assertThat(tuned.devices().getFirst().streamBytes()).isEqualTo(8 << 20);
        assertThat(tuned.devices().getFirst().depth()).isEqualTo(3);
        Files.writeString(file, "nothing");
        var broken = new VectorBackend(2, files).discover();
        assertThat(broken.devices().getFirst().tuning().measured()).isFalse();
        assertThat(broken.notes()).hasSize(1);
        assertThat(broken.devices().getFirst().notes()).containsAll(broken.notes());
    }

    @Test
    void withoutAFolderNothingIsFoundAndStoringSaysWhy() {
        TuningFiles none = new TuningFiles(Optional.empty());
        assertThat(none.of(DEVICE).tuning()).isEmpty();
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> none.store(DEVICE, TUNING))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("XDG_CACHE_HOME");
    }
}
