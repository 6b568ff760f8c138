package org.imbrex.kernels.tornado.standin;

/** Elements on the heap. */
public final class LongArray {
    public final long[] elements;

    public LongArray(int size) {
        elements = new long[size];
    }

    public long get(int index) {
        return elements[index];
    }

    public void set(int index, long value) {
        elements[index] = value;
    }
}
