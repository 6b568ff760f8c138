package org.imbrex.runtime.schedule;

import java.util.Optional;
import org.imbrex.runtime.trace.Trace;

/**
 * How to run a program.
 *
 * @param device as {@link org.imbrex.runtime.device.Devices#select} takes it
 * @param threads the most tiles at once on this machine's processor, 0 for as many as it has
 * @param tile the tile's extents over the leading axes, or empty to choose
 * @param memoryBytes the most memory for tiles and intermediate arrays, 0 for half of what is available
 * @param verify the share of tiles, 0 to 1, that are computed again, on another node or by the reference; at least
 *     one of each stage and of each device if above 0
 * @param fast whether devices that are not exact may be used
 * @param attest whether the summary lists each tile with its device, kernel and digests
 * @param log keeps what tiles have written, for a run that is begun again
 */
public record RunOptions(
        String device,
        int threads,
        Optional<long[]> tile,
        long memoryBytes,
        double verify,
        boolean fast,
        boolean attest,
        Progress progress,
        Trace trace,
        Cancellation cancellation,
        TileLog log) {

    /** Everything as the engine chooses. */
    public static RunOptions defaults() {
        return new RunOptions(
                "auto", 0, Optional.empty(), 0, 0, false, false, Progress.NONE, Trace.NONE, new Cancellation(),
                TileLog.NONE);
    }

    public RunOptions withDevice(String other) {
        return new RunOptions(other, threads, tile, memoryBytes, verify, fast, attest, progress, trace, cancellation, log);
    }

    public RunOptions withThreads(int other) {
        return new RunOptions(device, other, tile, memoryBytes, verify, fast, attest, progress, trace, cancellation, log);
    }

    public RunOptions withTile(long... other) {
        return new RunOptions(
                device, threads, Optional.of(other), memoryBytes, verify, fast, attest, progress, trace, cancellation, log);
    }

    public RunOptions withMemory(long bytes) {
        return new RunOptions(device, threads, tile, bytes, verify, fast, attest, progress, trace, cancellation, log);
    }

    public RunOptions withVerify(double share) {
        return new RunOptions(device, threads, tile, memoryBytes, share, fast, attest, progress, trace, cancellation, log);
    }

    public RunOptions withFast(boolean other) {
        return new RunOptions(device, threads, tile, memoryBytes, verify, other, attest, progress, trace, cancellation, log);
    }

    public RunOptions withAttest(boolean other) {
        return new RunOptions(device, threads, tile, memoryBytes, verify, fast, other, progress, trace, cancellation, log);
    }

    public RunOptions withProgress(Progress other) {
        return new RunOptions(device, threads, tile, memoryBytes, verify, fast, attest, other, trace, cancellation, log);
    }

    public RunOptions withTrace(Trace other) {
        return new RunOptions(device, threads, tile, memoryBytes, verify, fast, attest, progress, other, cancellation, log);
    }

    public RunOptions withCancellation(Cancellation other) {
        return new RunOptions(device, threads, tile, memoryBytes, verify, fast, attest, progress, trace, other, log);
    }

    public RunOptions withLog(TileLog other) {
        return new RunOptions(
                device, threads, tile, memoryBytes, verify, fast, attest, progress, trace, cancellation, other);
    }
}
