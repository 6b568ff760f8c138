package org.imbrex.runtime.schedule;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.device.TileKernel.TileTimes;

/**
 * What one worker has done: numbers of its own, so that nobody waits to count; added up when it is done. Of thousands of
 * workers several share one: each has an entry for every place.
 */
final class Tally {
    private static final int PHASES = Phase.values().length;

    final long[] phaseNanos = new long[PHASES];
    final long[] tiles;
    final long[] kernelNanos;
    final long[] bytesUp;
    final long[] bytesDown;
    /** Where a device is several places: what each has done. */
    private Map<Integer, Map<String, Summary.DeviceUse>> places = Map.of();

    long bytesIn;
    long bytesOut;
    long verified;

    Tally(int devices) {
        tiles = new long[devices];
        kernelNanos = new long[devices];
        bytesUp = new long[devices];
        bytesDown = new long[devices];
    }

    synchronized void spent(Phase phase, long nanos) {
        phaseNanos[phase.ordinal()] += nanos;
    }

    synchronized void ran(int device, TileTimes times) {
        tiles[device]++;
        kernelNanos[device] += times.kernelNanos();
        bytesUp[device] += times.bytesUp();
        bytesDown[device] += times.bytesDown();
        if (times.place().isPresent()) {
            TileKernel.Place place = times.place().get();
            Summary.DeviceUse use = new Summary.DeviceUse(
                    place.device(), place.name(), 1, times.kernelNanos(), times.bytesUp(), times.bytesDown());
            add(device, place.device(), use);
        }
        phaseNanos[Phase.UPLOAD.ordinal()] += times.uploadNanos();
        phaseNanos[Phase.KERNEL.ordinal()] += times.kernelNanos();
        phaseNanos[Phase.DOWNLOAD.ordinal()] += times.downloadNanos();
    }

    synchronized void verified() {
        verified++;
    }

    synchronized void add(Tally other) {
        add(phaseNanos, other.phaseNanos);
        add(tiles, other.tiles);
        add(kernelNanos, other.kernelNanos);
        add(bytesUp, other.bytesUp);
        add(bytesDown, other.bytesDown);
        other.places.forEach((device, uses) -> uses.forEach((place, use) -> add(device, place, use)));
        bytesIn += other.bytesIn;
        bytesOut += other.bytesOut;
        verified += other.verified;
    }

    private void add(int device, String place, Summary.DeviceUse use) {
        if (places.isEmpty()) {
            places = new HashMap<>();
        }
        places.computeIfAbsent(device, first -> new LinkedHashMap<>()).merge(place, use, Summary.DeviceUse::plus);
    }

    /** What each of a device's places has done; none where it is one place. */
    Collection<Summary.DeviceUse> places(int device) {
        return places.getOrDefault(device, Map.of()).values();
    }

    private static void add(long[] to, long[] from) {
        for (int k = 0; k < to.length; k++) {
            to[k] += from[k];
        }
    }
}
