package org.imbrex.host.format.npz;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.imbrex.host.format.FormatException;
import org.imbrex.host.format.OutputFile;
import org.imbrex.host.format.file.FlatSink;
import org.imbrex.host.format.file.Sizes;
import org.imbrex.host.format.file.Target;
import org.imbrex.host.format.npy.NpyHeader;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.runtime.memory.Sink;

/**
 * An archive of stored arrays. All sizes are known at the start, so every member has its place at once, elements on a
 * multiple of 64 bytes; checksums and the directory follow on commit.
 */
public final class NpzOutput implements OutputFile {
    private static final long NARROW = 0xffffffffL;
    private static final int LOCAL_BYTES = 30;
    private static final int CRC_AT = 14;
    private static final int ALIGNMENT = 64;

    /** The identifier that Android's zipalign gives to padding. */
    private static final int PADDING_FIELD = 0xd935;

    private static final int UTF8_NAME = 1 << 11;

    /** ZIP's times start in 1980; a fixed one makes equal arrays equal files. */
    private static final int DATE = 1 << 5 | 1;

    private final Target target;
    private final SequencedMap<String, Place> places;
    private final long directory;

    private NpzOutput(Target target, SequencedMap<String, Place> places, long directory) {
        this.target = target;
        this.places = places;
        this.directory = directory;
    }

    /** Where a member lies, and what has come for it. */
    private record Place(byte[] name, long header, byte[] npy, long bytes, ChecksummedSink sink) {
        boolean wide() {
            return bytes >= NARROW;
        }
    }

    public static NpzOutput create(Path file, SequencedMap<String, ArrayType> arrays) throws IOException {
        long size = 0;
        for (Map.Entry<String, ArrayType> array : arrays.entrySet()) {
            size = Math.addExact(size, Sizes.of(file, array.getValue()) + 1024);
        }
        Target target = Target.open(file, size);
        try {
            if (target.sequential()) {
                throw FormatException.of(
                        file,
                        "found a pipe or a device, expected a file: NPZ is not written in order;"
                                + " write .npy or .csv");
            }
            SequencedMap<String, Place> places = new LinkedHashMap<>();
            long at = 0;
            for (Map.Entry<String, ArrayType> array : arrays.entrySet()) {
                at = place(target, places, array.getKey(), array.getValue(), at);
            }
            return new NpzOutput(target, places, at);
        } catch (IOException | RuntimeException e) {
            target.close();
            throw e;
        }
    }

    private static long place(Target target, Map<String, Place> places, String name, ArrayType type, long at)
            throws IOException {
        byte[] encoded = (name + ".npy").getBytes(StandardCharsets.UTF_8);
        if (name.isEmpty() || encoded.length > 1024) {
            throw FormatException.of(target.path(), "found the array name '" + name + "', expected 1 to 1000 letters");
        }
        byte[] npy = NpyHeader.write(type);
        long bytes = npy.length + Sizes.of(target.path(), type);
        int fixed = LOCAL_BYTES + encoded.length + (bytes >= NARROW ? 20 : 0) + 6;
        int padding = Math.floorMod(-(at + fixed), ALIGNMENT);
        ByteBuffer header = ByteBuffer.allocate(fixed + padding + npy.length).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(0x04034b50);
        common(header, encoded, bytes, 0);
        header.putShort((short) encoded.length).putShort((short) (fixed + padding - LOCAL_BYTES - encoded.length));
        header.put(encoded);
        if (bytes >= NARROW) {
            header.putShort((short) 1).putShort((short) 16).putLong(bytes).putLong(bytes);
        }
        header.putShort((short) PADDING_FIELD).putShort((short) (2 + padding)).putShort((short) ALIGNMENT);
        header.put(new byte[padding]).put(npy);
        target.write(at, header.flip());
        long elements = at + header.limit();
        places.put(name, new Place(encoded, at, npy, bytes, new ChecksummedSink(target, elements, type)));
        return elements + bytes - npy.length;
    }

    /** The fields from the version to the sizes, which local header and directory have in common. */
    private static void common(ByteBuffer into, byte[] name, long bytes, int crc) {
        boolean ascii = true;
        for (byte b : name) {
            ascii &= b >= 0;
        }
        into.putShort((short) (bytes >= NARROW ? 45 : 20)).putShort((short) (ascii ? 0 : UTF8_NAME));
        into.putShort((short) Member.STORED)
                .putShort((short) 0)
                .putShort((short) DATE)
                .putInt(crc);
        into.putInt((int) Math.min(bytes, NARROW)).putInt((int) Math.min(bytes, NARROW));
    }

    @Override
    public Path path() {
        return target.path();
    }

    @Override
    public Sink sink() {
        if (places.size() != 1) {
            throw new IllegalStateException(path() + " takes " + places.size() + " arrays: name one");
        }
        return places.firstEntry().getValue().sink;
    }

    @Override
    public Sink sink(String name) {
        Place place = places.get(name);
        if (place == null) {
            throw new IllegalArgumentException(path() + " takes no array " + name);
        }
        return place.sink;
    }

    @Override
    public void commit() throws IOException {
        ByteBuffer entries = ByteBuffer.allocate(places.size() * 1200 + 256).order(ByteOrder.LITTLE_ENDIAN);
        for (Place place : places.values()) {
            int crc = place.sink.crc(place.npy);
            target.write(
                    place.header + CRC_AT,
                    ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, crc));
            entry(entries, place, crc);
        }
        end(entries);
        target.write(directory, entries.flip());
        target.commit();
    }

    private static void entry(ByteBuffer into, Place place, int crc) {
        boolean far = place.header >= NARROW;
        int extra = (place.wide() ? 16 : 0) + (far ? 8 : 0);
        into.putInt(0x02014b50).putShort((short) (extra > 0 ? 45 : 20));
        common(into, place.name, place.bytes, crc);
        into.putShort((short) place.name.length).putShort((short) (extra > 0 ? extra + 4 : 0));
        into.putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0);
        into.putInt((int) Math.min(place.header, NARROW)).put(place.name);
        if (extra > 0) {
            into.putShort((short) 1).putShort((short) extra);
            if (place.wide()) {
                into.putLong(place.bytes).putLong(place.bytes);
            }
            if (far) {
                into.putLong(place.header);
            }
        }
    }

    private void end(ByteBuffer into) {
        long size = into.position();
        long count = places.size();
        if (directory >= NARROW || count >= 0xffff) {
            into.putInt(0x06064b50)
                    .putLong(44)
                    .putShort((short) 45)
                    .putShort((short) 45)
                    .putInt(0)
                    .putInt(0);
            into.putLong(count).putLong(count).putLong(size).putLong(directory);
            into.putInt(0x07064b50).putInt(0).putLong(directory + size).putInt(1);
        }
        into.putInt(0x06054b50).putInt(0);
        into.putShort((short) Math.min(count, 0xffff)).putShort((short) Math.min(count, 0xffff));
        into.putInt((int) size).putInt((int) Math.min(directory, NARROW)).putShort((short) 0);
    }

    @Override
    public void close() {
        target.close();
    }

    /** Writes elements and keeps each stretch's checksum. */
    private static final class ChecksummedSink implements Sink.Chunked {
        private final Target target;
        private final long offset;
        private final FlatSink sink;
        private final TreeMap<Long, Stretch> stretches = new TreeMap<>();

        private record Stretch(long bytes, int crc) {}

        ChecksummedSink(Target target, long offset, ArrayType type) {
            this.target = target;
            this.offset = offset;
            this.sink = new FlatSink(target, offset, type);
        }

        @Override
        public void write(long first, long count, MemorySegment from) {
            sink.write(first, count, from);
            long bytes = count * sink.type().dtype().bytes();
            int crc = crc(from.asSlice(0, bytes));
            synchronized (stretches) {
                stretches.put(first, new Stretch(bytes, crc));
            }
        }

        private static int crc(MemorySegment memory) {
            CRC32 crc = new CRC32();
            for (long at = 0; at < memory.byteSize(); at += 1 << 30) {
                crc.update(memory.asSlice(at, Math.min(1 << 30, memory.byteSize() - at))
                        .asByteBuffer());
            }
            return (int) crc.getValue();
        }

        /** The checksum of header and elements, once all have come. */
        int crc(byte[] header) throws IOException {
            sink.requireComplete();
            CRC32 start = new CRC32();
            start.update(header);
            if (sink.overlapped()) {
                return crcOfFile(start);
            }
            int crc = (int) start.getValue();
            synchronized (stretches) {
                for (Iterator<Stretch> all = stretches.values().iterator(); all.hasNext(); ) {
                    Stretch stretch = all.next();
                    crc = Checksum.joined(crc, stretch.crc, stretch.bytes);
                }
            }
            return crc;
        }

        /** Where a tile came twice, stretches cannot be joined: what lies in the file counts. */
        private int crcOfFile(CRC32 crc) throws IOException {
            long bytes = sink.type().shape().elements() * sink.type().dtype().bytes();
            ByteBuffer block = ByteBuffer.allocateDirect(1 << 20);
            for (long at = 0; at < bytes; at += block.limit()) {
                block.clear().limit((int) Math.min(block.capacity(), bytes - at));
                target.read(offset + at, block);
                crc.update(block.flip());
            }
            return (int) crc.getValue();
        }
    }
}
