package org.imbrex.runtime.schedule;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.trace.Trace;

/** A run's account: what its workers have tallied, its faults and its attestations. */
final class Ledger {
    private static final int MOST_NOTES = 100;

    private final List<Device> devices;
    private final Trace trace;
    private final Progress progress;
    private final Clock clock;
    private final long tiles;
    private final Tally total;
    private final AtomicLong done = new AtomicLong();
    private final List<String> planNotes;
    private final Map<String, Integer> faults = new LinkedHashMap<>();
    private final List<Summary.Attestation> attestations = new ArrayList<>();
    private int faultCount;
    private int unnamedFaults;

    Ledger(List<Device> devices, RunOptions options, Plan plan, Clock clock) {
        this.devices = devices;
        this.trace = options.trace();
        this.progress = options.progress();
        this.clock = clock;
        this.tiles = plan.tiles();
        this.total = new Tally(devices.size());
        this.planNotes = plan.notes();
    }

    Tally tally() {
        return new Tally(devices.size());
    }

    /** Called when no worker is at work. */
    void add(Tally tally) {
        total.add(tally);
    }

    long now() {
        return clock.nanos();
    }

    /** A piece of work on a tile that ends now. */
    void spent(Tally tally, Phase phase, Object tile, long began) {
        long now = clock.nanos();
        tally.spent(phase, now - began);
        if (trace != Trace.NONE) {
            trace.span(phase.text() + " " + tile, phase.text(), began, now);
        }
    }

    /** A kernel's run that ends now. */
    void ran(int device, Object tile, long began) {
        if (trace != Trace.NONE) {
            trace.span(tile + " on " + devices.get(device).info().id(), "kernel", began, clock.nanos());
        }
    }

    void finished(long count) {
        if (progress != Progress.NONE) {
            progress.tiles(done.addAndGet(count), tiles);
        }
    }

    /** Notes are told once, with how often they came. */
    synchronized void fault(String note) {
        faultCount++;
        if (faults.size() < MOST_NOTES || faults.containsKey(note)) {
            faults.merge(note, 1, Integer::sum);
        } else {
            unnamedFaults++;
        }
    }

    synchronized void attest(Summary.Attestation attestation) {
        attestations.add(attestation);
    }

    private synchronized List<String> notes() {
        List<String> notes = new ArrayList<>(planNotes);
        for (int k = 0; k < devices.size(); k++) {
            if (total.tiles[k] > 0) {
                notes.addAll(devices.get(k).notes());
            }
        }
        faults.forEach((note, times) -> notes.add(times == 1 ? note : note + " (" + times + " times)"));
        if (unnamedFaults > 0) {
            notes.add("and " + unnamedFaults + " faults more");
        }
        return List.copyOf(notes);
    }

    synchronized Summary summary(Plan plan, long peakBytes, long planNanos, long wallNanos) {
        List<Summary.DeviceUse> uses = new ArrayList<>();
        for (int k = 0; k < devices.size(); k++) {
            Collection<Summary.DeviceUse> places = total.places(k);
            uses.addAll(places);
            if (total.tiles[k] > 0 && places.isEmpty()) {
                uses.add(new Summary.DeviceUse(
                        devices.get(k).info().id(),
                        devices.get(k).info().name(),
                        total.tiles[k],
                        total.kernelNanos[k],
                        total.bytesUp[k],
                        total.bytesDown[k]));
            }
        }
        return new Summary(
                List.copyOf(uses),
                notes(),
                faultCount,
                total.verified,
                plan.bytesRead(),
                plan.bytesWritten(),
                plan.operations(),
                peakBytes,
                planNanos,
                wallNanos,
                Phase.nanos(total.phaseNanos),
                List.copyOf(attestations));
    }
}
