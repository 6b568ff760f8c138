package org.imbrex.runtime.schedule;

import org.imbrex.runtime.device.TileKernel.TileTimes;

/** What one worker has done: plain numbers of its own, so that counting costs nothing; added up when it is done. */
final class Tally {
    private static final int PHASES = Phase.values().length;

    final long[] phaseNanos = new long[PHASES];
    final long[] tiles;
    final long[] kernelNanos;
    final long[] bytesUp;
    final long[] bytesDown;
    long bytesIn;
    long bytesOut;
    long verified;

    Tally(int devices) {
        tiles = new long[devices];
        kernelNanos = new long[devices];
        bytesUp = new long[devices];
        bytesDown = new long[devices];
    }

    void spent(Phase phase, long nanos) {
        phaseNanos[phase.ordinal()] += nanos;
    }

    void ran(int device, TileTimes times) {
        tiles[device]++;
        kernelNanos[device] += times.kernelNanos();
        bytesUp[device] += times.bytesUp();
        bytesDown[device] += times.bytesDown();
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
