package org.imbrex.host.node.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads a message's fields and refuses what is cut short, too long or out of range. */
public final class Decoder {
    private final ByteBuffer buffer;

    /** Reads one element of a list. */
    @FunctionalInterface
    public interface Each<T> {
        T read(Decoder from) throws WireException;
    }

    public Decoder(byte[] message) {
        this.buffer = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer need(int bytes) throws WireException {
        if (buffer.remaining() < bytes) {
            throw new WireException("found a message that ends at byte " + buffer.limit() + ", expected " + bytes
                    + " bytes more at " + buffer.position());
        }
        return buffer;
    }

    public int u8() throws WireException {
        return need(1).get() & 0xff;
    }

    public int u16() throws WireException {
        return need(2).getShort() & 0xffff;
    }

    public int i32() throws WireException {
        return need(4).getInt();
    }

    public long i64() throws WireException {
        return need(8).getLong();
    }

    /** A number from 0 to {@code most}. */
    public long size(long most) throws WireException {
        long value = i64();
        if (value < 0 || value > most) {
            throw new WireException("found the size " + value + ", expected 0 to " + most);
        }
        return value;
    }

    /** A number from 0 to {@code most}. */
    public int count(int most) throws WireException {
        int value = u16();
        if (value > most) {
            throw new WireException("found the count " + value + ", expected at most " + most);
        }
        return value;
    }

    public <T extends Enum<T>> T choice(T[] values) throws WireException {
        int number = u8();
        if (number >= values.length) {
            throw new WireException("found choice " + number + " of " + values[0].getDeclaringClass().getSimpleName()
                    + ", expected less than " + values.length);
        }
        return values[number];
    }

    public byte[] bytes(int length) throws WireException {
        byte[] value = new byte[length];
        need(length).get(value);
        return value;
    }

    /** All that is left. */
    public byte[] rest() {
        byte[] rest = new byte[buffer.remaining()];
        buffer.get(rest);
        return rest;
    }

    public String text() throws WireException {
        int length = count(Limits.TEXT);
        try {
            ByteBuffer utf8 = ByteBuffer.wrap(bytes(length));
            String text = StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
            // what is printed must not drive a terminal
            return text.codePoints().anyMatch(Character::isISOControl)
                    ? text.replaceAll("\\p{Cntrl}", "?")
                    : text;
        } catch (CharacterCodingException e) {
            throw new WireException("found text that is not UTF-8");
        }
    }

    public long[] longs(int most) throws WireException {
        int length = u8();
        if (length > most) {
            throw new WireException("found " + length + " numbers, expected at most " + most);
        }
        need(length * Long.BYTES);
        long[] values = new long[length];
        for (int k = 0; k < length; k++) {
            values[k] = i64();
        }
        return values;
    }

    public <T> List<T> list(int most, Each<T> each) throws WireException {
        int count = count(most);
        List<T> values = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            values.add(each.read(this));
        }
        return values;
    }

    /** The message must be at its end. */
    public void end() throws WireException {
        if (buffer.hasRemaining()) {
            throw new WireException("found " + buffer.remaining() + " bytes after a message's end");
        }
    }
}
