package org.imbrex.host.node;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.StageChain;
import org.imbrex.runtime.device.TileKernel.TileTimes;
import org.imbrex.runtime.memory.Span;

/**
 * A simulation that stays on the nodes between its rounds. Each has a slab; only borders travel, and the fields when
 * the caller asks for them. Where a node is lost, all begin again from the fields that came last, shared out anew.
 */
final class SlabChain implements StageChain {
    private final Fleet fleet;
    private final Program program;
    private final int first;
    private final List<IterateStage> stages = new ArrayList<>();
    private Optional<SlabTeam> team = Optional.empty();
    /** The stage that the team has the fields for. */
    private int at;

    private SlabChain(Fleet fleet, Program program, int first, int to) {
        this.fleet = fleet;
        this.program = program;
        this.first = first;
        program.stages().subList(first, to).forEach(stage -> stages.add((IterateStage) stage));
    }

    /** The chain of stages [from, to), if fields lie in them as slabs do: row after row. */
    static Optional<StageChain> of(Fleet fleet, Program program, int from, int to) {
        SlabChain chain = new SlabChain(fleet, program, from, to);
        long[] dense = new Shape(chain.stages.getFirst().domain()).strides();
        for (IterateStage stage : chain.stages) {
            for (View store : stage.stores()) {
                if (store.offset() != 0 || !Arrays.equals(store.strides(), dense)) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(chain);
    }

    @Override
    public List<TileTimes> run(int from, int to, List<Span> loads, List<Span> stores, Runnable check) {
        Optional<String> fault = Optional.empty();
        for (int losses = 0; ; losses++) {
            try {
                SlabTeam now = formed(from, loads);
                List<TileTimes> times = now.run(from, to, to < first + stages.size(), stores, check, fault);
                at = to;
                return times;
            } catch (DeviceException e) {
                close();
                boolean again = e.kind() == DeviceException.Kind.LOST && losses < fleet.mostLosses();
                if (!again || fleet.connections().isEmpty()) {
                    throw e;
                }
                fault = Optional.of(e.getMessage() + ", stages " + from + " to " + (to - 1) + " are run again");
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }
    }

    /** The team with the fields before a stage: the one that has them, or a new one that is sent them. */
    private SlabTeam formed(int from, List<Span> loads) {
        if (team.isPresent() && (at != from || !team.get().isUp())) {
            close();
        }
        if (team.isEmpty()) {
            SlabTeam made = SlabTeam.of(fleet, program, first, stages);
            team = Optional.of(made);
            made.load((IterateStage) program.stages().get(from), loads);
        }
        return team.get();
    }

    @Override
    public void close() {
        team.ifPresent(SlabTeam::close);
        team = Optional.empty();
    }
}
