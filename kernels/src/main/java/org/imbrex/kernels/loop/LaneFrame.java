package org.imbrex.kernels.loop;

/**
 * Where things lie in a {@link LaneLoop}'s frame: for each load and index its start, its step from slot to slot and
 * its step from element to element; for each accumulator where results go, and their step from slot to slot.
 */
public record LaneFrame(int loads, int indices, int accumulators) {

    public int length() {
        return fromElement() + 5;
    }

    public int load(int number) {
        return number;
    }

    public int index(int number) {
        return loads + number;
    }

    public int slotStep(int start) {
        return start + loads + indices;
    }

    public int elementStep(int start) {
        return start + 2 * (loads + indices);
    }

    public int out(int accumulator) {
        return 3 * (loads + indices) + accumulator;
    }

    public int outStep(int accumulator) {
        return out(accumulators + accumulator);
    }

    /** The first element of each slot that is combined, and one past the last, columns and rows together. */
    int fromElement() {
        return out(2 * accumulators);
    }

    int toElement() {
        return fromElement() + 1;
    }

    /** 8 lanes times columns. */
    int width() {
        return fromElement() + 2;
    }
}
