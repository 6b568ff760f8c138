package org.imbrex.host.coordinator;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Set;
import org.imbrex.host.node.NodeException;

/** Inputs by the digest of what they hold, so that an equal one is sent once, whoever sends it. */
final class InputStore {
    private final Path folder;

    InputStore(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /** @param digest checked hexadecimal: it names a file */
    Path file(JobSpec.Input input) {
        return folder.resolve(input.digest());
    }

    private Path partial(JobSpec.Input input) {
        return folder.resolve(input.digest() + ".partial");
    }

    boolean has(JobSpec.Input input) {
        return Files.exists(file(input));
    }

    /** How many of its bytes are there. */
    synchronized long have(JobSpec.Input input) throws IOException {
        return has(input) ? input.bytes() : Files.exists(partial(input)) ? Files.size(partial(input)) : 0;
    }

    /**
     * Some of an input's bytes, where those before are there.
     *
     * @return how many are there now
     * @throws NodeException where it is whole and holds something else than its name says; then none is there
     */
    synchronized long put(JobSpec.Input input, long at, MemorySegment bytes) throws IOException {
        if (has(input)) {
            return input.bytes();
        }
        Path partial = partial(input);
        try (FileChannel channel = FileChannel.open(
                partial, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long size = channel.size();
            if (at > size || bytes.byteSize() > input.bytes() - at) {
                throw new NodeException("found bytes " + at + " to " + (at + bytes.byteSize()) + " of an input of "
                        + input.bytes() + " of which " + size + " are here");
            }
            ByteBuffer from = bytes.asByteBuffer();
            for (long to = at; from.hasRemaining(); ) {
                to += channel.write(from, to);
            }
            size = channel.size();
            if (size < input.bytes()) {
                return size;
            }
            if (!digest(channel).equals(input.digest())) {
                channel.truncate(0);
                throw new NodeException("an input does not hold what its digest says; was it changed while it was"
                        + " read? submit the job again");
            }
            channel.force(true);
        } catch (IOException e) {
            throw Disk.named(partial, e);
        }
        Files.move(partial, file(input), StandardCopyOption.ATOMIC_MOVE);
        Disk.force(folder);
        return input.bytes();
    }

    private static String digest(FileChannel channel) throws IOException {
        MessageDigest digest = JobSpec.sha256();
        ByteBuffer buffer = ByteBuffer.allocate(256 << 10);
        for (long at = 0; at < channel.size(); ) {
            buffer.clear();
            at += channel.read(buffer, at);
            digest.update(buffer.flip());
        }
        return JobSpec.hex(digest.digest(), JobSpec.DIGEST);
    }

    /** Removes what no job needs. */
    synchronized void keepOnly(Set<String> digests) throws IOException {
        for (Path file : Disk.list(folder)) {
            String name = file.getFileName().toString();
            if (!digests.contains(name.replace(".partial", ""))) {
                Files.deleteIfExists(file);
            }
        }
    }
}
