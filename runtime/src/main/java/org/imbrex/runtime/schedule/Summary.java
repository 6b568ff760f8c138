package org.imbrex.runtime.schedule;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a run did.
 *
 * @param devices the devices that took tiles
 * @param notes which devices were passed over and why, and every fault: retries, splits, devices put aside
 * @param faults how many faults were met and worked around
 * @param verified how many tiles were computed again, on another node or by the reference, with equal bits
 * @param bytesRead as planned, {@code bytesWritten} likewise
 * @param peakBytes the most memory that was held for tiles and intermediate arrays
 * @param phases nanoseconds by phase, summed over workers: read, upload, kernel, download, merge, write, verify
 * @param tiles each tile's attestation, where asked for
 */
public record Summary(
        List<DeviceUse> devices,
        List<String> notes,
        int faults,
        long verified,
        long bytesRead,
        long bytesWritten,
        double operations,
        long peakBytes,
        long planNanos,
        long wallNanos,
        Map<String, Long> phases,
        List<Attestation> tiles) {

    /** @param kernelNanos summed over its workers */
    public record DeviceUse(
            String id, String name, long tiles, long kernelNanos, long bytesUp, long bytesDown) {
        DeviceUse plus(DeviceUse other) {
            return new DeviceUse(
                    id,
                    name,
                    tiles + other.tiles,
                    kernelNanos + other.kernelNanos,
                    bytesUp + other.bytesUp,
                    bytesDown + other.bytesDown);
        }
    }

    /** One tile's result: where and by which code it was computed, from what, and what it is. */
    public record Attestation(
            String tile, String device, String backend, String kernelHash, String inputDigest, String resultDigest) {}

    /** The same with one note more, for a fault that ended an earlier try of the same work. */
    public Summary withFault(String note) {
        List<String> more = new ArrayList<>(notes);
        more.add(note);
        return new Summary(
                devices, List.copyOf(more), faults + 1, verified, bytesRead, bytesWritten, operations, peakBytes,
                planNanos, wallNanos, phases, tiles);
    }

    /** For people: one line for each device, one for the whole, and the notes. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (DeviceUse use : devices) {
            text.append(String.format(
                    Locale.ROOT, "%-10s %,d tiles, %s in kernels  (%s)%n", use.id(), use.tiles(),
                    time(use.kernelNanos()), use.name()));
        }
        text.append(String.format(
                Locale.ROOT,
                "%-10s %s, %.2f GB/s over %,d bytes; peak memory %,d bytes%n",
                "total",
                time(wallNanos),
                (bytesRead + bytesWritten) / (double) Math.max(1, wallNanos),
                bytesRead + bytesWritten,
                peakBytes));
        if (verified > 0) {
            text.append(String.format(Locale.ROOT, "%-10s %,d tiles computed again, equal bits%n",
                    "verified", verified));
        }
        notes.forEach(note -> text.append("note       ").append(note).append('\n'));
        return text.toString();
    }

    /** As JSON-like maps, lists, strings and numbers. */
    public Map<String, Object> data() {
        Map<String, Object> data = new LinkedHashMap<>();
        List<Object> uses = new ArrayList<>();
        for (DeviceUse use : devices) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("id", use.id());
            one.put("name", use.name());
            one.put("tiles", use.tiles());
            one.put("kernel_seconds", use.kernelNanos() / 1e9);
            one.put("bytes_up", use.bytesUp());
            one.put("bytes_down", use.bytesDown());
            uses.add(one);
        }
        data.put("devices", uses);
        data.put("notes", notes);
        data.put("faults", faults);
        data.put("verified_tiles", verified);
        data.put("bytes_read", bytesRead);
        data.put("bytes_written", bytesWritten);
        data.put("operations", operations);
        data.put("peak_bytes", peakBytes);
        data.put("plan_seconds", planNanos / 1e9);
        data.put("wall_seconds", wallNanos / 1e9);
        Map<String, Object> seconds = new LinkedHashMap<>();
        phases.forEach((phase, nanos) -> seconds.put(phase, nanos / 1e9));
        data.put("phase_seconds", seconds);
        if (!tiles.isEmpty()) {
            List<Object> list = new ArrayList<>();
            for (Attestation tile : tiles) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("tile", tile.tile());
                one.put("device", tile.device());
                one.put("backend", tile.backend());
                one.put("kernel", tile.kernelHash());
                one.put("input", tile.inputDigest());
                one.put("result", tile.resultDigest());
                list.add(one);
            }
            data.put("tiles", list);
        }
        return data;
    }

    private static String time(long nanos) {
        return nanos < 1_000_000
                ? String.format(Locale.ROOT, "%.1f µs", nanos / 1e3)
                : nanos < 1_000_000_000
                        ? String.format(Locale.ROOT, "%.1f ms", nanos / 1e6)
                        : String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }
}
