package org.imbrex.runtime.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** Where what was made once is kept for later runs: folders in the user's cache folder, by the XDG rules. */
public final class CacheFolder {
    private CacheFolder() {}

    /** {@code imbrex/NAME} in the user's cache folder; empty where the user has none. */
    public static Optional<Path> of(String name) {
        String xdg = System.getenv("XDG_CACHE_HOME");
        String home = System.getProperty("user.home", "");
        if (xdg != null && !xdg.isEmpty() && Path.of(xdg).isAbsolute()) {
            return Optional.of(Path.of(xdg, "imbrex", name));
        }
        return home.isEmpty() || home.equals("?") ? Optional.empty() : Optional.of(Path.of(home, ".cache", "imbrex", name));
    }

    /**
     * Writes a file of such a folder beside and renames it, so that processes may share the folder. The folder is made
     * where it is not there, for its user alone.
     */
    public static void write(Path file, byte[] content) throws IOException {
        create(file.getParent());
        Path beside = Files.createTempFile(file.getParent(), "new-", ".tmp");
        try {
            Files.write(beside, content);
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(beside);
            throw e;
        }
    }

    private static void create(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Files.createDirectories(folder.getParent());
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(folder);
        }
    }
}
