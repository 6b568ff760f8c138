package org.imbrex.kernels.tornado.standin;

/** Elements on the heap. */
public final class FloatArray {
    public final float[] elements;

    public FloatArray(int size) {
        elements = new float[size];
    }

    public float get(int index) {
        return elements[index];
    }

    public void set(int index, float value) {
        elements[index] = value;
    }
}
