package org.imbrex.runtime.schedule;

import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.StageChain;
import org.imbrex.runtime.device.TileKernel.TileTimes;
import org.imbrex.runtime.tile.Tiling;

/**
 * Time steps that a device runs as one chain of stages: what lies between them need not come back. After every few
 * stages it does all the same, so that not all is lost with what the device keeps.
 */
final class Chains {
    /** Stages after which the fields come back. */
    private static final int STAGES = 16;

    private final Program program;
    private final Plan plan;
    private final Placement placement;
    private final Device device;
    private final Ledger ledger;
    private final Cancellation cancellation;
    private final TileLog log;

    /** Whether the device does what it offers. */
    private boolean works;

    Chains(Program program, Plan plan, Placement placement, List<Device> devices, Ledger ledger, RunOptions options) {
        this.program = program;
        this.plan = plan;
        this.placement = placement;
        this.device = devices.getFirst();
        this.ledger = ledger;
        this.cancellation = options.cancellation();
        this.log = options.log();
        // tiles that are verified or attested are looked at one by one
        this.works = devices.size() == 1 && options.verify() == 0 && !options.attest();
    }

    /**
     * Runs the time steps that begin with a stage as a chain, as far as the device takes them.
     *
     * @return the first stage that was not run
     */
    int run(int from) {
        if (!works || !(program.stages().get(from) instanceof IterateStage)) {
            return from;
        }
        Tiling tiling = plan.stages().get(from).tiling();
        if (tiling.count() > 0 && log.has(tiling.tile(0))) {
            return from; // an earlier run came so far: its tiles are taken from the log
        }
        int to = from + 1;
        while (to < program.stages().size() && follows(from, to)) {
            to++;
        }
        if (!placement.isAtHand(program.stages().get(from).loads())) {
            return from; // its tiles bring their inputs; the next stage may begin a chain
        }
        while (to > from && !staysInMemory(program.stages().get(to - 1))) {
            to--;
        }
        if (to - from < 2) {
            return from;
        }
        Optional<StageChain> offered = device.chain(program, from, to);
        if (offered.isEmpty()) {
            return from;
        }
        int done = from;
        try (StageChain chain = offered.get()) {
            while (done < to) {
                int until = to - done < 2 * STAGES ? to : done + STAGES;
                if (!run(chain, done, until)) {
                    return done;
                }
                done = until;
            }
        }
        return done;
    }

    private boolean run(StageChain chain, int from, int to) {
        cancellation.check();
        Stage first = program.stages().get(from);
        Stage last = program.stages().get(to - 1);
        placement.begin(last);
        List<TileTimes> times;
        try {
            times = chain.run(
                    from, to, placement.whole(first.loads()), placement.whole(last.stores()), cancellation::check);
        } catch (DeviceException e) {
            works = false;
            ledger.fault(device.info().id() + ": time steps are run tile by tile: " + e.getMessage());
            return false;
        }
        Tally tally = ledger.tally();
        for (TileTimes one : times) {
            tally.ran(0, one);
            one.faults().forEach(ledger::fault);
        }
        ledger.add(tally);
        keep(last, plan.stages().get(to - 1).tiling());
        for (int stage = from; stage < to; stage++) {
            ledger.finished(plan.stages().get(stage).tiles());
            placement.end(stage);
        }
        return true;
    }

    /** Puts the fields that have come back in the log, as tiles of their stage; those before are needed no more. */
    private void keep(Stage last, Tiling tiling) {
        if (log == TileLog.NONE) {
            return;
        }
        for (long number = 0; number < tiling.count(); number++) {
            Tile tile = tiling.tile(number);
            if (!log.has(tile)) {
                log.keep(tile, device.info().id(), new Written(last, tile, false, placement.whole(last.stores())));
            }
        }
        log.ended(tiling.stage());
    }

    /** Whether a stage goes on with the fields of the one before, and nobody else reads those. */
    private boolean follows(int from, int number) {
        if (!(program.stages().get(number - 1) instanceof IterateStage before)
                || !(program.stages().get(number) instanceof IterateStage stage)
                || !java.util.Arrays.equals(stage.domain(), before.domain())
                || !stage.step().equals(before.step())
                || !stage.next().equals(before.next())) {
            return false;
        }
        for (View store : before.stores()) {
            if (program.results().contains(store.buffer()) || readsBesides(number, store.buffer())) {
                return false;
            }
        }
        IterateStage first = (IterateStage) program.stages().get(from);
        for (int load = 0; load < stage.loads().size(); load++) {
            int own = stage.outer().get(stage.isSplit() ? load / IterateStage.TURNS : load).buffer();
            int expected = own < stage.fields()
                    ? before.stores().get(own).buffer()
                    : first.loads().get(load).buffer();
            if (stage.loads().get(load).buffer() != expected) {
                return false;
            }
        }
        return true;
    }

    private boolean readsBesides(int number, int buffer) {
        for (int other = 0; other < program.stages().size(); other++) {
            if (other != number && program.stages().get(other).loads().stream().anyMatch(v -> v.buffer() == buffer)) {
                return true;
            }
        }
        return false;
    }

    private boolean staysInMemory(Stage stage) {
        return stage.stores().stream()
                .noneMatch(view -> plan.buffers().get(view.buffer()).where().inParts());
    }
}
