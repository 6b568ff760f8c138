package org.imbrex.runtime.schedule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.host.HostFacts;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.tile.Footprint;
import org.imbrex.runtime.tile.TileLimits;
import org.imbrex.runtime.tile.Tiler;
import org.imbrex.runtime.tile.Tiling;

/** Makes plans: which devices, where buffers lie, how stages are cut. */
final class Planner {
    /** About what a tile touches on a processor: a few times the second-level cache, handed over in microseconds. */
    private static final long HOST_TILE_BYTES = 2L << 20;
    /** On a device behind a bus a tile should keep all of it busy. */
    private static final long GPU_TILE_BYTES = 64L << 20;
    /** A tile's floor under any budget: what a row of something takes. */
    private static final long LEAST_TILE_BYTES = 4096;

    private final Program program;
    private final RunOptions options;
    private final Devices.Selection selection;
    private final Given[] given;

    /** How an input or a result is at hand. */
    enum Given {
        IN_PLACE,
        IN_PARTS,
        /** Written in parts that must come in order, so made whole first. */
        IN_ORDER
    }

    /** @param given for each input and result; null for what lies between */
    Planner(Program program, RunOptions options, Devices.Selection selection, Given[] given) {
        this.program = program;
        this.options = options;
        this.selection = selection;
        this.given = given;
    }

    Plan plan() {
        long budget = options.memoryBytes() > 0 ? options.memoryBytes() : HostFacts.memoryBytes() / 2;
        List<Plan.BufferPlan> buffers = buffers(budget);
        long held = buffers.stream()
                .filter(buffer -> buffer.where() == Plan.Where.MEMORY)
                .mapToLong(Plan.BufferPlan::bytes)
                .sum();
        int workers = 0;
        boolean gpu = false;
        for (Device device : selection.devices()) {
            workers += workers(device, options);
            gpu |= !device.info().hostCpu();
        }
        long forTile = Math.max(LEAST_TILE_BYTES, (budget - held) / Math.max(1, workers));
        long target = gpu ? GPU_TILE_BYTES : HOST_TILE_BYTES;
        List<Plan.StagePlan> stages = new ArrayList<>();
        long mostTile = 0;
        for (int number = 0; number < program.stages().size(); number++) {
            Stage stage = program.stages().get(number);
            TileLimits limits = new TileLimits(
                    workers, target, forTile, options.tile(), java.util.OptionalLong.empty());
            ToLongFunction<Tile> memory = memory(stage, buffers);
            Tiling tiling = Tiler.cut(number, stage, limits, memory);
            long tileBytes = tiling.count() == 0 ? 0 : memory.applyAsLong(tiling.tile(0));
            mostTile = Math.max(mostTile, tileBytes * Math.min(workers, tiling.count()));
            stages.add(stagePlan(stage, tiling, tileBytes));
        }
        return new Plan(
                program.id(),
                selection.devices().stream().map(device -> device.info().id()).toList(),
                selection.notes(),
                buffers,
                stages,
                budget,
                held + mostTile);
    }

    static int workers(Device device, RunOptions options) {
        boolean limited = options.threads() > 0 && device.info().hostCpu();
        return limited ? Math.min(options.threads(), device.workers()) : device.workers();
    }

    private List<Plan.BufferPlan> buffers(long budget) {
        int count = program.buffers().size();
        int[] last = new int[count];
        java.util.Arrays.fill(last, -1);
        for (int number = 0; number < program.stages().size(); number++) {
            for (View view : program.stages().get(number).loads()) {
                last[view.buffer()] = number;
            }
            for (View view : program.stages().get(number).stores()) {
                last[view.buffer()] = number;
            }
        }
        List<Plan.BufferPlan> plans = new ArrayList<>();
        long left = budget / 2;
        for (int number = 0; number < count; number++) {
            long bytes = program.buffers().get(number).bytes();
            boolean whole = given[number] == null
                    || given[number] == Given.IN_ORDER
                    // what is written in parts cannot be read back
                    || (given[number] == Given.IN_PARTS && number >= program.inputs().size() && isRead(number));
            Plan.Where where = whole
                    ? BufferPool.sizeOf(bytes) <= left ? Plan.Where.MEMORY : Plan.Where.SPILLED
                    : given[number] == Given.IN_PARTS ? Plan.Where.IN_PARTS : Plan.Where.IN_PLACE;
            if (where == Plan.Where.MEMORY) {
                left -= BufferPool.sizeOf(bytes);
            }
            boolean held = where == Plan.Where.MEMORY;
            plans.add(new Plan.BufferPlan(where, held ? BufferPool.sizeOf(bytes) : bytes, last[number]));
        }
        return plans;
    }

    private boolean isRead(int buffer) {
        return program.stages().stream()
                .anyMatch(stage -> stage.loads().stream().anyMatch(view -> view.buffer() == buffer));
    }

    /** What a tile takes from the pool: the parts it reads and writes, and its accumulators. */
    private ToLongFunction<Tile> memory(Stage stage, List<Plan.BufferPlan> buffers) {
        return tile -> {
            long bytes = 0;
            Set<Integer> seen = new HashSet<>();
            for (View view : stage.loads()) {
                int number = view.buffer();
                if (buffers.get(number).where() == Plan.Where.IN_PARTS && seen.add(number)) {
                    long[] range = Footprint.bufferRange(stage, number, tile);
                    bytes += size(range, view);
                }
            }
            boolean partial = tile.isPartial(stage);
            for (int store = 0; store < stage.stores().size() && !partial; store++) {
                View view = stage.stores().get(store);
                if (buffers.get(view.buffer()).where() == Plan.Where.IN_PARTS) {
                    bytes += size(Footprint.storeRange(stage, store, tile), view);
                }
            }
            if (partial && stage instanceof ReduceStage reduce) {
                // one for the tile, and one for each level that may wait for its sibling
                long levels = 64 - Long.numberOfLeadingZeros(stage.leaves());
                for (int k = 0; k < reduce.combines().size(); k++) {
                    bytes += BufferPool.sizeOf(tile.elements() * reduce.body().resultType(k).bytes()) * (1 + levels);
                }
            }
            return bytes;
        };
    }

    private static long size(long[] range, View view) {
        return range[0] > range[1] ? 0 : BufferPool.sizeOf((range[1] - range[0] + 1) * view.dtype().bytes());
    }

    private Plan.StagePlan stagePlan(Stage stage, Tiling tiling, long tileBytes) {
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
            case MatMulStage product -> 2.0 * whole.elements() * product.inner();
        };
        return new Plan.StagePlan(tiling, Plan.kind(stage), read.values().stream().mapToLong(Long::longValue).sum(), written, operations, tileBytes);
    }

    private static long operations(Body body) {
        return body.instrs().stream()
                .filter(i -> i.op() != Op.CONST && i.op() != Op.LOAD && i.op() != Op.INDEX && i.op() != Op.BITCAST)
                .count();
    }
}
