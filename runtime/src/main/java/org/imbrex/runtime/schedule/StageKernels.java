package org.imbrex.runtime.schedule;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.TileKernel;

/**
 * One stage's kernels, one for each device that takes it: how many of each may run at once, which devices have been put
 * aside and why.
 */
final class StageKernels {
    static final int NONE = -1;

    private final List<Device> devices;
    /** Asked for once: a device of many nodes asks them all. */
    private final String[] names;

    private final boolean[] isProcessor;

    private final AtomicReferenceArray<TileKernel> kernels;
    private final boolean[] lost;
    private final int[] workers;
    private final DeviceException[] reasons;
    private final AtomicIntegerArray idle;
    private final AtomicLongArray room;

    /**
     * @param kernels null where a device does not take the stage
     * @param reasons why it does not
     * @param lost is told which devices are gone for the rest of the run
     * @param workers how many tiles each device works on at once
     */
    StageKernels(
            List<Device> devices, TileKernel[] kernels, DeviceException[] reasons, boolean[] lost, int[] workers) {
        this.devices = devices;
        this.names = new String[devices.size()];
        this.isProcessor = new boolean[devices.size()];
        for (int number = 0; number < isProcessor.length; number++) {
            names[number] = devices.get(number).info().id();
            isProcessor[number] = devices.get(number).info().hostCpu();
        }
        this.kernels = new AtomicReferenceArray<>(kernels);
        this.reasons = reasons;
        this.lost = lost;
        this.workers = workers.clone();
        this.idle = new AtomicIntegerArray(workers);
        long[] unknown = new long[kernels.length];
        Arrays.fill(unknown, Long.MAX_VALUE);
        this.room = new AtomicLongArray(unknown);
    }

    /** Whether one device takes all tiles, and is this machine's processor. */
    boolean areOfOneProcessor() {
        int some = 0;
        for (int number = 0; number < kernels.length(); number++) {
            some += at(number) == null ? 0 : isProcessor[number] ? 1 : 2;
        }
        return some == 1;
    }

    Device device(int number) {
        return devices.get(number);
    }

    String name(int number) {
        return names[number];
    }

    /** Whether who gives a device its tiles computes them. */
    boolean isProcessor(int number) {
        return isProcessor[number];
    }

    /** The kernel on a device, or null where the device has been put aside. */
    TileKernel at(int number) {
        return kernels.get(number);
    }

    /** The device if it still works, else another that does, else {@link #NONE}. */
    int orAnother(int number) {
        if (at(number) != null) {
            return number;
        }
        for (int other = 0; other < kernels.length(); other++) {
            if (at(other) != null) {
                return other;
            }
        }
        return NONE;
    }

    /**
     * A device whose tile failed takes no more of this stage; one that is gone, of any.
     *
     * @return whether it was this call that put it aside
     */
    synchronized boolean putAside(int number, DeviceException why) {
        boolean first = at(number) != null;
        if (why.kind() == DeviceException.Kind.LOST) {
            lost[number] = true;
        }
        kernels.set(number, null);
        reasons[number] = first ? why : reasons[number];
        return first;
    }

    /** Why no device is left for a tile: the last reason first, then the other devices'. */
    synchronized DeviceException noneLeft(Object tile, DeviceException last, int lastDevice) {
        StringBuilder text = new StringBuilder("tile ")
                .append(tile)
                .append(" failed on ")
                .append(name(lastDevice))
                .append(", and no other device is left: ")
                .append(last.getMessage());
        for (int number = 0; number < reasons.length; number++) {
            if (number != lastDevice && reasons[number] != null) {
                text.append("; ").append(name(number)).append(": ").append(reasons[number].getMessage());
            }
        }
        return new DeviceException(last.kind(), text.toString(), last);
    }

    /** Why the device is not there any more. */
    synchronized DeviceException reason(int number) {
        DeviceException why = reasons[number];
        return why != null ? why : new DeviceException(DeviceException.Kind.LOST, "lost in an earlier stage");
    }

    /** How many of the device's threads each of so many tiles may have. */
    int threads(int number, long tiles) {
        return (int) Math.max(1, workers[number] / Math.max(1, tiles));
    }

    /** Takes one of the device's workers, if one is idle. */
    boolean acquire(int number) {
        if (idle.decrementAndGet(number) >= 0) {
            return true;
        }
        idle.incrementAndGet(number);
        return false;
    }

    void release(int number) {
        idle.incrementAndGet(number);
    }

    /** The most elements of a tile for which the device is not known to lack memory. */
    long room(int number) {
        return room.get(number);
    }

    void noRoom(int number, long elements) {
        room.accumulateAndGet(number, elements, Math::min);
    }
}
