package org.imbrex.kernels.step;

import java.lang.foreign.Arena;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.element.Interpreter;
import org.imbrex.kernels.element.Walk;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;

/** The oracle: step after step and index after index, over all that the tile depends on. */
public record StepReference(IterateStage stage) implements HostKernel {

    @Override
    public void run(Tile tile, long[] loads, long[] stores) {
        if (Walk.isEmpty(tile.lo(), tile.hi())) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            new Run(tile, loads, stores, arena).steps();
        }
    }

    private final class Run {
        private final long[] loads;
        private final long[] stores;
        private final boolean[] unrolled;
        private final Tile tile;
        private final StepBoxes boxes;
        private final long[][] bases;

        Run(Tile tile, long[] loads, long[] stores, Arena arena) {
            this.tile = tile;
            this.loads = loads;
            this.stores = stores;
            this.unrolled = stage.unrolled(tile.lo(), tile.hi());
            this.boxes = new StepBoxes(stage, tile.lo(), tile.hi(), unrolled, 1);
            this.bases = new long[boxes.count()][2];
            for (int buffer = 0; buffer < bases.length; buffer++) {
                for (int parity = 0; parity < boxes.copies(buffer); parity++) {
                    bases[buffer][parity] = arena.allocate(boxes.bytes(buffer), 64).address();
                }
            }
        }

        void steps() {
            for (int t = 0; t < stage.steps(); t++) {
                for (int part = 0; part < stage.step().size(); part++) {
                    run(t, part);
                }
            }
        }

        private void run(int t, int part) {
            MapStage map = stage.step().get(part);
            long[][] box = stage.box(t, part, tile.lo(), tile.hi(), unrolled);
            if (Walk.isEmpty(box[0], box[1])) {
                return;
            }
            Interpreter body = new Interpreter(map.body());
            long[] read = new long[map.loads().size()];
            long[] index = box[0].clone();
            long[] inside = new long[index.length];
            do {
                for (int axis = 0; axis < index.length; axis++) {
                    inside[axis] = unrolled[axis] ? Math.floorMod(index[axis], stage.domain()[axis]) : index[axis];
                }
                for (int k = 0; k < read.length; k++) {
                    View view = map.loads().get(k);
                    boolean outside = stage.isOuter(view.buffer()) && (view.buffer() >= stage.fields() || t == 0);
                    read[k] = outside ? outer(view, index, inside) : scratch(view, t, index);
                }
                body.run(inside, read);
                for (int k = 0; k < map.stores().size(); k++) {
                    write(map.stores().get(k), t, index, body.result(k));
                }
            } while (Walk.next(index, box[0], box[1]));
        }

        private long outer(View view, long[] index, long[] inside) {
            int number = stage.outer().indexOf(view);
            if (stage.isSplit()) {
                long turn = Math.floorDiv(index[0] + IterateStage.shift(view, 0), stage.domain()[0]);
                number = IterateStage.TURNS * number + 1 + (int) turn;
                long[] at = inside.clone();
                at[0] = index[0];
                return outer(number, at);
            }
            return outer(number, inside);
        }

        private long outer(int number, long[] at) {
            View load = stage.loads().get(number);
            long element = load.element(at);
            return element < 0
                    ? load.fill()
                    : Elements.read(load.dtype(), loads[number] + element * load.dtype().bytes());
        }

        private long scratch(View view, int t, long[] index) {
            long[] at = index.clone();
            for (Shift shift : view.shifts()) {
                int axis = shift.axis();
                at[axis] += shift.by();
                if (!unrolled[axis]) {
                    at[axis] = view.mode().map(at[axis], shift.extent());
                    if (at[axis] < 0) {
                        return view.fill();
                    }
                }
            }
            boolean isField = view.buffer() < stage.fields();
            int buffer = isField ? stage.next().get(view.buffer()) : view.buffer();
            return Elements.read(view.dtype(), address(buffer, isField ? t - 1 & 1 : 0, at));
        }

        private void write(View view, int t, long[] index, long bits) {
            int field = stage.next().indexOf(view.buffer());
            if (field >= 0 && t == stage.steps() - 1) {
                View store = stage.stores().get(field);
                Elements.write(store.dtype(), stores[field] + store.element(index) * store.dtype().bytes(), bits);
            } else {
                Elements.write(view.dtype(), address(view.buffer(), field >= 0 ? t & 1 : 0, index), bits);
            }
        }

        private long address(int buffer, int parity, long[] index) {
            long element = 0;
            for (int axis = 0; axis < index.length; axis++) {
                element += (index[axis] - boxes.lo(buffer)[axis]) * boxes.strides(buffer)[axis];
            }
            return bases[buffer][parity] + element * boxes.dtype(buffer).bytes();
        }
    }
}
