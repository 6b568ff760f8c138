package org.imbrex.host.demo;

import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.host.report.Report;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.memory.Pages;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Summary;

/** The block means of many rows on each device found, timed beside each other, and compared bit for bit. */
final class SideBySide {
    private static final String MEANS = "mean(blocks(x, 8), axis=1)";
    private static final int RUNS = 3;
    /** The reference walks every element by itself: it gets this part of the rows. */
    private static final long REFERENCE_PART = 64;

    private final Engine engine;
    private final PrintWriter terminal;
    private final Report report;

    SideBySide(Engine engine, PrintWriter terminal, Report report) {
        this.engine = engine;
        this.terminal = terminal;
        this.report = report;
    }

    void run(long rows) {
        terminal.println();
        terminal.printf(Locale.ROOT, "%,d × 3 float64 made here -> %s, on each device:%n", rows, MEANS);
        terminal.flush();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = Pages.allocate(arena, rows * 3 * Double.BYTES);
            LongStream.range(0, rows * 3).parallel().forEach(i -> memory.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value(i)));
            Array x = Array.wrap(memory, DType.F64, Shape.of(rows, 3));
            long few = Math.max(8, rows / REFERENCE_PART / 8 * 8);
            Array part = Array.wrap(memory.asSlice(0, few * 3 * Double.BYTES), DType.F64, Shape.of(few, 3));
            compare(x, part);
        }
        engine.deviceNotes().forEach(note -> terminal.println("  note: " + note));
    }

    private void compare(Array x, Array part) {
        Array expected = null;
        String first = "";
        List<List<String>> table = new ArrayList<>();
        terminal.printf(Locale.ROOT, "  %-10s %12s %10s  %s%n", "device", "time", "GB/s", "bits");
        for (DeviceInfo device : engine.devices()) {
            boolean slow = device.backend().equals("reference");
            if (!device.exact()) {
                terminal.printf(Locale.ROOT, "  %-10s not used: its arithmetic is not correctly rounded%n", device.id());
                continue;
            }
            Array input = slow ? part : x;
            RunOptions options = RunOptions.defaults().withDevice(device.id());
            Summary best = null;
            Array result = null;
            try {
                for (int run = 0; run < (slow ? 1 : RUNS); run++) {
                    Engine.Run done = engine.run(MEANS, Map.of("x", input), options);
                    if (result != null) {
                        result.close();
                    }
                    result = done.result();
                    best = best == null || done.summary().wallNanos() < best.wallNanos() ? done.summary() : best;
                }
            } catch (DeviceException e) {
                terminal.printf(Locale.ROOT, "  %-10s failed: %s%n", device.id(), e.getMessage());
                table.add(List.of(device.id(), device.name(), "–", "–", "failed: " + e.getMessage()));
                continue;
            }
            String bits = "the first";
            if (expected == null) {
                expected = result;
                first = device.id();
            } else {
                bits = same(expected, result, device, first) + " as " + first;
            }
            double seconds = best.wallNanos() / 1e9;
            String rate = String.format(Locale.ROOT, "%.2f", (input.bytes() + result.bytes()) / seconds / 1e9);
            String time = String.format(Locale.ROOT, "%.1f ms", seconds * 1e3);
            String what = bits + (slow ? String.format(Locale.ROOT, ", on %,d rows", input.shape().extent(0)) : "");
            terminal.printf(Locale.ROOT, "  %-10s %12s %10s  %s%n", device.id(), time, rate, what);
            terminal.flush();
            table.add(List.of(device.id(), device.name(), time, rate, what));
        }
        report.heading("Every device, the same bits")
                .paragraph(String.format(Locale.ROOT, "%,d rows of 3 float64; the best of %d runs on each device.",
                        x.shape().extent(0), RUNS))
                .code(MEANS)
                .table("", List.of("device", "hardware", "time", "GB/s", "bits"), table);
    }

    /** Compares the rows that both have. */
    private static String same(Array expected, Array result, DeviceInfo device, String first) {
        long bytes = Math.min(expected.bytes(), result.bytes());
        long differs = memory(expected).asSlice(0, bytes).mismatch(memory(result).asSlice(0, bytes));
        if (differs >= 0) {
            throw new ImbrexException(device.id() + " and " + first + " differ in element " + differs / Double.BYTES
                    + " of " + MEANS);
        }
        return "the same";
    }

    private static MemorySegment memory(Array array) {
        MemorySegment copy = Pages.allocate(Arena.ofAuto(), array.bytes());
        array.copyTo(copy);
        return copy;
    }

    /** A number between 0 and 1 for each index: the same in every run. */
    private static double value(long i) {
        long mixed = (i + 1) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return ((mixed ^ (mixed >>> 31)) >>> 11) * 0x1p-53;
    }
}
