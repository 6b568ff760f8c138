package org.imbrex.host.coordinator;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** What a store does with files and folders beyond reading and writing. */
final class Disk {
    private Disk() {}

    /** The system's message alone names no file. */
    static IOException named(Path file, IOException e) {
        if (e.getClass() != IOException.class) {
            return e;
        }
        FileSystemException named = new FileSystemException(file.toString(), null, e.getMessage());
        named.initCause(e);
        return named;
    }

    /** Waits until a file's bytes, or a folder's names, are on the disk. */
    static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** The files and folders in a folder, by name. */
    static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }

    /** Removes a folder of plain files, and the folder. */
    static void remove(Path folder) throws IOException {
        try {
            for (Path file : list(folder)) {
                Files.deleteIfExists(file);
            }
            Files.delete(folder);
        } catch (NoSuchFileException e) {
            return; // somebody was faster
        }
    }
}
