package org.imbrex.runtime.schedule;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.View;
import org.imbrex.runtime.memory.Span;
import org.imbrex.runtime.merge.MergeTree;

/** One stage of a run: what its {@link Hand}s share. */
final class StageRun {
    final Stage stage;
    final Plan.StagePlan plan;
    final TileQueue queue;
    final TileMemory memory;
    final Placement placement;
    final StageKernels kernels;
    final Verifier verifier;
    final Ledger ledger;
    final Cancellation cancellation;
    final TileLog log;
    final Optional<MergeTree> merge;
    /** Of a reduction; null for other stages. */
    final Epilogue epilogue;
    /** Whether all that tiles touch lies in memory, so that their spans are these. */
    final boolean resident;

    final List<Span> wholeLoads;
    final List<Span> wholeStores;
    /** Whether a tile's results are written only after those before it. */
    final boolean inOrder;

    private final AtomicLong written = new AtomicLong();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    StageRun(
            Stage stage,
            Plan plan,
            Plan.StagePlan stagePlan,
            TileMemory memory,
            Placement placement,
            StageKernels kernels,
            Verifier verifier,
            Epilogue epilogue,
            Ledger ledger,
            RunOptions options) {
        this.stage = stage;
        this.plan = stagePlan;
        this.memory = memory;
        this.placement = placement;
        this.kernels = kernels;
        this.verifier = verifier;
        this.ledger = ledger;
        this.cancellation = options.cancellation();
        this.log = options.log();
        this.merge = stage instanceof ReduceStage reduce && stagePlan.tiling().splitsLeaves()
                ? Optional.of(new MergeTree(reduce))
                : Optional.empty();
        this.epilogue = epilogue;
        this.resident = placement.isResident(stage);
        // Parts pay where nothing is brought: a core's cache then holds what it read in the run before.
        boolean inParts = resident && kernels.areOfOneProcessor();
        this.queue = new TileQueue(stagePlan.tiling(), inParts ? stagePlan.hands() : 1);
        this.wholeLoads = resident ? placement.whole(stage.loads()) : List.of();
        this.wholeStores = resident ? placement.whole(stage.stores()) : List.of();
        this.inOrder = isInOrder(stage, plan);
    }

    private static boolean isInOrder(Stage stage, Plan plan) {
        for (View view : stage.stores()) {
            if (plan.buffers().get(view.buffer()).where() == Plan.Where.IN_ORDER) {
                return true;
            }
        }
        return false;
    }

    boolean isOver() {
        return failure.get() != null;
    }

    /** The first failure is the stage's; what others meet while they stop is of no use. */
    void fail(Throwable e) {
        failure.compareAndSet(null, e);
    }

    /** The place in the order of writing that a claim has: its tile, or its box where several tiles make one. */
    long place(TileQueue.Claim claim) {
        return merge.isPresent() ? queue.boxOf(claim) : claim.first();
    }

    boolean mayWrite(long place) {
        return !inOrder || written.get() == place;
    }

    /** All before {@code place} has been written. */
    void writtenUpTo(long place) {
        if (inOrder) {
            written.set(place);
        }
    }

    /** After all hands are done: frees what is left, and throws the first failure. */
    void finish() {
        merge.ifPresent(MergeTree::release);
        Throwable failed = failure.get();
        switch (failed) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failed);
        }
    }
}
