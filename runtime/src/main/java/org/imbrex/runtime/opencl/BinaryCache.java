package org.imbrex.runtime.opencl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.imbrex.runtime.host.CacheFolder;

/**
 * Compiled programs on disk, one file each: the SHA-256 of the rest, then the binary. Files are written beside and
 * renamed, so processes may share the folder. What cannot be read, or fails its checksum, is as if it were not there;
 * where the folder cannot be written, nothing is kept.
 */
final class BinaryCache {
    private static final int CHECKSUM = 32;
    private static final int MOST_FILES = 1024;

    private final Optional<Path> folder;
    private final AtomicLong hits = new AtomicLong();
    private final AtomicLong rejected = new AtomicLong();
    private final AtomicLong unwritable = new AtomicLong();

    BinaryCache(Optional<Path> folder) {
        this.folder = folder;
    }

    /** {@code imbrex/opencl} in the user's cache folder. */
    static Optional<Path> folder() {
        return CacheFolder.of("opencl");
    }

    boolean isOn() {
        return folder.isPresent();
    }

    /** The name of what a source becomes on a device with options; anything that differs makes another. */
    static String key(List<String> parts) {
        MessageDigest digest = sha256();
        for (String part : parts) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    Optional<byte[]> find(String key) {
        if (folder.isEmpty()) {
            return Optional.empty();
        }
        Path file = file(key);
        try {
            if (!Files.isRegularFile(file)) {
                return Optional.empty();
            }
            byte[] all = Files.readAllBytes(file);
            byte[] binary = Arrays.copyOfRange(all, Math.min(CHECKSUM, all.length), all.length);
            byte[] expected = Arrays.copyOf(all, Math.min(CHECKSUM, all.length));
            if (binary.length == 0 || !MessageDigest.isEqual(sha256().digest(binary), expected)) {
                reject(key);
                return Optional.empty();
            }
            hits.incrementAndGet();
            return Optional.of(binary);
        } catch (IOException e) {
            rejected.incrementAndGet();
            return Optional.empty();
        }
    }

    /** Takes away what turned out to be unusable. */
    void reject(String key) {
        rejected.incrementAndGet();
        try {
            Files.deleteIfExists(file(key));
        } catch (IOException e) {
            unwritable.incrementAndGet(); // it is rejected again next time
        }
    }

    void store(String key, byte[] binary) {
        if (folder.isEmpty()) {
            return;
        }
        try {
            byte[] all = Arrays.copyOf(sha256().digest(binary), CHECKSUM + binary.length);
            System.arraycopy(binary, 0, all, CHECKSUM, binary.length);
            CacheFolder.write(file(key), all);
            prune();
        } catch (IOException | UnsupportedOperationException e) {
            unwritable.incrementAndGet();
        }
    }

    /** Keeps the folder bounded: the oldest quarter goes. */
    private void prune() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder.orElseThrow())) {
            files = all.toList();
        }
        if (files.size() > MOST_FILES) {
            files.stream()
                    .sorted(Comparator.comparing(BinaryCache::modified))
                    .limit(MOST_FILES / 4)
                    .forEach(file -> file.toFile().delete());
        }
    }

    private static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return FileTime.fromMillis(0); // gone already
        }
    }

    private Path file(String key) {
        return folder.orElseThrow().resolve(key + ".bin");
    }

    /** How often a program was found. */
    long hits() {
        return hits.get();
    }

    /** How often what was found could not be used, and was built again. */
    long rejected() {
        return rejected.get();
    }

    /** How often the folder could not be written. */
    long unwritable() {
        return unwritable.get();
    }
}
