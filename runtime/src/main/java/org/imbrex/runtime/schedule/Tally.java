package org.imbrex.runtime.schedule;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.device.TileKernel.TileTimes;

/** What one worker has done: plain numbers of its own, so that counting costs nothing; added up when it is done. */
final class Tally {
    private static final int PHASES = Phase.values().length;

    final long[] phaseNanos = new long[PHASES];
    final long[] tiles;
    final long[] kernelNanos;
    final long[] bytesUp;
    final long[] bytesDown;
    /** Where a device is several places: what each has done. */
    final List<Map<String, Summary.DeviceUse>> places = new ArrayList<>();

    long bytesIn;
    long bytesOut;
    long verified;

    Tally(int devices) {
        tiles = new long[devices];
        kernelNanos = new long[devices];
        bytesUp = new long[devices];
        bytesDown = new long[devices];
        for (int k = 0; k < devices; k++) {
            places.add(new LinkedHashMap<>());
        }
    }

    void spent(Phase phase, long nanos) {
        phaseNanos[phase.ordinal()] += nanos;
    }

    void ran(int device, TileTimes times) {
        tiles[device]++;
        kernelNanos[device] += times.kernelNanos();
        bytesUp[device] += times.bytesUp();
        bytesDown[device] += times.bytesDown();
        if (times.place().isPresent()) {
            TileKernel.Place place = times.place().get();
            Summary.DeviceUse use = new Summary.DeviceUse(
                    place.device(), place.name(), 1, times.kernelNanos(), times.bytesUp(), times.bytesDown());
            places.get(device).merge(place.device(), use, Summary.DeviceUse::plus);
        }
        phaseNanos[Phase.UPLOAD.ordinal()] += times.uploadNanos();
        phaseNanos[Phase.KERNEL.ordinal()] += times.kernelNanos();
        phaseNanos[Phase.DOWNLOAD.ordinal()] += times.downloadNanos();
    }

    void add(Tally other) {
        add(phaseNanos, other.phaseNanos);
        add(tiles, other.tiles);
        add(kernelNanos, other.kernelNanos);
        add(bytesUp, other.bytesUp);
        add(bytesDown, other.bytesDown);
        for (int k = 0; k < places.size(); k++) {
            Map<String, Summary.DeviceUse> mine = places.get(k);
            other.places.get(k).forEach((place, use) -> mine.merge(place, use, Summary.DeviceUse::plus));
        }
        bytesIn += other.bytesIn;
        bytesOut += other.bytesOut;
        verified += other.verified;
    }

    private static void add(long[] to, long[] from) {
        for (int k = 0; k < to.length; k++) {
            to[k] += from[k];
        }
    }
}
