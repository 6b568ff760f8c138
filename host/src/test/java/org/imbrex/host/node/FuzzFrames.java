package org.imbrex.host.node;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import java.util.zip.CRC32C;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.FuzzSeeds;

/**
 * A fuzzer's input as what a peer sends: a list of frames, each a type, a request, a length, fields and a length of
 * elements. Headers and checksums are made here, because no fuzzer finds a checksum by chance. An input that begins with
 * 0xff is taken as it is, checksums and all.
 */
public final class FuzzFrames {
    private static final int HEADER = 32;
    private static final int SUM = 4;
    private static final int MOST_DATA = 64 << 10;
    private static final byte RAW = (byte) 0xff;
    private static final AtomicLong FRAMES = new AtomicLong();
    private static final AtomicLong MOST_HELD = new AtomicLong();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.err.println(
                "frames: " + FRAMES + ", most bytes held: " + MOST_HELD)));
    }

    private FuzzFrames() {}

    /** Counts what a peer has made this side hold. */
    public static void held(long bytes) {
        MOST_HELD.accumulateAndGet(bytes, Math::max);
    }

    /** A peer that has sent all it will. */
    public static final class Given extends ScriptedLink {
        private Runnable end;

        public Given(byte[] bytes) {
            this(bytes, () -> {});
        }

        /** @param end is run once, when all is read */
        public Given(byte[] bytes, Runnable end) {
            super(bytes);
            this.end = end;
        }

        @Override
        public int read(ByteBuffer into) {
            int count = next(into, bytes.limit());
            if (count < 0) {
                Runnable last = end;
                end = () -> {};
                last.run();
            }
            return count;
        }
    }

    /** What an input's peer sends. */
    public static byte[] stream(byte[] input) {
        return stream(input, type -> true);
    }

    /** The frames of some types; an input that is taken as it is has none of any but the first type. */
    public static byte[] stream(byte[] input, IntPredicate types) {
        if (input.length > 0 && input[0] == RAW) {
            FRAMES.incrementAndGet();
            return types.test(0) ? Arrays.copyOfRange(input, 1, input.length) : new byte[0];
        }
        ByteBuffer from = ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN);
        ByteArrayOutputStream to = new ByteArrayOutputStream();
        while (from.remaining() >= 6) {
            int type = from.get() & 0xff;
            int request = from.get() & 0xff;
            byte[] fields = new byte[Math.min(from.getShort() & 0xffff, from.remaining() - 2)];
            from.get(fields);
            int data = Math.min(from.getShort() & 0xffff, MOST_DATA);
            if (types.test(type)) {
                frame(to, type, request, fields, new byte[data]);
                FRAMES.incrementAndGet();
            }
        }
        return to.toByteArray();
    }

    /** Bytes of a stream's first frame, as its header tells; all where there is no whole one. */
    public static int firstFrame(byte[] stream) {
        if (stream.length < HEADER) {
            return stream.length;
        }
        ByteBuffer header = ByteBuffer.wrap(stream).order(ByteOrder.LITTLE_ENDIAN);
        long fields = header.getInt(12) & 0xffffffffL;
        long data = header.getLong(16);
        long bytes = HEADER + fields + SUM + (data > 0 ? data + SUM : 0);
        return bytes < 0 || bytes > stream.length ? stream.length : (int) bytes;
    }

    private static void frame(ByteArrayOutputStream to, int type, int request, byte[] fields, byte[] data) {
        ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
        header.put("IBX1".getBytes(StandardCharsets.US_ASCII)).putInt(type & 0xff);
        header.putInt(request).putInt(fields.length).putLong(data.length);
        CRC32C sum = new CRC32C();
        sum.update(header.duplicate().flip());
        header.putInt((int) sum.getValue()).putInt(0);
        to.writeBytes(header.array());
        part(to, fields);
        if (data.length > 0) {
            part(to, data);
        }
    }

    private static void part(ByteArrayOutputStream to, byte[] bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        to.writeBytes(bytes);
        to.writeBytes(ByteBuffer.allocate(SUM).order(ByteOrder.LITTLE_ENDIAN).putInt((int) sum.getValue()).array());
    }

    /** Messages as an input; those that are too long for one are left out. */
    public static byte[] input(List<FuzzSeeds.Message> messages) {
        ByteArrayOutputStream to = new ByteArrayOutputStream();
        for (FuzzSeeds.Message message : messages) {
            if (message.fields().length < 1 << 16 && message.data() < 1 << 16) {
                ByteBuffer one = ByteBuffer.allocate(6 + message.fields().length).order(ByteOrder.LITTLE_ENDIAN);
                one.put((byte) message.type().ordinal()).put((byte) message.request());
                one.putShort((short) message.fields().length);
                one.put(message.fields()).putShort((short) message.data());
                to.writeBytes(one.array());
            }
        }
        return to.toByteArray();
    }

    /**
     * Inputs to begin with: conversations, and an empty frame of each type.
     *
     * @param before a byte that comes before the frames, empty for none
     */
    public static void seeds(Path folder, List<List<FuzzSeeds.Message>> conversations, byte... before)
            throws IOException {
        int number = 0;
        for (List<FuzzSeeds.Message> messages : conversations) {
            Files.write(folder.resolve("seed-" + number++), joined(before, input(messages)));
        }
        for (FrameType type : FrameType.values()) {
            byte[] frame = {(byte) type.ordinal(), 0, 0, 0, 0, 0};
            Files.write(folder.resolve("type-" + type), joined(before, frame));
        }
    }

    private static byte[] joined(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
