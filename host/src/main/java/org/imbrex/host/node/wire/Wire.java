package org.imbrex.host.node.wire;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.imbrex.runtime.schedule.Clock;

/**
 * Frames over a link: a header with a checksum of its own, the fields, the elements, a checksum over both. The header
 * is checked before anything is done with it, the fields before anything is made of them; elements go between the link
 * and native memory, large runs without a copy.
 *
 * <p>Any thread may send; one at a time receives.
 */
public final class Wire implements AutoCloseable {
    static final int MAGIC = 0x31584249; // IBX1
    static final int HEADER = 32;
    private static final int SUM = 4;
    public static final int BUFFER = 64 << 10;
    /** The least that it may be. */
    public static final int LEAST_BUFFER = 8 << 10;
    /** Before the peer has proved who it is. */
    private static final int FIRST_BUFFER = 2 << 10;
    /** What is written or read at once of a large run: its checksum finds it in cache. */
    private static final int CHUNK = 256 << 10;
    /** Runs below this go through the buffer. */
    private static final int SMALL = LEAST_BUFFER;

    private static final int NOTHING = -1;

    private final Link link;
    private final Clock clock;
    private final int bufferBytes;
    private final ReentrantLock sending = new ReentrantLock();
    private ByteBuffer out = buffer(FIRST_BUFFER);
    private ByteBuffer in = buffer(FIRST_BUFFER).flip();
    private final CRC32C outSum = new CRC32C();
    private final CRC32C inSum = new CRC32C();
    private final AtomicLong bytesOut = new AtomicLong();
    private final AtomicLong bytesIn = new AtomicLong();
    private volatile boolean greeted;
    private volatile long lastRead;
    private volatile long writingSince;
    private volatile long lastWritten;
    private MemorySegment outMemory = MemorySegment.ofBuffer(out.duplicate().clear());
    private MemorySegment inMemory = MemorySegment.ofBuffer(in.duplicate().clear());
    /** From where on bytes in the buffers are not in the sums yet; {@link #NOTHING} outside of elements. */
    private int outFrom = NOTHING;

    private int inFrom = NOTHING;
    private int summedIn;

    /**
     * A frame's header.
     *
     * @param request which request it belongs to, 0 for none
     * @param fields bytes of fields, at most what its type allows
     * @param data bytes of elements
     */
    public record Header(FrameType type, int request, int fields, long data) {}

    /** Hands a frame's elements over, in order. */
    @FunctionalInterface
    public interface Data {
        void to(Wire wire) throws IOException;
    }

    public Wire(Link link) {
        this(link, Clock.SYSTEM, BUFFER);
    }

    /** @param bufferBytes for what goes through memory of its own, once the peer has greeted */
    public Wire(Link link, Clock clock, int bufferBytes) {
        this.link = link;
        this.clock = clock;
        this.bufferBytes = bufferBytes;
        this.lastRead = clock.nanos();
        this.lastWritten = lastRead;
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** From now on every type of frame is allowed; called while nobody sends, by the thread that receives. */
    public void greeted() {
        link.greeted();
        out = buffer(bufferBytes);
        in = buffer(bufferBytes).put(in).flip();
        outMemory = MemorySegment.ofBuffer(out.duplicate().clear());
        inMemory = MemorySegment.ofBuffer(in.duplicate().clear());
        greeted = true;
    }

    public long bytesOut() {
        return bytesOut.get();
    }

    public long bytesIn() {
        return bytesIn.get();
    }

    /** Nanoseconds since a byte came. */
    public long silentNanos() {
        return clock.nanos() - lastRead;
    }

    /** Nanoseconds since a byte was sent. */
    public long quietNanos() {
        return clock.nanos() - lastWritten;
    }

    /** Nanoseconds that a write has made no progress, 0 where none is under way. */
    public long stuckNanos() {
        long since = writingSince;
        return since == 0 ? 0 : clock.nanos() - since;
    }

    // ---- sending

    public void send(FrameType type, int request, byte[] fields) throws IOException {
        send(type, request, fields, 0, wire -> {});
    }

    /** Sends a frame, unless another thread is sending one: then the peer hears of us anyway. */
    public void ping() throws IOException {
        if (sending.tryLock()) {
            try {
                frame(FrameType.PING, 0, new byte[0], 0, wire -> {});
            } finally {
                sending.unlock();
            }
        }
    }

    /** @param data calls {@link #put} for as many bytes as it has said */
    public void send(FrameType type, int request, byte[] fields, long data, Data from) throws IOException {
        sending.lock();
        try {
            frame(type, request, fields, data, from);
        } finally {
            sending.unlock();
        }
    }

    private void frame(FrameType type, int request, byte[] fields, long data, Data from) throws IOException {
        if (data > 0 && !greeted) {
            throw new IllegalStateException("no elements before the greeting is over");
        }
        out.clear();
        out.putInt(MAGIC).put((byte) type.ordinal()).put((byte) 0).putShort((short) 0);
        out.putInt(request).putInt(fields.length).putLong(data);
        outSum.reset();
        outSum.update(out.duplicate().flip());
        out.putInt((int) outSum.getValue()).putInt(0);
        outSum.reset();
        outSum.update(fields, 0, fields.length);
        for (int at = 0; at < fields.length; ) {
            if (!out.hasRemaining()) {
                flush();
            }
            int count = Math.min(out.remaining(), fields.length - at);
            out.put(fields, at, count);
            at += count;
        }
        sum();
        if (data > 0) {
            outSum.reset();
            outFrom = out.position();
            from.to(this);
            addOut();
            outFrom = NOTHING;
            sum();
        }
        flush();
    }

    private void addOut() {
        if (outFrom != NOTHING) {
            outSum.update(out.duplicate().limit(out.position()).position(outFrom));
            outFrom = out.position();
        }
    }

    private void sum() throws IOException {
        if (out.remaining() < SUM) {
            flush();
        }
        out.putInt((int) outSum.getValue());
    }

    private void flush() throws IOException {
        addOut();
        out.flip();
        write(out);
        out.clear();
        outFrom = outFrom == NOTHING ? NOTHING : 0;
    }

    private void write(ByteBuffer from) throws IOException {
        int count = from.remaining();
        writingSince = clock.nanos();
        try {
            link.write(from);
        } finally {
            writingSince = 0;
        }
        lastWritten = clock.nanos();
        bytesOut.addAndGet(count);
    }

    /** Inside {@link #send}: some of the frame's elements. */
    public void put(MemorySegment from) throws IOException {
        long size = from.byteSize();
        if (size < SMALL) {
            if (out.remaining() < size) {
                flush();
            }
            MemorySegment.copy(from, 0, outMemory, out.position(), size);
            out.position(out.position() + (int) size);
            return;
        }
        flush();
        for (long at = 0; at < size; at += CHUNK) {
            ByteBuffer chunk = from.asSlice(at, Math.min(CHUNK, size - at)).asByteBuffer();
            outSum.update(chunk.duplicate());
            write(chunk);
        }
    }

    // ---- receiving

    /** The next frame's header; what came before must have been read to its end. */
    public Header receive() throws IOException {
        need(HEADER);
        ByteBuffer header = in.slice(in.position(), HEADER).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + HEADER);
        int magic = header.getInt();
        if (magic != MAGIC) {
            throw new WireException("found 0x" + Integer.toHexString(magic) + " at a frame's start, expected 0x"
                    + Integer.toHexString(MAGIC) + ": the peer does not speak this protocol, or only one of both TLS");
        }
        int type = header.get() & 0xff;
        boolean reserved = header.get() != 0 | header.getShort() != 0;
        int request = header.getInt();
        int fields = header.getInt();
        long data = header.getLong();
        inSum.reset();
        inSum.update(header.duplicate().position(0).limit(header.position()));
        if (header.getInt() != (int) inSum.getValue()) {
            throw new WireException("a frame's header does not match its checksum");
        }
        reserved |= header.getInt() != 0;
        if (type >= FrameType.values().length || reserved) {
            throw new WireException("found a frame of type " + type + ", which this version does not know");
        }
        FrameType known = FrameType.values()[type];
        if (!greeted && known.fields(false) == 0) {
            throw new WireException("found " + known + " before the greeting was over");
        }
        if (fields < 0 || fields > known.fields(greeted)) {
            throw new WireException("found " + fields + " bytes of fields in " + known + ", expected at most "
                    + known.fields(greeted));
        }
        if (data < 0 || data > (known.hasData() && greeted ? Limits.DATA : 0)) {
            throw new WireException("found " + data + " bytes of elements in " + known);
        }
        return new Header(known, request, fields, data);
    }

    /** A frame's fields, after its header. */
    public byte[] fields(Header header) throws IOException {
        byte[] fields = new byte[header.fields()];
        for (int at = 0; at < fields.length; ) {
            need(1);
            int count = Math.min(in.remaining(), fields.length - at);
            in.get(fields, at, count);
            at += count;
        }
        inSum.reset();
        inSum.update(fields, 0, fields.length);
        check();
        if (header.data() > 0) {
            inSum.reset();
            inFrom = in.position();
        }
        return fields;
    }

    /** After the fields: the next of the frame's elements. */
    public void take(MemorySegment into) throws IOException {
        long size = into.byteSize();
        for (long at = 0; at < size; ) {
            if (in.hasRemaining()) {
                int count = (int) Math.min(in.remaining(), size - at);
                MemorySegment.copy(inMemory, in.position(), into, at, count);
                in.position(in.position() + count);
                at += count;
            } else if (size - at >= SMALL) {
                addIn();
                ByteBuffer chunk = into.asSlice(at, Math.min(CHUNK, size - at)).asByteBuffer();
                int count = link.read(chunk);
                got(count);
                inSum.update(chunk.flip());
                at += count;
            } else {
                need(1);
            }
        }
    }

    /** Reads elements that nobody wants, and checks them like others. */
    public void skip(long bytes) throws IOException {
        for (long left = bytes; left > 0; ) {
            need(1);
            int count = (int) Math.min(in.remaining(), left);
            in.position(in.position() + count);
            left -= count;
        }
    }

    private void addIn() {
        if (inFrom != NOTHING) {
            inSum.update(in.duplicate().limit(in.position()).position(inFrom));
            inFrom = in.position();
        }
    }

    /**
     * After the last element; nothing received may be used before.
     *
     * @return the elements' checksum
     */
    public int endOfData() throws IOException {
        addIn();
        inFrom = NOTHING;
        check();
        return summedIn;
    }

    private void check() throws IOException {
        need(SUM);
        int sum = in.getInt();
        summedIn = (int) inSum.getValue();
        if (sum != summedIn) {
            throw new WireException("a frame does not match its checksum");
        }
    }

    private void need(int bytes) throws IOException {
        if (in.remaining() >= bytes) {
            return;
        }
        addIn();
        in.compact();
        inFrom = inFrom == NOTHING ? NOTHING : 0;
        try {
            while (in.position() < bytes) {
                got(link.read(in));
            }
        } finally {
            in.flip();
        }
    }

    private void got(int count) throws IOException {
        if (count < 0) {
            throw new EOFException("the peer closed the connection");
        }
        lastRead = clock.nanos();
        bytesIn.addAndGet(count);
    }

    @Override
    public void close() {
        link.close();
    }
}
