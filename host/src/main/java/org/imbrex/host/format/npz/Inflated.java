package org.imbrex.host.format.npz;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.imbrex.host.format.FormatException;
import org.imbrex.host.format.file.Bytes;
import org.imbrex.host.format.file.MemoryBytes;
import org.imbrex.runtime.memory.Pages;
import org.imbrex.runtime.memory.SpillFile;

/** Inflates a member: its first bytes for the header, or all of it into native memory or a temporary file. */
final class Inflated {
    private static final int BLOCK_BYTES = 256 << 10;

    /** Deflate cannot do better, so a member that claims more is damaged or hostile. */
    private static final long MAX_RATIO = 1032;

    private final Path path;
    private final Bytes packed;
    private final Member member;

    Inflated(Path path, Bytes packed, Member member) {
        this.path = path;
        this.packed = packed;
        this.member = member;
        if (member.plainBytes() / MAX_RATIO > member.bytes() + 64) {
            throw FormatException.of(
                    path,
                    member.name() + ": found " + member.bytes() + " deflated bytes that claim to be "
                            + member.plainBytes() + ", expected at most " + MAX_RATIO + " times as many");
        }
    }

    /** The member's bytes of which only the first can be read. */
    Bytes head(int count) throws IOException {
        byte[] head = new byte[(int) Math.min(count, member.plainBytes())];
        long done = inflate(MemorySegment.ofArray(head));
        return new Head(path, member, done == head.length ? head : Arrays.copyOf(head, (int) done));
    }

    /** @param memoryBytes beyond which the bytes go to a temporary file */
    Bytes all(long memoryBytes) throws IOException {
        if (member.plainBytes() > memoryBytes) {
            SpillFile spill = new SpillFile(member.plainBytes());
            return checked(spill.memory(), spill::close);
        }
        Arena arena = Arena.ofShared();
        return checked(Pages.allocate(arena, member.plainBytes()), arena::close);
    }

    private Bytes checked(MemorySegment memory, Runnable release) throws IOException {
        try {
            long found = inflate(memory);
            if (found != memory.byteSize()) {
                throw FormatException.of(
                        path,
                        member.name() + ": inflates to " + found + " bytes, expected " + memory.byteSize()
                                + "; the archive is damaged");
            }
            requireCrc(path, member, memory);
            return new MemoryBytes(memory, release);
        } catch (IOException | RuntimeException | Error e) {
            release.run();
            throw e;
        }
    }

    static void requireCrc(Path path, Member member, MemorySegment memory) {
        CRC32 crc = new CRC32();
        for (long at = 0; at < memory.byteSize(); at += 1 << 30) {
            crc.update(memory.asSlice(at, Math.min(1 << 30, memory.byteSize() - at))
                    .asByteBuffer());
        }
        if ((int) crc.getValue() != member.crc()) {
            throw FormatException.of(
                    path,
                    String.format(
                            "%s: found the checksum %08x, expected %08x; the archive is damaged",
                            member.name(), crc.getValue(), member.crc()));
        }
    }

    /** Fills the memory as far as the member goes; the count of bytes. */
    private long inflate(MemorySegment into) throws IOException {
        Inflater inflater = new Inflater(true);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(BLOCK_BYTES);
            long read = 0;
            long done = 0;
            while (done < into.byteSize() && !inflater.finished()) {
                if (inflater.needsInput()) {
                    long now = Math.min(BLOCK_BYTES, packed.size() - read);
                    if (now == 0) {
                        break;
                    }
                    packed.read(read, block.asSlice(0, now));
                    inflater.setInput(block.asSlice(0, now).asByteBuffer());
                    read += now;
                }
                ByteBuffer part = into.asSlice(done, Math.min(1 << 30, into.byteSize() - done))
                        .asByteBuffer();
                done += inflater.inflate(part);
                if (inflater.needsDictionary()) {
                    break;
                }
            }
            return done;
        } catch (DataFormatException e) {
            throw FormatException.of(
                    path, member.name() + ": does not inflate (" + e.getMessage() + "); the archive is damaged");
        } finally {
            inflater.end();
        }
    }

    private record Head(Path path, Member member, byte[] head) implements Bytes {
        @Override
        public long size() {
            return member.plainBytes();
        }

        @Override
        public void read(long position, MemorySegment into) {
            if (position + into.byteSize() > head.length) {
                throw FormatException.of(
                        path,
                        member.name() + ": inflates to " + head.length + " bytes, expected " + member.plainBytes()
                                + "; the archive is damaged");
            }
            MemorySegment.copy(MemorySegment.ofArray(head), position, into, 0, into.byteSize());
        }

        @Override
        public MemorySegment map(long position, long bytes, Arena arena) {
            throw new UnsupportedOperationException("only the first bytes are here");
        }

        @Override
        public Bytes share() {
            return this;
        }

        @Override
        public void close() {}
    }
}
