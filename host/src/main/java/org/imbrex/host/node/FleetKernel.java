package org.imbrex.host.node;

import java.util.List;
import java.util.Optional;
import org.imbrex.host.node.wire.Limits;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.memory.Span;

/** A stage run by nodes: one tile a call, several calls at once. */
final class FleetKernel implements TileKernel {
    /** A tile that takes so many times as long as usual is given to a second node, if one is idle. */
    private static final double SLOW = 4;
    /** … and at least this much longer, so that a pause of a collector is no reason. */
    private static final long SLOW_NANOS = 200_000_000;
    /** Before anything is usual. */
    private static final long UNKNOWN_NANOS = 2_000_000_000;
    /** A tile that is back sooner. */
    private static final long QUICK_NANOS = 5_000_000;

    private static final double SMOOTHING = 0.1;

    private final Fleet fleet;
    private final Program program;
    private final int stage;
    private final Pace pace;
    private final long run;

    /** A tile's usual time, smoothed; a lost update does no harm. */
    private static final class Pace {
        volatile double usualNanos;
    }

    FleetKernel(Fleet fleet, Program program, int stage) {
        this(fleet, program, stage, new Pace(), Lease.NO_RUN);
    }

    private FleetKernel(Fleet fleet, Program program, int stage, Pace pace, long run) {
        this.fleet = fleet;
        this.program = program;
        this.stage = stage;
        this.pace = pace;
        this.run = run;
    }

    @Override
    public TileKernel within(long number) {
        return new FleetKernel(fleet, program, stage, pace, number);
    }

    /** Of what is sent; each tile's attestation has the hash of the kernel that the node made of it. */
    @Override
    public String hash() {
        return program.id() + "/" + stage;
    }

    @Override
    public TileTimes run(Tile tile, List<Span> loads, List<Span> stores) {
        return run(lease(tile, loads, stores));
    }

    /** By another node; empty where no other is there or could run it. */
    @Override
    public Optional<TileTimes> runElsewhere(Tile tile, List<Span> loads, List<Span> stores, Place first) {
        Lease lease = lease(tile, loads, stores);
        lease.leaveOut(first.device());
        try {
            return Optional.of(run(lease));
        } catch (DeviceException e) {
            return Optional.empty();
        }
    }

    private Lease lease(Tile tile, List<Span> loads, List<Span> stores) {
        double usualNanos = pace.usualNanos;
        return new Lease(program, tile, loads, stores, usualNanos > 0 && usualNanos < QUICK_NANOS, fleet.surroundings(), run);
    }

    private TileTimes run(Lease lease) {
        if (lease.longestFrame() > Limits.DATA) {
            throw new DeviceException(
                    DeviceException.Kind.OUT_OF_MEMORY,
                    "a tile moves " + lease.longestFrame() + " bytes at once, more than a frame holds");
        }
        long began = fleet.surroundings().nanos();
        try {
            while (lease.answer() == null) {
                if (lease.losses() > fleet.mostLosses()) {
                    throw new DeviceException(
                            DeviceException.Kind.LOST, String.join("; ", lease.faults()) + "; it is given up");
                }
                Seat seat = seat(lease);
                fleet.surroundings().between();
                seat.connection().send(lease, seat);
                follow(lease);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DeviceException(DeviceException.Kind.FAILED, "interrupted while a node had the tile", e);
        } finally {
            lease.end();
            for (Lease.Attempt attempt : lease.live()) {
                fleet.connection(attempt.node).ifPresent(connection -> connection.cancel(attempt.request));
            }
        }
        long nanos = fleet.surroundings().nanos() - began;
        double usualNanos = pace.usualNanos;
        pace.usualNanos = usualNanos == 0 ? nanos : usualNanos + SMOOTHING * (nanos - usualNanos);
        return times(lease, nanos);
    }

    private Seat seat(Lease lease) throws InterruptedException {
        try {
            return fleet.take(lease);
        } catch (DeviceException e) {
            throw e.after(lease.mishaps());
        }
    }

    /** Waits for an answer; where it is long in coming and another node is idle, that one is asked as well. */
    private void follow(Lease lease) throws InterruptedException {
        double usualNanos = pace.usualNanos;
        long patience = usualNanos == 0 ? UNKNOWN_NANOS : (long) (SLOW * usualNanos) + SLOW_NANOS;
        while (lease.answer() == null && lease.isLive()) {
            lease.await(patience);
            if (lease.answer() == null && lease.isLive() && lease.live().size() == 1) {
                Optional<Seat> second = fleet.room.tryTake(lease);
                if (second.isPresent()) {
                    lease.fault(lease.live().stream().findFirst().map(a -> a.node).orElse("a node")
                            + ": slow, a tile given to a second node as well");
                    second.get().connection().send(lease, second.get());
                }
            }
        }
    }

    static TileTimes times(Lease lease, long nanos) {
        Lease.Answer answer = lease.answer();
        Computed computed = Computed.decode(answer.node(), answer.fields(), nanos);
        return new TileTimes(
                0,
                computed.kernelNanos(),
                nanos - computed.kernelNanos(),
                lease.sentBytes(),
                lease.dataOut,
                Optional.of(computed.place()),
                lease.faults());
    }
}
