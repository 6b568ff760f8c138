package org.imbrex.host.format.npz;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.imbrex.host.format.FormatException;
import org.imbrex.host.format.file.FileBytes;

/**
 * Reads the directory at a ZIP archive's end, with the 64-bit fields of large archives. The JDK's own reader does not
 * tell where a member's bytes start, which is what mapping them needs. Layout: PKWARE's APPNOTE 6.3, section 4.3.
 */
final class Directory {
    private static final int END = 0x06054b50;
    private static final int END_64 = 0x06064b50;
    private static final int LOCATOR_64 = 0x07064b50;
    private static final int ENTRY = 0x02014b50;
    private static final int LOCAL = 0x04034b50;
    private static final int END_BYTES = 22;
    private static final int ENTRY_BYTES = 46;
    private static final int LOCAL_BYTES = 30;
    private static final int MAX_COMMENT = 0xffff;
    private static final int MAX_DIRECTORY = 64 << 20;

    private final FileBytes file;
    private final Path path;

    private Directory(FileBytes file) {
        this.file = file;
        this.path = file.path();
    }

    static List<Member> read(FileBytes file) throws IOException {
        return new Directory(file).members();
    }

    private List<Member> members() throws IOException {
        int tail = (int) Math.min(file.size(), END_BYTES + MAX_COMMENT);
        ByteBuffer bytes = buffer(file.size() - tail, tail);
        int end = tail - END_BYTES;
        while (end >= 0 && !(bytes.getInt(end) == END && end + END_BYTES + u16(bytes, end + 20) == tail)) {
            end--;
        }
        if (end < 0) {
            throw FormatException.of(path, "found no directory at the end of the ZIP archive; the file is cut short");
        }
        long endAt = file.size() - tail + end;
        long count = u16(bytes, end + 10);
        long size = u32(bytes, end + 12);
        long start = u32(bytes, end + 16);
        if (count == 0xffff || size == 0xffffffffL || start == 0xffffffffL) {
            ByteBuffer wide = end64(endAt);
            count = wide.getLong(32);
            size = wide.getLong(40);
            start = wide.getLong(48);
        }
        if (start < 0 || size < 0 || size > endAt - start) {
            throw FormatException.at(
                    path,
                    endAt,
                    "found a directory of " + size + " bytes from byte " + start
                            + " on, expected it to end before byte " + endAt);
        }
        if (size > MAX_DIRECTORY || count < 0 || count > size / ENTRY_BYTES) {
            throw FormatException.at(
                    path,
                    endAt,
                    "found a directory of " + count + " members in " + size + " bytes, expected at least " + ENTRY_BYTES
                            + " bytes a member and at most " + MAX_DIRECTORY + " in all");
        }
        return entries(buffer(start, (int) size), start, (int) count);
    }

    private ByteBuffer end64(long endAt) throws IOException {
        if (endAt >= 20) {
            ByteBuffer locator = buffer(endAt - 20, 20);
            long at = locator.getLong(8);
            if (locator.getInt(0) == LOCATOR_64 && at >= 0 && at <= endAt - 76) {
                ByteBuffer wide = buffer(at, 56);
                if (wide.getInt(0) == END_64) {
                    return wide;
                }
            }
        }
        throw FormatException.at(path, endAt, "found no 64-bit directory end, expected one for an archive this large");
    }

    private List<Member> entries(ByteBuffer directory, long start, int count) {
        List<Member> members = new ArrayList<>();
        Set<String> names = new HashSet<>();
        int at = 0;
        for (int i = 0; i < count; i++) {
            if (directory.limit() - at < ENTRY_BYTES || directory.getInt(at) != ENTRY) {
                throw FormatException.at(
                        path, start + at, "found no directory entry, expected number " + (i + 1) + " of " + count);
            }
            int name = u16(directory, at + 28);
            int extra = u16(directory, at + 30);
            int next = at + ENTRY_BYTES + name + extra + u16(directory, at + 32);
            if (next > directory.limit()) {
                throw FormatException.at(path, start + at, "found a directory entry that reaches beyond the directory");
            }
            Member member = entry(directory, at, name, extra, start);
            if (!names.add(member.name())) {
                throw FormatException.at(
                        path, start + at, "found the member " + member.name() + " twice, expected it once");
            }
            members.add(member);
            at = next;
        }
        return members;
    }

    private Member entry(ByteBuffer directory, int at, int nameBytes, int extraBytes, long start) {
        byte[] name = new byte[nameBytes];
        directory.get(at + ENTRY_BYTES, name);
        long bytes = u32(directory, at + 20);
        long plain = u32(directory, at + 24);
        long header = u32(directory, at + 42);
        int extra = at + ENTRY_BYTES + nameBytes;
        int end = extra + extraBytes;
        while (end - extra >= 4) {
            int length = u16(directory, extra + 2);
            int field = extra + 4;
            int fieldEnd = Math.min(end, field + length);
            if (u16(directory, extra) == 1) {
                if (plain == 0xffffffffL && fieldEnd - field >= 8) {
                    plain = directory.getLong(field);
                    field += 8;
                }
                if (bytes == 0xffffffffL && fieldEnd - field >= 8) {
                    bytes = directory.getLong(field);
                    field += 8;
                }
                if (header == 0xffffffffL && fieldEnd - field >= 8) {
                    header = directory.getLong(field);
                }
            }
            extra = extra + 4 + length;
        }
        if (bytes < 0 || plain < 0 || header < 0 || bytes > start || header > start - bytes) {
            throw FormatException.at(
                    path,
                    start + at,
                    "found a member of " + bytes + " bytes from byte " + header
                            + " on, expected it to end before the directory at byte " + start);
        }
        return new Member(
                new String(name, StandardCharsets.UTF_8),
                u16(directory, at + 8),
                u16(directory, at + 10),
                directory.getInt(at + 16),
                bytes,
                plain,
                header);
    }

    /** The offset of a member's bytes: behind its local header, whose length the directory does not tell. */
    static long dataOffset(FileBytes file, Member member) throws IOException {
        if (member.header() + LOCAL_BYTES <= file.size()) {
            ByteBuffer local =
                    ByteBuffer.wrap(file.read(member.header(), LOCAL_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
            long data = member.header() + LOCAL_BYTES + u16(local, 26) + u16(local, 28);
            if (local.getInt(0) == LOCAL && data + member.bytes() <= file.size()) {
                return data;
            }
        }
        throw FormatException.at(
                file.path(),
                member.header(),
                "found no member, expected " + member.name() + " of " + member.bytes() + " bytes");
    }

    private ByteBuffer buffer(long position, int bytes) throws IOException {
        return ByteBuffer.wrap(file.read(position, bytes)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int u16(ByteBuffer bytes, int at) {
        return bytes.getShort(at) & 0xffff;
    }

    private static long u32(ByteBuffer bytes, int at) {
        return bytes.getInt(at) & 0xffffffffL;
    }
}
