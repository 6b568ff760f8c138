package org.imbrex.host.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.imbrex.host.node.NodeException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal that was cut or damaged anywhere gives the records before that place, and goes on from there. */
class JournalTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", System.nanoTime());

    @TempDir
    private Path folder;

    private final List<byte[]> written = new ArrayList<>();
    private byte[] whole;

    @BeforeEach
    void write() throws IOException {
        Random random = new Random(SEED);
        Path file = folder.resolve("whole");
        try (Journal journal = Journal.open(file, record -> {})) {
            for (int k = 0; k < 7; k++) {
                byte[] record = new byte[random.nextInt(30)];
                random.nextBytes(record);
                written.add(record);
                journal.append(List.of(record));
            }
        }
        whole = Files.readAllBytes(file);
    }

    private Path file(byte[] bytes) throws IOException {
        Path file = folder.resolve("part");
        Files.write(file, bytes);
        return file;
    }

    private static List<byte[]> read(Path file) throws IOException {
        List<byte[]> records = new ArrayList<>();
        Journal.open(file, records::add).close();
        return records;
    }

    private void isPrefix(List<byte[]> found, int expected, String where) {
        assertThat(found).as(where + ", seed " + SEED).hasSize(expected);
        for (int k = 0; k < expected; k++) {
            assertThat(found.get(k)).isEqualTo(written.get(k));
        }
    }

    /** How many records end within so many bytes. */
    private int within(int bytes) {
        int at = Journal.HEADER;
        int count = 0;
        for (byte[] record : written) {
            at += Journal.RECORD_HEADER + record.length;
            count += at <= bytes ? 1 : 0;
        }
        return count;
    }

    @Test
    void cutAtAnyByteItEndsWithTheLastWholeRecord() throws IOException {
        byte[] more = {1, 2, 3};
        for (int length = 0; length <= whole.length; length++) {
            Path file = file(Arrays.copyOf(whole, length));
            int expected = within(length);
            isPrefix(read(file), expected, "cut at " + length);
            try (Journal journal = Journal.open(file, record -> {})) {
                assertThat(journal.cutBytes()).isZero(); // it was cut when it was opened before
                journal.append(List.of(more, more));
            }
            List<byte[]> found = read(file);
            isPrefix(found.subList(0, expected), expected, "cut at " + length);
            assertThat(found).hasSize(expected + 2);
            assertThat(found.getLast()).isEqualTo(more);
        }
    }

    @Test
    void aFlippedBitEndsItBeforeTheRecordThatHasIt() throws IOException {
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            Path file = file(flipped);
            if (bit / 8 < Journal.HEADER) {
                assertThatThrownBy(() -> read(file)).isInstanceOf(NodeException.class);
                assertThat(Files.readAllBytes(file)).isEqualTo(flipped);
            } else {
                isPrefix(read(file), within(bit / 8), "bit " + bit);
            }
        }
    }

    @Test
    void anotherVersionIsLeftAloneAndToldWhatToDo() throws IOException {
        byte[] later = whole.clone();
        later[4]++;
        Path file = file(later);
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining("journal of version 2, expected 1")
                .hasMessageContaining("submit the job again");
        assertThat(Files.readAllBytes(file)).isEqualTo(later);
    }
}
