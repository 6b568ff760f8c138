package org.imbrex.kernels.loop;

import java.util.List;
import org.imbrex.kernels.type.DType;

/** The parts of a cut body, run one after another on blocks of elements that stay in cache. */
final class CutLoop implements Loop {
    private static final int BLOCK = 512;

    private final Frame whole;
    private final List<Cut.Part> parts;
    private final MapLoop[] loops;
    private final int handed;

    CutLoop(Frame whole, List<Cut.Part> parts, Loops loops) {
        this.whole = whole;
        this.parts = parts;
        this.loops = parts.stream().map(part -> loops.map(part.spec())).toArray(MapLoop[]::new);
        int count = 0;
        for (Cut.Part part : parts) {
            for (int number : part.stores()) {
                count = Math.max(count, number + 1);
            }
        }
        this.handed = count;
    }

    @Override
    public void run(long[] at, int from, int to) {
        Scratch scratch = Scratch.ofThread();
        long mark = scratch.mark();
        long memory = scratch.take(8L * BLOCK * handed);
        for (int done = from; done < to; done += BLOCK) {
            int size = Math.min(BLOCK, to - done);
            for (int i = 0; i < loops.length; i++) {
                loops[i].run(frame(parts.get(i), loops[i].frame(), at, done, memory), size);
            }
        }
        scratch.release(mark);
    }

    private long[] frame(Cut.Part part, Frame frame, long[] at, int done, long memory) {
        long[] own = new long[frame.length()];
        for (int load = 0; load < frame.loads(); load++) {
            int from = part.loads()[load];
            if (from >= 0) {
                move(own, frame, frame.load(load), at, whole.load(from), done);
            } else {
                hand(own, frame, frame.load(load), part.spec().loads().get(load), memory, ~from);
            }
        }
        for (int store = 0; store < frame.stores(); store++) {
            if (part.stores().length == 0) {
                move(own, frame, frame.store(store), at, whole.store(store), done);
            } else {
                hand(own, frame, frame.store(store), part.spec().stores().get(store), memory, part.stores()[store]);
            }
        }
        for (int index = 0; index < frame.indices(); index++) {
            move(own, frame, frame.index(index), at, whole.index(part.axes()[index]), done);
        }
        return own;
    }

    private void move(long[] own, Frame frame, int to, long[] at, int from, int done) {
        long step = at[whole.step(from)];
        own[to] = at[from] + step * done;
        own[frame.step(to)] = step;
    }

    private static void hand(long[] own, Frame frame, int to, DType dtype, long memory, int number) {
        own[to] = memory + 8L * BLOCK * number;
        own[frame.step(to)] = dtype.bytes();
    }
}
