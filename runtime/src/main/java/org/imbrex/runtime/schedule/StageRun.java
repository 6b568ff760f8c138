package org.imbrex.runtime.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.device.TileKernel.TileTimes;
import org.imbrex.runtime.memory.Span;
import org.imbrex.runtime.merge.MergeTree;
import org.imbrex.runtime.merge.Partial;
import org.imbrex.runtime.tile.Tiling;

/**
 * Runs one stage: workers take tiles in order of their numbers until there are none. Each worker belongs to a device;
 * what fails there is tried again there once, then on the others, by the same worker.
 */
final class StageRun {
    private final Stage stage;
    private final Tiling tiling;
    private final Placement placement;
    private final StageKernels kernels;
    private final Verifier verifier;
    private final Ledger ledger;
    private final RunOptions options;
    private final Optional<MergeTree> merge;
    private final Epilogue epilogue;
    private final boolean resident;
    private final List<Span> wholeLoads;
    private final List<Span> wholeStores;
    private final long tiles;
    private final AtomicLong next = new AtomicLong();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    StageRun(
            Program program,
            Tiling tiling,
            Placement placement,
            StageKernels kernels,
            Verifier verifier,
            Ledger ledger,
            RunOptions options) {
        this.stage = program.stages().get(tiling.stage());
        this.tiling = tiling;
        this.placement = placement;
        this.kernels = kernels;
        this.verifier = verifier;
        this.ledger = ledger;
        this.options = options;
        this.tiles = tiling.count();
        this.merge = stage instanceof ReduceStage reduce ? Optional.of(new MergeTree(reduce)) : Optional.empty();
        this.epilogue = new Epilogue(stage);
        this.resident = placement.isResident(stage);
        this.wholeLoads = resident ? placement.loads(stage, null, List.of()) : List.of();
        this.wholeStores = resident ? placement.stores(stage, null, List.of()) : List.of();
    }

    /** One worker's share; every worker comes here, each in its own thread. */
    void work(int device) {
        try {
            while (failure.get() == null && !kernels.isLost(device)) {
                long number = next.getAndIncrement();
                if (number >= tiles) {
                    return;
                }
                options.cancellation().check();
                process(number, tiling.tile(number), device);
                ledger.finished();
            }
        } catch (Throwable e) {
            failure.compareAndSet(null, e);
        }
    }

    /** After all workers are done: what is left because its workers' devices were lost, then the first failure. */
    void finish() {
        while (failure.get() == null && next.get() < tiles) {
            work(kernels.anyLeft());
        }
        merge.ifPresent(MergeTree::release);
        Throwable failed = failure.get();
        switch (failed) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failed);
        }
    }

    private void process(long number, Tile tile, int device) {
        List<Placement.Lent> taken = new ArrayList<>(resident ? 0 : 4);
        try {
            boolean partial = stage instanceof ReduceStage && tile.isPartial(stage);
            List<Span> loads = wholeLoads;
            if (!resident) {
                long began = System.nanoTime();
                loads = placement.loads(stage, tile, taken);
                ledger.spent(Ledger.Phase.READ, "read", began);
            }
            if (partial) {
                partial(number, tile, device, loads);
                return;
            }
            List<Span> stores = resident ? wholeStores : placement.stores(stage, tile, taken);
            if (run(number, tile, device, loads, stores) && !resident) {
                write(tile, stores);
            }
        } finally {
            taken.forEach(Placement.Lent::close);
        }
    }

    private void write(Tile tile, List<Span> stores) {
        long began = System.nanoTime();
        placement.write(stage, tile, stores);
        ledger.spent(Ledger.Phase.WRITE, "write", began);
    }

    private void partial(long number, Tile tile, int device, List<Span> loads) {
        ReduceStage reduce = (ReduceStage) stage;
        List<Placement.Lent> lent = new ArrayList<>();
        boolean offered = false;
        try {
            List<Span> stores = new ArrayList<>();
            for (int k = 0; k < reduce.combines().size(); k++) {
                Placement.Lent one =
                        placement.take(tile.elements() * reduce.body().resultType(k).bytes());
                lent.add(one);
                stores.add(new Span(one.memory(), 0));
            }
            if (!run(number, tile, device, loads, stores)) {
                return;
            }
            long began = System.nanoTime();
            Partial mine = new Partial(
                    stores.stream().map(Span::memory).toList(), () -> lent.forEach(Placement.Lent::close));
            offered = true;
            Optional<Partial> root = merge.orElseThrow().offer(tile, mine);
            root.ifPresent(done -> end(tile, done));
            ledger.spent(Ledger.Phase.MERGE, "merge", began);
        } finally {
            if (!offered) {
                lent.forEach(Placement.Lent::close);
            }
        }
    }

    private void end(Tile tile, Partial root) {
        Tile whole = new Tile(tile.stage(), tile.lo(), tile.hi(), 0, stage.leaves());
        List<Placement.Lent> taken = new ArrayList<>();
        try {
            List<Span> stores = resident ? wholeStores : placement.stores(stage, whole, taken);
            epilogue.run(whole, root.accumulators(), stores);
            if (!resident) {
                write(whole, stores);
            }
        } finally {
            root.release().run();
            taken.forEach(Placement.Lent::close);
        }
    }

    /** Runs a tile somewhere; false where it was cut in two instead, and both have been processed. */
    private boolean run(long number, Tile tile, int device, List<Span> loads, List<Span> stores) {
        int at = device;
        int failures = 0;
        while (true) {
            TileKernel kernel = kernels.at(at);
            if (kernel == null) { // another worker of the device has put it aside meanwhile
                at = kernels.anyLeft();
                continue;
            }
            try {
                long began = System.nanoTime();
                TileTimes times = kernel.run(tile, loads, stores);
                ledger.ran(at, tile, times, began);
                verifier.check(number, tile, kernels.device(at), kernel, loads, stores);
                return true;
            } catch (DeviceException e) {
                String where = kernels.device(at).info().id();
                if (e.kind() == DeviceException.Kind.OUT_OF_MEMORY) {
                    List<Tile> halves = Halves.of(stage, tile);
                    if (!halves.isEmpty()) {
                        ledger.fault(where + ": no memory for a tile (" + e.getMessage() + "), cut in two");
                        for (Tile half : halves) {
                            process(number, half, at);
                        }
                        return false;
                    }
                }
                boolean again = e.kind() == DeviceException.Kind.FAILED && failures++ == 0;
                if (again) {
                    ledger.fault(where + ": tile failed (" + e.getMessage() + "), tried again");
                    continue;
                }
                kernels.putAside(at, e);
                Optional<Integer> other = kernels.other(at);
                if (other.isEmpty()) {
                    throw new DeviceException(
                            e.kind(), "tile " + tile + " failed on " + where + ", and no other device is left: "
                                    + e.getMessage(), e);
                }
                ledger.fault(where + ": put aside for this stage (" + e.getMessage() + "), its tiles go to "
                        + kernels.device(other.get()).info().id());
                at = other.get();
                failures = 0;
            }
        }
    }
}
