package org.imbrex.host.format.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Outputs that are being written: whatever is left of them when the JVM ends, by Ctrl-C too, is removed. */
final class Partials {
    private static final Set<Path> OPEN = new HashSet<>();
    private static boolean hooked;

    private Partials() {}

    static synchronized void add(Path partial) {
        if (!hooked) {
            hooked = true;
            Runtime.getRuntime().addShutdownHook(new Thread(Partials::removeAll, "imbrex-partials"));
        }
        OPEN.add(partial);
    }

    static synchronized void remove(Path partial) {
        OPEN.remove(partial);
    }

    private static synchronized void removeAll() {
        for (Path partial : OPEN) {
            try {
                Files.deleteIfExists(partial);
            } catch (IOException e) {
                // The JVM is ending: nobody is left who could be told by an exception.
                System.err.println("imbrex: cannot remove the unfinished " + partial + ": " + e.getMessage());
            }
        }
    }
}
