package org.imbrex.kernels.tornado.standin;

/** Elements on the heap. */
public final class DoubleArray {
    public final double[] elements;

    public DoubleArray(int size) {
        elements = new double[size];
    }

    public double get(int index) {
        return elements[index];
    }

    public void set(int index, double value) {
        elements[index] = value;
    }
}
