package org.imbrex.runtime.trace;

import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;

/**
 * Work in hand, for JDK Flight Recorder: begun before, ended after. Costs a few nanoseconds while nothing records.
 * Names are made only where an event is kept, and event classes, which take a tenth of a second to load, only once a
 * recorder runs.
 */
public final class Flight {
    private static final Flight NONE = new Flight(null);

    private final Event event;

    private Flight(Event event) {
        this.event = event;
    }

    private static Flight of(Event event) {
        if (!event.isEnabled()) {
            return NONE;
        }
        event.begin();
        return new Flight(event);
    }

    public static Flight plan() {
        return FlightRecorder.isInitialized() ? of(new PlanEvent()) : NONE;
    }

    public static Flight tile() {
        return FlightRecorder.isInitialized() ? of(new TileEvent()) : NONE;
    }

    public static Flight kernel() {
        return FlightRecorder.isInitialized() ? of(new KernelEvent()) : NONE;
    }

    public static Flight merge() {
        return FlightRecorder.isInitialized() ? of(new MergeEvent()) : NONE;
    }

    public static Flight transfer() {
        return FlightRecorder.isInitialized() ? of(new TransferEvent()) : NONE;
    }

    /** A plan was made. */
    public void planned(String program, int stages, long tiles) {
        if (event instanceof PlanEvent plan) {
            plan.program = program;
            plan.stages = stages;
            plan.tiles = tiles;
            plan.commit();
        }
    }

    /** A tile, its kernel or its merge has ended. */
    public void ended(Object tile, String device) {
        switch (event) {
            case null -> {}
            case TileEvent done -> {
                done.tile = tile.toString();
                done.device = device;
                done.commit();
            }
            case KernelEvent done -> {
                done.tile = tile.toString();
                done.device = device;
                done.commit();
            }
            case MergeEvent done -> {
                done.tile = tile.toString();
                done.commit();
            }
            default -> throw new IllegalArgumentException("not a tile's event: " + event);
        }
    }

    /** @param what {@code read} or {@code write}, or a device's id with the bytes moved to and from it */
    public void moved(Object tile, String what, long bytes) {
        if (event instanceof TransferEvent transfer && bytes > 0) {
            transfer.tile = tile.toString();
            transfer.what = what;
            transfer.bytes = bytes;
            transfer.commit();
        }
    }
}
