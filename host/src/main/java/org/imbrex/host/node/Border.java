package org.imbrex.host.node;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.imbrex.runtime.device.DeviceException;

/**
 * Elements that cross from one slab to another after each round: written by one side, read by the other, at most two
 * rounds ahead.
 */
final class Border {
    private static final int SLOTS = 2;

    final Slabs.Crossing crossing;
    private final MemorySegment[] slots = new MemorySegment[SLOTS];
    private long written;
    private long read;
    private boolean over;

    Border(Slabs.Crossing crossing, int width, Arena arena) {
        this.crossing = crossing;
        long bytes = (crossing.elements().last() - crossing.elements().first() + 1) * width;
        for (int slot = 0; slot < SLOTS; slot++) {
            slots[slot] = arena.allocate(bytes, 64);
        }
    }

    /** Where the next round's elements go, once the other side has read those of two rounds before. */
    synchronized MemorySegment room() throws InterruptedException {
        while (!over && written - read == SLOTS) {
            wait();
        }
        check();
        return slots[(int) (written % SLOTS)];
    }

    synchronized void written() {
        written++;
        notifyAll();
    }

    /** The next round's elements, once they are there. */
    synchronized MemorySegment elements() throws InterruptedException {
        while (!over && written == read) {
            wait();
        }
        check();
        return slots[(int) (read % SLOTS)];
    }

    synchronized void read() {
        read++;
        notifyAll();
    }

    private void check() {
        if (over) {
            throw new DeviceException(DeviceException.Kind.LOST, "another node was lost");
        }
    }

    /** One of both has gone: nobody waits here any more. */
    synchronized void end() {
        over = true;
        notifyAll();
    }
}
