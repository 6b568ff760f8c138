package org.imbrex.kernels.tornado.standin;

/** Elements on the heap. */
public final class ByteArray {
    public final byte[] elements;

    public ByteArray(int size) {
        elements = new byte[size];
    }

    public byte get(int index) {
        return elements[index];
    }

    public void set(int index, byte value) {
        elements[index] = value;
    }
}
