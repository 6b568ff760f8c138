package org.imbrex.runtime.schedule;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.device.TileKernel.TileTimes;
import org.imbrex.runtime.memory.Span;
import org.imbrex.runtime.merge.Partial;
import org.imbrex.runtime.trace.Flight;

/**
 * One worker of a stage. It takes a tile, brings what the tile reads, runs it on its device, merges or writes what came
 * of it, and takes the next. More hands than a device has workers bring and write while others compute.
 *
 * <p>A tile that the device has no memory for, or that would take more of the budget than the hand's share, is cut in
 * halves that are worked off one after the other. What fails is tried again once, then on another device.
 */
final class Hand implements Crew.Worker {
    private enum Next {
        TAKE,
        BRING,
        COMPUTE,
        WRITE
    }

    private final StageRun run;
    private final int number;
    private final Tally tally;
    private final ArrayDeque<Tile> pieces = new ArrayDeque<>(2);
    private final List<Placement.Lent> taken = new ArrayList<>(4);
    private int device;
    private int failures;
    private Next next = Next.TAKE;
    private TileQueue.Claim claim = TileQueue.Claim.NONE;
    private Flight flight = Flight.tile();
    private Tile tile;
    /** Whether the log has what the tile writes. */
    private boolean kept;
    private List<Span> loads = List.of();
    private List<Span> stores = List.of();
    private Span work = new Span(MemorySegment.NULL, 0);

    /** @param number of the stage's hands, from 0 */
    Hand(StageRun run, int number, int device, Tally tally) {
        this.run = run;
        this.number = number;
        this.device = device;
        this.tally = tally;
    }

    @Override
    public Crew.Turn turn() {
        try {
            if (run.isOver()) {
                drop();
                return Crew.Turn.DONE;
            }
            return switch (next) {
                case TAKE -> take();
                case BRING -> bring();
                case COMPUTE -> compute();
                case WRITE -> write();
            };
        } catch (Throwable e) {
            run.fail(e);
            drop();
            return Crew.Turn.DONE;
        }
    }

    @Override
    public boolean waits() {
        return !run.kernels.isProcessor(device);
    }

    private void drop() {
        taken.forEach(Placement.Lent::close);
        taken.clear();
    }

    private Crew.Turn take() {
        run.cancellation.check();
        claim = run.queue.take(number, run.plan.grains().get(device));
        if (claim.count() == 0) {
            return Crew.Turn.DONE;
        }
        flight = Flight.tile();
        begin(run.queue.tile(claim));
        return run.resident ? compute() : Crew.Turn.WORKED;
    }

    /** A whole tile, or the next piece of one that was cut. */
    private void begin(Tile piece) {
        tile = piece;
        while (run.log.isCut(tile)) {
            List<Tile> halves = Halves.of(run.stage, tile);
            pieces.push(halves.getLast());
            tile = halves.getFirst();
        }
        kept = run.log.has(tile);
        failures = 0;
        loads = run.wholeLoads;
        stores = List.of();
        next = run.resident ? Next.COMPUTE : Next.BRING;
    }

    private Crew.Turn bring() {
        run.cancellation.check();
        if (kept) {
            next = Next.COMPUTE;
            return Crew.Turn.WORKED;
        }
        if (run.memory.bytes(tile) > run.plan.handBytes()) {
            List<Tile> halves = Halves.of(run.stage, tile);
            if (!halves.isEmpty()) {
                return cut(halves);
            }
        }
        long began = run.ledger.now();
        Flight transfer = Flight.transfer();
        loads = run.placement.loads(run.stage, tile, run.memory, taken);
        transfer.moved(tile, "read", takenBytes());
        run.ledger.spent(tally, Phase.READ, tile, began);
        next = Next.COMPUTE;
        return Crew.Turn.WORKED;
    }

    private long takenBytes() {
        long bytes = 0;
        for (Placement.Lent lent : taken) {
            bytes += lent.memory().byteSize();
        }
        return bytes;
    }

    private Crew.Turn cut(List<Tile> halves) {
        drop();
        run.log.cut(tile);
        for (int k = halves.size() - 1; k >= 0; k--) {
            pieces.push(halves.get(k));
        }
        begin(pieces.pop());
        return Crew.Turn.WORKED;
    }

    private boolean isPartial() {
        return run.stage instanceof ReduceStage && tile.isPartial(run.stage);
    }

    /** Takes from the log what an earlier run has computed; where that is damaged, the tile is computed again. */
    private Crew.Turn restore() {
        List<Placement.Lent> own = isPartial() ? new ArrayList<>(2) : taken;
        boolean merged = false;
        try {
            stores = outputs(own);
            if (!run.log.restore(tile, written())) {
                kept = false;
                drop();
                stores = List.of();
                next = run.resident ? Next.COMPUTE : Next.BRING;
                return Crew.Turn.WORKED;
            }
            next = Next.WRITE;
            if (isPartial()) {
                merged = true;
                merge(own);
                return Crew.Turn.WORKED;
            }
        } finally {
            if (own != taken && !merged) {
                own.forEach(Placement.Lent::close);
            }
        }
        return run.resident ? pieceDone() : Crew.Turn.WORKED;
    }

    /** What the tile has written, or is to. */
    private TileLog.Memory written() {
        return new Written(run.stage, tile, isPartial(), stores);
    }

    private Crew.Turn compute() {
        if (kept) {
            return restore();
        }
        int at = run.kernels.orAnother(device);
        if (at == StageKernels.NONE) {
            throw run.kernels.noneLeft(tile, run.kernels.reason(device), device);
        }
        device = at;
        if (work() > run.kernels.room(at)) {
            List<Tile> halves = Halves.of(run.stage, tile);
            if (!halves.isEmpty()) {
                return cut(halves);
            }
        }
        if (!run.kernels.acquire(at)) {
            return Crew.Turn.WAITS;
        }
        List<Placement.Lent> own = isPartial() ? new ArrayList<>(2) : taken;
        boolean merged = false;
        try {
            if (stores.isEmpty() || own != taken) {
                stores = outputs(own);
            }
            List<Tile> halves = attempt(at);
            if (!halves.isEmpty()) {
                return cut(halves);
            }
            if (next == Next.COMPUTE) {
                return Crew.Turn.WORKED; // again, here or elsewhere
            }
            if (isPartial()) {
                merged = true;
                merge(own);
                return Crew.Turn.WORKED;
            }
        } finally {
            run.kernels.release(at);
            if (own != taken && !merged) {
                own.forEach(Placement.Lent::close);
            }
        }
        return run.resident ? pieceDone() : Crew.Turn.WORKED;
    }

    /** What a tile's size is for a device that has run out of memory. */
    private long work() {
        return tile.elements() * (tile.leafTo() - tile.leafFrom());
    }

    private List<Span> outputs(List<Placement.Lent> own) {
        if (run.stage instanceof LineStage lines) {
            Placement.Lent lent = run.placement.take(Math.max(1, lines.workBytes()));
            own.add(lent);
            work = new Span(lent.memory(), 0);
        }
        if (!isPartial()) {
            return run.resident ? run.wholeStores : run.placement.stores(run.stage, tile, own);
        }
        ReduceStage reduce = (ReduceStage) run.stage;
        List<Span> spans = new ArrayList<>(2);
        for (int k = 0; k < reduce.combines().size(); k++) {
            Placement.Lent lent =
                    run.placement.take(tile.elements() * reduce.body().resultType(k).bytes());
            own.add(lent);
            spans.add(new Span(lent.memory(), 0));
        }
        return spans;
    }

    /** Runs the tile; goes on to writing where it worked. Halves where the device has no room for it. */
    private List<Tile> attempt(int at) {
        TileKernel kernel = run.kernels.at(at);
        if (kernel == null) {
            return List.of(); // put aside since
        }
        TileTimes times;
        try {
            long began = run.ledger.now();
            Flight flying = Flight.kernel();
            Flight transfer = Flight.transfer();
            times = run.stage instanceof LineStage
                    ? kernel.run(tile, loads, stores, work, run.kernels.threads(at, run.plan.tiles()))
                    : kernel.run(tile, loads, stores);
            flying.ended(tile, run.kernels.name(at));
            transfer.moved(tile, run.kernels.name(at), times.bytesUp() + times.bytesDown());
            tally.ran(at, times);
            times.faults().forEach(run.ledger::fault);
            run.ledger.ran(at, tile, began);
        } catch (DeviceException e) {
            return fault(at, e);
        }
        run.verifier.check(
                claim.first(), tile, run.kernels.device(at), kernel, times.place(), loads, stores, tally);
        run.log.keep(
                tile,
                times.place().map(TileKernel.Place::device).orElseGet(() -> run.kernels.name(at)),
                written());
        next = Next.WRITE;
        return List.of();
    }

    private List<Tile> fault(int at, DeviceException e) {
        String where = run.kernels.name(at);
        e.before().forEach(run.ledger::fault);
        if (e.kind() == DeviceException.Kind.OUT_OF_MEMORY) {
            List<Tile> halves = Halves.of(run.stage, tile);
            if (!halves.isEmpty()) {
                run.kernels.noRoom(at, work() - 1);
                run.ledger.fault(where + ": no memory for a tile (" + e.getMessage() + "), cut in two");
                return halves;
            }
        }
        if (e.kind() == DeviceException.Kind.FAILED && failures++ == 0) {
            run.ledger.fault(where + ": tile failed (" + e.getMessage() + "), tried again");
            return List.of();
        }
        failures = 0;
        boolean first = run.kernels.putAside(at, e);
        int other = run.kernels.orAnother(at);
        if (other == StageKernels.NONE) {
            throw run.kernels.noneLeft(tile, e, at);
        }
        run.ledger.fault(where + ": " + (first ? "put aside" : "a tile was there when it was put aside") + " ("
                + e.getMessage() + "), its tiles go to " + run.kernels.name(other));
        return List.of();
    }

    /** Hands the accumulators over to the tree; whoever completes it computes the results. */
    private void merge(List<Placement.Lent> accumulators) {
        long began = run.ledger.now();
        Flight flying = Flight.merge();
        List<MemorySegment> memory = stores.stream().map(Span::memory).toList();
        Optional<Partial> root = run.merge
                .orElseThrow()
                .offer(tile, new Partial(memory, () -> accumulators.forEach(Placement.Lent::close)));
        drop();
        if (root.isEmpty()) {
            flying.ended(tile, "");
            run.ledger.spent(tally, Phase.MERGE, tile, began);
            pieceDone();
            return;
        }
        tile = new Tile(tile.stage(), tile.lo(), tile.hi(), 0, run.stage.leaves());
        try {
            stores = run.resident ? run.wholeStores : run.placement.stores(run.stage, tile, taken);
            run.epilogue.run(tile, root.get().accumulators(), stores);
            flying.ended(tile, "");
            run.ledger.spent(tally, Phase.MERGE, tile, began);
            run.verifier.checkEpilogue(
                    claim.first(), tile, run.epilogue, root.get().accumulators(), stores, tally);
        } finally {
            root.get().release().run();
        }
        if (run.resident) {
            pieceDone();
        }
    }

    private Crew.Turn write() {
        long place = run.place(claim);
        if (!run.mayWrite(place)) {
            return Crew.Turn.WAITS;
        }
        long began = run.ledger.now();
        Flight transfer = Flight.transfer();
        long bytes = run.placement.write(run.stage, tile, stores);
        transfer.moved(tile, "write", bytes);
        run.ledger.spent(tally, Phase.WRITE, tile, began);
        if (run.merge.isPresent() && pieces.isEmpty()) {
            run.writtenUpTo(place + 1);
        }
        return pieceDone();
    }

    private Crew.Turn pieceDone() {
        drop();
        if (!pieces.isEmpty()) {
            begin(pieces.pop());
            return Crew.Turn.WORKED;
        }
        if (run.merge.isEmpty()) {
            run.writtenUpTo(claim.first() + claim.count());
        }
        flight.ended(tile, run.kernels.name(device));
        run.ledger.finished(claim.count());
        next = Next.TAKE;
        return Crew.Turn.WORKED;
    }
}
