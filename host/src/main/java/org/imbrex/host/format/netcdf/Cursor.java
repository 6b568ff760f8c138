package org.imbrex.host.format.netcdf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.imbrex.host.format.FormatException;
import org.imbrex.host.format.file.FileBytes;

/** Walks a header from its start; no count in it is believed before the file has as many bytes. */
final class Cursor {
    private static final int BLOCK_BYTES = 64 << 10;
    private static final int MAX_NAME = 4 << 10;

    /** Longer headers are not made by any tool. */
    private static final long MAX_HEADER = 256 << 20;

    private final FileBytes file;
    private ByteBuffer block = ByteBuffer.allocate(0);
    private long blockAt;
    private boolean wide;

    Cursor(FileBytes file) {
        this.file = file;
    }

    /** From here on counts have 8 bytes. */
    void widen() {
        wide = true;
    }

    Path path() {
        return file.path();
    }

    long position() {
        return blockAt + block.position();
    }

    private void need(int bytes) throws IOException {
        if (block.remaining() >= bytes) {
            return;
        }
        long at = position();
        if (bytes > file.size() - at || at > MAX_HEADER) {
            throw FormatException.at(
                    path(),
                    at,
                    "found the end of the file at byte " + file.size() + " in the NetCDF header, expected " + bytes
                            + " bytes more; the file is cut short");
        }
        block = ByteBuffer.wrap(file.read(at, (int) Math.min(Math.max(bytes, BLOCK_BYTES), file.size() - at)));
        blockAt = at;
    }

    int int32() throws IOException {
        need(4);
        return block.getInt();
    }

    long int64() throws IOException {
        need(8);
        return block.getLong();
    }

    byte[] bytes(int count) throws IOException {
        need(count);
        byte[] bytes = new byte[count];
        block.get(bytes);
        return bytes;
    }

    void skip(long bytes) throws IOException {
        long to = position() + bytes;
        if (bytes < 0 || to > file.size()) {
            throw FormatException.at(
                    path(),
                    position(),
                    "found " + (file.size() - position()) + " bytes in the NetCDF header, expected " + bytes
                            + " more; the file is cut short");
        }
        if (to <= blockAt + block.limit()) {
            block.position((int) (to - blockAt));
        } else {
            block = ByteBuffer.allocate(0);
            blockAt = to;
        }
    }

    /** A size or a number, not negative. */
    long size(String what) throws IOException {
        long at = position();
        long size = wide ? int64() : int32() & 0xffffffffL;
        if (size < 0) {
            throw FormatException.at(
                    path(), at, "found " + Long.toUnsignedString(size) + " as " + what + ", expected less than 2^63");
        }
        return size;
    }

    /**
     * A count of things.
     *
     * @param bytesEach the least that one takes in the header
     */
    int count(String what, int bytesEach) throws IOException {
        long at = position();
        long count = size(what);
        long most = (file.size() - position()) / bytesEach;
        if (count > Math.min(most, Integer.MAX_VALUE - 8)) {
            throw FormatException.at(
                    path(),
                    at,
                    "found " + count + " " + what + ", expected at most " + most + ", which the file has room for;"
                            + " the file is cut short or damaged");
        }
        return (int) count;
    }

    String name() throws IOException {
        long at = position();
        int length = count("letters of a name", 1);
        if (length == 0 || length > MAX_NAME) {
            throw FormatException.at(path(), at, "found a name of " + length + " letters, expected 1 to " + MAX_NAME);
        }
        String name = new String(bytes(length), StandardCharsets.UTF_8);
        skip(-length & 3);
        return name;
    }
}
