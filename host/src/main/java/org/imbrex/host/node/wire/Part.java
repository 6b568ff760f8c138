package org.imbrex.host.node.wire;

import java.util.List;

/**
 * What some loads of a tile read of one buffer: memory for the elements first … last, and the pieces of it that travel.
 *
 * @param last inclusive
 */
public record Part(List<Integer> loads, long first, long last, List<Runs> pieces) {
    public Part {
        loads = List.copyOf(loads);
        pieces = List.copyOf(pieces);
    }

    public long elements() {
        return last - first + 1;
    }

    /** Whether one piece brings all of the memory. */
    public boolean isFull() {
        return pieces.size() == 1 && pieces.getFirst().elements() == elements();
    }
}
