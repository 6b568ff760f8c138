package org.imbrex.kernels.loop;

/**
 * Where things lie in a {@link MapLoop}'s frame: for each load, store and index its start (an address, or an index),
 * then for each its step (in bytes, or in indices).
 */
public record Frame(int loads, int stores, int indices) {

    public int length() {
        return 2 * entries() + 2;
    }

    /** Loads, stores and indices together: the distance from a start to its step. */
    public int entries() {
        return loads + stores + indices;
    }

    public int load(int number) {
        return number;
    }

    public int store(int number) {
        return loads + number;
    }

    public int index(int number) {
        return loads + stores + number;
    }

    public int step(int start) {
        return start + entries();
    }

    /** Not 0: the scalar code is called although no lane needs it. For warming up. */
    int force() {
        return 2 * entries();
    }

    /** Not 0: rare sides are left out although some lane needs them. For warming up. */
    int ignore() {
        return 2 * entries() + 1;
    }
}
