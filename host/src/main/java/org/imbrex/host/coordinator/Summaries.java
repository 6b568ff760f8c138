package org.imbrex.host.coordinator;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.WireException;
import org.imbrex.runtime.schedule.Summary;

/** Summaries as bytes; attested tiles stay out, they are in the journal. */
final class Summaries {
    /** Notes beyond these are counted, and each is cut at so many characters: a summary fits a frame. */
    private static final int NOTES = 40;

    private static final int LETTERS = 300;
    private static final int DEVICES = 100;
    private static final int PHASES = 32;

    private Summaries() {}

    static void encode(Encoder to, Summary summary) {
        List<Summary.DeviceUse> devices = summary.devices();
        to.list(devices.subList(0, Math.min(DEVICES, devices.size())), (e, use) -> e.text(cut(use.id()))
                .text(cut(use.name()))
                .i64(use.tiles())
                .i64(use.kernelNanos())
                .i64(use.bytesUp())
                .i64(use.bytesDown()));
        List<String> notes = new ArrayList<>(summary.notes());
        if (notes.size() > NOTES) {
            notes.subList(NOTES - 1, notes.size()).clear();
            notes.add("and " + (summary.notes().size() - NOTES + 1) + " notes more");
        }
        to.list(notes, (e, note) -> e.text(cut(note)));
        to.i64(summary.faults())
                .i64(summary.verified())
                .i64(summary.bytesRead())
                .i64(summary.bytesWritten())
                .i64(Double.doubleToRawLongBits(summary.operations()))
                .i64(summary.peakBytes())
                .i64(summary.planNanos())
                .i64(summary.wallNanos());
        to.list(summary.phases().entrySet(), (e, phase) -> e.text(phase.getKey()).i64(phase.getValue()));
    }

    private static String cut(String text) {
        return text.length() > LETTERS ? text.substring(0, LETTERS) + "…" : text;
    }

    static Summary decode(Decoder from) throws WireException {
        List<Summary.DeviceUse> devices = from.list(
                DEVICES,
                d -> new Summary.DeviceUse(d.text(), d.text(), d.i64(), d.i64(), d.i64(), d.i64()));
        List<String> notes = from.list(NOTES, Decoder::text);
        int faults = (int) from.size(Integer.MAX_VALUE);
        long verified = from.i64();
        long bytesRead = from.i64();
        long bytesWritten = from.i64();
        double operations = Double.longBitsToDouble(from.i64());
        long peak = from.i64();
        long plan = from.i64();
        long wall = from.i64();
        Map<String, Long> phases = new LinkedHashMap<>();
        for (Map.Entry<String, Long> phase : from.list(PHASES, d -> Map.entry(d.text(), d.i64()))) {
            phases.put(phase.getKey(), phase.getValue());
        }
        return new Summary(
                devices, notes, faults, verified, bytesRead, bytesWritten, operations, peak, plan, wall, phases, List.of());
    }
}
