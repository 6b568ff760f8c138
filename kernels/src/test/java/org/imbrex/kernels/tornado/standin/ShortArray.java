package org.imbrex.kernels.tornado.standin;

/** Elements on the heap. */
public final class ShortArray {
    public final short[] elements;

    public ShortArray(int size) {
        elements = new short[size];
    }

    public short get(int index) {
        return elements[index];
    }

    public void set(int index, short value) {
        elements[index] = value;
    }
}
