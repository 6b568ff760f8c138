package org.imbrex.kernels.tornado.standin;

/** Elements on the heap. */
public final class IntArray {
    public final int[] elements;

    public IntArray(int size) {
        elements = new int[size];
    }

    public int get(int index) {
        return elements[index];
    }

    public void set(int index, int value) {
        elements[index] = value;
    }
}
