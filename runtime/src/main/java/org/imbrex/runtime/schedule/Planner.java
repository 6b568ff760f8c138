package org.imbrex.runtime.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.host.HostFacts;
import org.imbrex.runtime.tile.Footprint;
import org.imbrex.runtime.tile.TileLimits;
import org.imbrex.runtime.tile.Tiler;
import org.imbrex.runtime.tile.Tiling;

/** Makes plans: which devices, where buffers lie, how stages are cut. */
final class Planner {
    private final Program program;
    private final RunOptions options;
    private final Devices.Selection selection;
    private final List<Device> devices;
    private final List<String> notes;
    private final Given[] given;
    private final long budget;

    /** How an input or a result is at hand. */
    enum Given {
        IN_PLACE,
        IN_PARTS,
        /** Written in parts that must come in order. */
        IN_ORDER
    }

    /** @param given for each input and result; null for what lies between */
    Planner(Program program, RunOptions options, Devices.Selection selection, Given[] given) {
        this.program = program;
        this.options = options;
        this.selection = selection;
        this.devices = selection.devices();
        this.notes = selection.notes();
        this.given = given;
        this.budget = options.memoryBytes() > 0 ? options.memoryBytes() : HostFacts.memoryBytes() / 2;
    }

    /** How many tiles of a stage the devices that take it work on at once. */
    private int workers(Stage stage) {
        return sum(stage, device -> workers(device, options));
    }

    /** How many of its tiles are in flight: where parts are brought and written, others are while one is computed. */
    private int hands(Stage stage, boolean inParts) {
        return sum(stage, device -> workers(device, options) * (inParts ? device.depth() : 1));
    }

    private int sum(Stage stage, ToIntFunction<Device> of) {
        return Math.max(
                1,
                devices.stream()
                        .filter(device -> selection.takes(device, stage))
                        .mapToInt(of)
                        .sum());
    }

    /** Parts are brought to the cache that the processor's kernels read them from; the rest may be streamed. */
    private static long targetBytes(Device device, Stage stage, boolean inParts) {
        boolean streams = !inParts && (stage instanceof MapStage || stage instanceof ReduceStage);
        return streams ? device.streamBytes() : device.tileBytes();
    }

    private long targetBytes(Stage stage, boolean inParts) {
        return devices.stream()
                .filter(device -> selection.takes(device, stage))
                .mapToLong(device -> targetBytes(device, stage, inParts))
                .min()
                .orElse(1);
    }

    /** @throws ImbrexException where not even the smallest tiles fit the budget */
    Plan plan() {
        Set<Integer> whole = new HashSet<>();
        while (true) {
            BufferPlacing placing = new BufferPlacing(program, given, budget, whole);
            List<Plan.StagePlan> stages = new ArrayList<>();
            long peak = 0;
            for (int number = 0; number < program.stages().size(); number++) {
                Plan.StagePlan stage = stagePlan(number, placing);
                stages.add(stage);
                long flying = stage.handBytes() * Math.min(stage.hands(), stage.tiling().count());
                peak = Math.max(peak, placing.heldBytes(number) + flying);
            }
            int outOfOrder = placing.firstOutOfOrder(stages);
            if (outOfOrder < 0) {
                return new Plan(
                        program.id(),
                        devices.stream().map(device -> device.info().id()).toList(),
                        notes,
                        placing.buffers(),
                        stages,
                        budget,
                        peak);
            }
            whole.add(outOfOrder); // its tiles do not come in the order of its elements
        }
    }

    static int workers(Device device, RunOptions options) {
        boolean limited = options.threads() > 0 && device.info().hostCpu();
        return limited ? Math.min(options.threads(), device.workers()) : device.workers();
    }

    private Plan.StagePlan stagePlan(int number, BufferPlacing placing) {
        Stage stage = program.stages().get(number);
        TileMemory memory = placing.tileMemory(number, options.verify() > 0);
        long left = budget - placing.heldBytes(number);
        boolean inParts = placing.touchesParts(number);
        int hands = hands(stage, inParts);
        long target = targetBytes(stage, inParts);
        while (true) {
            long forHand = left / hands;
            Optional<Tiling> tiling = cut(number, stage, memory, target, forHand);
            if (tiling.isPresent()) {
                long one = memory.most(tiling.get());
                List<Integer> grains = grains(stage, inParts, tiling.get(), target, forHand / Math.max(1, one));
                long grain = grains.stream().mapToInt(Integer::intValue).max().orElse(1);
                return stagePlan(stage, tiling.get(), hands, Math.min(forHand, one * grain), grains);
            }
            if (hands == 1) {
                String why = stage instanceof LineStage lines
                        ? " needs lines of " + lines.line().from() + " elements whole and working memory of "
                                + lines.workBytes() + " bytes, which"
                        : "";
                throw new ImbrexException("the smallest tile of stage " + number + " (" + Plan.kind(stage) + " over "
                        + Arrays.toString(stage.domain()) + ")" + why + " does not fit the " + left
                        + " bytes that a budget of " + budget
                        + " bytes leaves for it: set a larger memory budget");
            }
            hands = Math.max(1, hands / 2);
        }
    }

    private Optional<Tiling> cut(int number, Stage stage, TileMemory memory, long targetBytes, long forHand) {
        if (!options.log().tilings().isEmpty()) {
            return Optional.of(options.log().tilings().get(number)).filter(tiling -> memory.fits(tiling, forHand));
        }
        TileLimits limits = new TileLimits(
                workers(stage), targetBytes, forHand, options.tile(), OptionalLong.empty());
        return Tiler.fit(number, stage, limits, memory::bytes).filter(tiling -> memory.fits(tiling, forHand));
    }

    /** How many tiles each device takes as one, at most {@code most}; as they are, where the user has chosen them. */
    private List<Integer> grains(Stage stage, boolean inParts, Tiling tiling, long targetBytes, long most) {
        long count = tiling.count();
        long bytes = count == 0 ? 1 : Math.max(1, Footprint.touchedBytes(stage, tiling.tile(count / 2)));
        return devices.stream()
                .mapToLong(device -> targetBytes(device, stage, inParts))
                .mapToObj(its -> options.tile().isPresent() || its < 2 * targetBytes
                        ? 1
                        : Math.clamp(Math.min(most, its / bytes), 1, Integer.MAX_VALUE))
                .toList();
    }

    private static Plan.StagePlan stagePlan(
            Stage stage, Tiling tiling, int hands, long handBytes, List<Integer> grains) {
        Tile whole = Footprint.whole(tiling.stage(), stage);
        Map<Integer, Long> read = new HashMap<>();
        for (int load = 0; load < stage.loads().size(); load++) {
            View view = stage.loads().get(load);
            long[][] box = Footprint.box(stage, load, whole);
            read.merge(view.buffer(), Footprint.touched(view, box[0], box[1]), Math::max);
        }
        long written = 0;
        for (View view : stage.stores()) {
            written += whole.elements() * view.dtype().bytes();
        }
        double operations = switch (stage) {
            case MapStage map -> (double) whole.elements() * operations(map.body());
            case ReduceStage reduce ->
                (double) whole.elements() * reduce.reduced() * (operations(reduce.body()) + reduce.combines().size())
                        + (double) whole.elements() * operations(reduce.epilogue());
            case IterateStage iterate ->
                (double) whole.elements()
                        * iterate.steps()
                        * iterate.step().stream().mapToLong(part -> operations(part.body())).sum();
            case MatMulStage product -> 2.0 * whole.elements() * product.inner();
            case LineStage lines ->
                (double) lines.lines(whole.elements())
                        * (lines.line().from() * (operations(lines.body()) + 1.0) + lines.line().to());
        };
        return new Plan.StagePlan(
                tiling,
                tiling.count(),
                Plan.kind(stage),
                read.values().stream().mapToLong(Long::longValue).sum(),
                written,
                operations,
                hands,
                handBytes,
                grains);
    }

    private static long operations(Body body) {
        return body.instrs().stream()
                .filter(i -> i.op() != Op.CONST && i.op() != Op.LOAD && i.op() != Op.INDEX && i.op() != Op.BITCAST)
                .count();
    }
}
