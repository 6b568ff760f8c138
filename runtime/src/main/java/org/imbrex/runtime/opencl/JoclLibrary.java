package org.imbrex.runtime.opencl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jocl.CL;

/**
 * Loads JOCL's native library. JOCL unpacks it under a fixed name into the temporary folder and runs whatever already
 * lies there, which another user may have put there; so it is given a folder of its own, which only this user can
 * enter and which goes away again.
 */
final class JoclLibrary {
    private static final String TEMPORARY = "java.io.tmpdir";

    private static boolean loaded;

    private JoclLibrary() {}

    /**
     * Loads it, once.
     *
     * @throws LinkageError where there is none for this machine, or no OpenCL loader
     */
    static synchronized void load() {
        if (loaded) {
            return;
        }
        String usual = System.getProperty(TEMPORARY);
        try {
            Path own = Files.createTempDirectory("imbrex-opencl-"); // for this user only
            try {
                System.setProperty(TEMPORARY, own.toString());
                CL.setExceptionsEnabled(true); // the class's first use loads the library
                loaded = true;
            } finally {
                System.setProperty(TEMPORARY, usual);
                remove(own);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder for the OpenCL binding could be made", e);
        }
    }

    /** A library that is in use can be removed on POSIX systems; elsewhere it goes when the JVM ends. */
    private static void remove(Path folder) throws IOException {
        folder.toFile().deleteOnExit();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                file.toFile().deleteOnExit();
                if (!file.toFile().delete()) {
                    return;
                }
            }
        }
        Files.delete(folder);
    }
}
