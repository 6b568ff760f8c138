package org.imbrex.host.node.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.BiConsumer;

/** Builds a message's fields: little-endian numbers, counts before lists. */
public final class Encoder {
    private ByteBuffer buffer = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);

    private ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) {
            int size = Math.max(buffer.capacity() * 2, buffer.position() + bytes);
            buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).put(buffer.flip());
        }
        return buffer;
    }

    public Encoder u8(int value) {
        room(1).put((byte) value);
        return this;
    }

    public Encoder u16(int value) {
        room(2).putShort((short) value);
        return this;
    }

    public Encoder i32(int value) {
        room(4).putInt(value);
        return this;
    }

    public Encoder i64(long value) {
        room(8).putLong(value);
        return this;
    }

    /** Its number in the declaration: the protocol's version fixes the order. */
    public Encoder choice(Enum<?> value) {
        return u8(value.ordinal());
    }

    public Encoder bytes(byte[] value) {
        room(value.length).put(value);
        return this;
    }

    /** UTF-8 with its length in 16 bits; longer text is cut. */
    public Encoder text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        byte[] kept = utf8.length > Limits.TEXT ? Arrays.copyOf(utf8, Limits.TEXT) : utf8;
        return u16(kept.length).bytes(kept);
    }

    public Encoder longs(long[] values) {
        u8(values.length);
        for (long value : values) {
            i64(value);
        }
        return this;
    }

    public <T> Encoder list(Collection<T> values, BiConsumer<Encoder, T> each) {
        u16(values.size());
        values.forEach(value -> each.accept(this, value));
        return this;
    }

    public byte[] finished() {
        return Arrays.copyOf(buffer.array(), buffer.position());
    }
}
