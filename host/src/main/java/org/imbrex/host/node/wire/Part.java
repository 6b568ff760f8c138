package org.imbrex.host.node.wire;

import java.util.List;

/**
 * What some loads of a tile read of one buffer: memory for the elements first … last, and the pieces of it that travel;
 * or, of a block that the node holds, the elements first … last, of which none travels.
 *
 * @param last inclusive
 * @param block the block's number, or {@link #NONE}
 */
public record Part(List<Integer> loads, long first, long last, int block, List<Runs> pieces) {
    /** No block: the elements come with the tile. */
    public static final int NONE = -1;

    public Part {
        loads = List.copyOf(loads);
        pieces = List.copyOf(pieces);
    }

    public Part(List<Integer> loads, long first, long last, List<Runs> pieces) {
        this(loads, first, last, NONE, pieces);
    }

    /** The same elements, held by a node as a block. */
    public Part in(int number) {
        return new Part(loads, first, last, number, List.of());
    }

    public boolean isHeld() {
        return block != NONE;
    }

    public long elements() {
        return last - first + 1;
    }

    /** Whether one piece brings all of the memory. */
    public boolean isFull() {
        return pieces.size() == 1 && pieces.getFirst().elements() == elements();
    }
}
