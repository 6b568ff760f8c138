package org.imbrex.kernels.step;

import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.map.MapOpenCl;
import org.imbrex.kernels.opencl.Kernel;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.Launch.Memory;
import org.imbrex.kernels.opencl.OpenClTarget;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.Shape;

/**
 * Step after step in memory on the device, without a transfer between: each stage of the step has the kernels of an
 * elementwise stage, whose pointers and offsets change from step to step. Working memory holds whole rows of the
 * leading axis, so that strides are the domain's.
 */
final class StepLaunches implements StepText {
    private final IterateStage stage;
    private final StepPieces pieces;
    private final long[] strides;
    private final List<MapStage> parts = new ArrayList<>();
    private final List<MapOpenCl> kernels = new ArrayList<>();

    StepLaunches(IterateStage stage, OpenClTarget target) {
        this.stage = stage;
        this.pieces = new StepPieces(stage);
        this.strides = new Shape(stage.domain()).strides();
        for (int part = 0; part < stage.step().size(); part++) {
            MapStage map = stage.step().get(part);
            List<View> loads = new ArrayList<>();
            for (View view : map.loads()) {
                // Where the leading axis wraps around, loads of one buffer may read from several places.
                int pointer = pieces.isSplit() ? loads.size() : view.buffer();
                loads.add(plain(view, pointer));
            }
            List<View> stores = new ArrayList<>();
            for (View view : map.stores()) {
                stores.add(new View((1 << 20) + view.buffer(), view.dtype(), view.offset(), view.strides()));
            }
            MapStage own = new MapStage(map.domain(), loads, map.body(), stores);
            parts.add(own);
            kernels.add(new MapOpenCl(own, target, String.valueOf(part)));
        }
    }

    /** The view without the shift that pieces stand for. */
    private View plain(View view, int pointer) {
        List<Shift> shifts = view.shifts().stream()
                .filter(shift -> !pieces.isSplit() || shift.axis() != 0)
                .toList();
        return new View(
                pointer, view.dtype(), view.offset(), view.strides(), shifts,
                shifts.isEmpty() ? EdgeMode.EDGE : view.mode(), view.fill());
    }

    @Override
    public boolean fp64() {
        return kernels.stream().anyMatch(MapOpenCl::fp64);
    }

    @Override
    public long argumentBytes() {
        return kernels.stream().mapToLong(MapOpenCl::argumentBytes).max().orElse(0);
    }

    @Override
    public String source() {
        StringBuilder text = new StringBuilder(Kernel.preamble(
                fp64(), parts.stream().flatMap(part -> part.loads().stream()).toList()));
        kernels.forEach(part -> text.append(part.kernels()));
        return text.toString();
    }

    @Override
    public Launch.Sequence launches(Tile tile) {
        boolean[] unrolled = stage.unrolled(tile.lo(), tile.hi());
        for (int axis = 1; axis < unrolled.length; axis++) {
            unrolled[axis] = false; // kernels know the edges of the other axes
        }
        Run run = new Run(tile, unrolled);
        for (int axis = 0; axis < unrolled.length; axis++) {
            if (tile.lo()[axis] >= tile.hi()[axis]) {
                return new Launch.Sequence(List.of(), List.of());
            }
        }
        for (int t = 0; t < stage.steps(); t++) {
            for (int part = 0; part < parts.size(); part++) {
                run.launch(t, part);
            }
        }
        return new Launch.Sequence(run.bytes, run.launches);
    }

    /** The launches of one tile. */
    private final class Run {
        private final Tile tile;
        private final boolean[] unrolled;
        private final StepBoxes boxes;
        private final List<Launch> launches = new ArrayList<>();
        private final List<Long> bytes = new ArrayList<>();
        private final int[] first;

        Run(Tile tile, boolean[] unrolled) {
            this.tile = tile;
            this.unrolled = unrolled;
            this.boxes = new StepBoxes(stage, tile.lo(), tile.hi(), unrolled, 1);
            this.first = new int[boxes.count()];
            long row = strides.length == 0 ? 1 : strides[0];
            for (int buffer = 0; buffer < first.length; buffer++) {
                first[buffer] = bytes.size();
                for (int copy = 0; copy < boxes.copies(buffer); copy++) {
                    bytes.add(rows(buffer) * row * boxes.dtype(buffer).bytes());
                }
            }
        }

        /** The rows of a buffer's largest box, which begins at its first row. */
        private long rows(int buffer) {
            return strides.length == 0 ? 1 : boxes.rows(buffer);
        }

        private long begin(int buffer) {
            return strides.length == 0 ? 0 : boxes.lo(buffer)[0] * strides[0];
        }

        void launch(int t, int part) {
            long[][] box = stage.box(t, part, tile.lo(), tile.hi(), unrolled);
            pieces.cut(t, part, box, unrolled, (lo, hi, turn, source, move) ->
                    launch(t, part, lo, hi, turn, source, move));
        }

        private void launch(int t, int part, long[] lo, long[] hi, long[] turn, int[] source, long[][] move) {
            List<View> reads = stage.step().get(part).loads();
            List<View> writes = stage.step().get(part).stores();
            long[] loads = new long[reads.size()];
            long[] stores = new long[writes.size()];
            Memory[] from = new Memory[loads.length];
            Memory[] to = new Memory[stores.length];
            for (int k = 0; k < loads.length; k++) {
                View view = reads.get(k);
                if (source[k] >= 0) {
                    from[k] = new Memory.Load(source[k]);
                    long model = stage.loads().get(pieces.model(part, k)).offset();
                    loads[k] = model - view.offset() + move[k][0];
                } else {
                    boolean isField = view.buffer() < stage.fields();
                    int buffer = isField ? stage.next().get(view.buffer()) : view.buffer();
                    from[k] = new Memory.Scratch(first[buffer] + (isField ? t - 1 & 1 : 0));
                    loads[k] = distance(move[k]) - begin(buffer);
                }
            }
            for (int k = 0; k < stores.length; k++) {
                int buffer = writes.get(k).buffer();
                int field = stage.next().indexOf(buffer);
                if (field >= 0 && t == stage.steps() - 1) {
                    to[k] = new Memory.Store(field);
                } else {
                    to[k] = new Memory.Scratch(first[buffer] + (field >= 0 ? t & 1 : 0));
                    stores[k] = distance(turn) - begin(buffer);
                }
            }
            List<Memory> pointers = kernels.get(part).memory().stream()
                    .map(memory -> memory instanceof Memory.Load load
                            ? from[load.load()]
                            : to[((Memory.Store) memory).store()])
                    .toList();
            launches.addAll(kernels.get(part).launches(lo, hi, loads, stores, pointers));
        }

        private long distance(long[] index) {
            long elements = 0;
            for (int axis = 0; axis < index.length; axis++) {
                elements += index[axis] * strides[axis];
            }
            return elements;
        }
    }
}
