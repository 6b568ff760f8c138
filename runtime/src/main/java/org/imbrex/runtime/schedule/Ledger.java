package org.imbrex.runtime.schedule;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.TileKernel.TileTimes;
import org.imbrex.runtime.trace.TileEvent;
import org.imbrex.runtime.trace.Trace;

/** Counts what a run does, from all its workers. */
final class Ledger {
    private static final int MOST_NOTES = 200;

    /** Where time goes. */
    enum Phase {
        READ,
        UPLOAD,
        KERNEL,
        DOWNLOAD,
        MERGE,
        WRITE,
        VERIFY
    }

    private final List<Device> devices;
    private final Trace trace;
    private final Progress progress;
    private final long tiles;
    private final LongAdder[] phases = new LongAdder[Phase.values().length];
    private final LongAdder[] deviceTiles;
    private final LongAdder[] deviceNanos;
    private final LongAdder[] bytesUp;
    private final LongAdder[] bytesDown;
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong verified = new AtomicLong();
    private final AtomicInteger faults = new AtomicInteger();
    private final List<String> notes = new ArrayList<>();
    private final List<Summary.Attestation> attestations = new ArrayList<>();

    Ledger(List<Device> devices, RunOptions options, Plan plan) {
        this.devices = devices;
        this.trace = options.trace();
        this.progress = options.progress();
        this.tiles = plan.tiles();
        for (int k = 0; k < phases.length; k++) {
            phases[k] = new LongAdder();
        }
        deviceTiles = adders();
        deviceNanos = adders();
        bytesUp = adders();
        bytesDown = adders();
        notes.addAll(plan.notes());
    }

    private LongAdder[] adders() {
        LongAdder[] adders = new LongAdder[devices.size()];
        for (int k = 0; k < adders.length; k++) {
            adders[k] = new LongAdder();
        }
        return adders;
    }

    /** A piece of work on a tile that ends now. */
    void spent(Phase phase, String what, long began) {
        long now = System.nanoTime();
        phases[phase.ordinal()].add(now - began);
        if (trace != Trace.NONE) {
            trace.span(what, phase.name().toLowerCase(java.util.Locale.ROOT), began, now);
        }
    }

    void ran(int device, Object tile, TileTimes times, long began) {
        deviceTiles[device].increment();
        deviceNanos[device].add(times.kernelNanos());
        bytesUp[device].add(times.bytesUp());
        bytesDown[device].add(times.bytesDown());
        phases[Phase.UPLOAD.ordinal()].add(times.uploadNanos());
        phases[Phase.KERNEL.ordinal()].add(times.kernelNanos());
        phases[Phase.DOWNLOAD.ordinal()].add(times.downloadNanos());
        if (trace != Trace.NONE) {
            trace.span(tile + " on " + devices.get(device).info().id(), "kernel", began, System.nanoTime());
        }
        TileEvent event = new TileEvent();
        if (event.isEnabled()) {
            event.phase = "kernel";
            event.tile = tile.toString();
            event.device = devices.get(device).info().id();
            event.commit();
        }
    }

    void finished() {
        long now = done.incrementAndGet();
        if (progress != Progress.NONE) {
            progress.tiles(now, tiles);
        }
    }

    void verified() {
        verified.incrementAndGet();
    }

    void fault(String note) {
        faults.incrementAndGet();
        synchronized (notes) {
            if (notes.size() < MOST_NOTES && !notes.contains(note)) {
                notes.add(note);
            }
        }
    }

    void attest(Summary.Attestation attestation) {
        synchronized (attestations) {
            attestations.add(attestation);
        }
    }

    Summary summary(Plan plan, long peakBytes, long planNanos, long wallNanos) {
        List<Summary.DeviceUse> uses = new ArrayList<>();
        for (int k = 0; k < devices.size(); k++) {
            if (deviceTiles[k].sum() > 0) {
                uses.add(new Summary.DeviceUse(
                        devices.get(k).info().id(),
                        devices.get(k).info().name(),
                        deviceTiles[k].sum(),
                        deviceNanos[k].sum(),
                        bytesUp[k].sum(),
                        bytesDown[k].sum()));
            }
        }
        Map<String, Long> nanos = new LinkedHashMap<>();
        for (Phase phase : Phase.values()) {
            nanos.put(phase.name().toLowerCase(java.util.Locale.ROOT), phases[phase.ordinal()].sum());
        }
        double operations =
                plan.stages().stream().mapToDouble(Plan.StagePlan::operations).sum();
        return new Summary(
                List.copyOf(uses),
                List.copyOf(notes),
                faults.get(),
                verified.get(),
                plan.bytesRead(),
                plan.bytesWritten(),
                operations,
                peakBytes,
                planNanos,
                wallNanos,
                nanos,
                List.copyOf(attestations));
    }
}
