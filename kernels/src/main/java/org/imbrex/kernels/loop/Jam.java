package org.imbrex.kernels.loop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.type.DType;

/**
 * Several rows of a stencil in one loop, so that what one row reads of its neighbours is loaded once for all of them
 * (unroll and jam). Which loads are one shows in their addresses: those at the same place, or near on one row.
 */
final class Jam {
    /** Rows in one loop. */
    private static final int ROWS = 4;
    /** Bodies beyond this many instructions are bound by arithmetic, and their values would not stay in registers. */
    private static final int MOST_INSTRS = 24;

    private static final int MOST_POINTERS = 16;
    /** Rows shorter than this many elements gain nothing. */
    private static final int LEAST = 48;
    /** Loads nearer to each other than this many bytes share a pointer. */
    private static final long NEAR = 64;

    /** Which pointer each load of each row reads through, and how far from it. */
    private record Pattern(int[] pointers, long[] offsets, int[] first) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Pattern p
                    && Arrays.equals(pointers, p.pointers)
                    && Arrays.equals(offsets, p.offsets);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(pointers) * 31 + Arrays.hashCode(offsets);
        }
    }

    /** What a box's loads are to each other: how they start and move, and what was found of that. */
    private record Met(long[] start, long[] along, long[] inner, Pattern pattern, MapLoop rows) {
        boolean is(long[] otherStart, long[] otherAlong, long[] otherInner, int loads) {
            long moved = otherStart[0] - start[0];
            for (int k = 0; k < loads; k++) {
                if (otherStart[k] - start[k] != moved || otherAlong[k] != along[k] || otherInner[k] != inner[k]) {
                    return false;
                }
            }
            return true;
        }
    }

    private final MapLoop loop;
    private final Map<Pattern, MapLoop> made = new HashMap<>();
    /** The last box's, which the next one's often is. */
    private volatile Met met;

    private Jam(MapLoop loop) {
        this.loop = loop;
    }

    /** What may run several rows of a loop at once; null where that would not pay. */
    static Jam of(MapLoop loop) {
        LoopSpec spec = loop.spec();
        boolean pays = spec.apart()
                && !spec.sharesPointers()
                && spec.loads().size() > 1
                && ROWS * spec.stores().size() < MOST_POINTERS
                && spec.body().instrs().size() <= MOST_INSTRS
                && spec.body().instrs().stream()
                        .noneMatch(i -> i.op() == Op.INDEX || i.op() == Op.DIV || i.op() == Op.SQRT || Regions.isRare(i));
        return pays ? new Jam(loop) : null;
    }

    /**
     * Runs a box, the last axis in rows; false where it did nothing, as rows are too short, share too little or the
     * loop is not compiled yet.
     *
     * @param start of each frame entry
     */
    boolean run(long[] start, long[][] stride, long[] extent, int axes) {
        long count = extent[axes - 1];
        if (extent[axes - 2] < ROWS || count < LEAST || count > Range.MOST) {
            return false;
        }
        long[] along = stride[axes - 2];
        long[] inner = stride[axes - 1];
        Met here = met;
        if (here == null || !here.is(start, along, inner, loop.frame().loads())) {
            here = meet(start, along, inner);
            met = here;
        }
        Pattern pattern = here.pattern;
        MapLoop rows = here.rows;
        if (rows == null) {
            return false;
        }
        Frame frame = rows.frame();
        long[] at = new long[frame.length()];
        long[] step = new long[frame.length()];
        place(pattern, frame, start, along, inner, at, step);
        Loop fast = rows.vector(at, (int) count);
        if (fast == null) {
            return false;
        }
        long[] base = start.clone();
        long[] index = new long[axes];
        while (true) {
            long row = 0;
            if (extent[axes - 2] >= ROWS) {
                place(pattern, frame, base, along, inner, at, step);
                for (; row + ROWS <= extent[axes - 2]; row += ROWS) {
                    fast.run(at, 0, (int) count);
                    for (int k = 0; k < frame.entries(); k++) {
                        at[k] += step[k];
                    }
                }
            }
            single(base, along, inner, row, extent[axes - 2], (int) count);
            int axis = axes - 3;
            while (axis >= 0 && ++index[axis] == extent[axis]) {
                index[axis] = 0;
                move(base, stride[axis], 1 - extent[axis]);
                axis--;
            }
            if (axis < 0) {
                return true;
            }
            move(base, stride[axis], 1);
        }
    }

    private Met meet(long[] start, long[] along, long[] inner) {
        Pattern pattern = pattern(start, along, inner);
        MapLoop rows = null;
        if (pattern != null) {
            synchronized (made) {
                rows = made.computeIfAbsent(pattern, this::made);
            }
        }
        return new Met(start.clone(), along.clone(), inner.clone(), pattern, rows);
    }

    private static void move(long[] base, long[] stride, long count) {
        for (int k = 0; k < base.length; k++) {
            base[k] += stride[k] * count;
        }
    }

    /** The rows that are left. */
    private void single(long[] base, long[] along, long[] inner, long from, long to, int count) {
        long[] at = new long[loop.frame().length()];
        for (int k = 0; k < base.length; k++) {
            at[k] = base[k] + along[k] * from;
            at[base.length + k] = inner[k];
        }
        for (long row = from; row < to; row++) {
            loop.run(at, count);
            for (int k = 0; k < base.length; k++) {
                at[k] += along[k];
            }
        }
    }

    private Pattern pattern(long[] start, long[] along, long[] inner) {
        LoopSpec spec = loop.spec();
        int loads = spec.loads().size();
        int[] pointers = new int[ROWS * loads];
        long[] offsets = new long[pointers.length];
        int[] first = new int[pointers.length];
        int count = 0;
        for (int n = 0; n < pointers.length; n++) {
            int load = n % loads;
            long address = start[load] + n / loads * along[load];
            int found = -1;
            for (int p = 0; p < count && found < 0; p++) {
                int other = first[p] % loads;
                long distance = address - (start[other] + first[p] / loads * along[other]);
                boolean alike = spec.loads().get(load) == spec.loads().get(other)
                        && along[load] == along[other]
                        && inner[load] == inner[other]
                        && (distance == 0 || (inner[load] != 0 && Math.abs(distance) <= NEAR));
                if (alike) {
                    found = p;
                    offsets[n] = distance;
                }
            }
            if (found < 0) {
                first[count] = n;
                found = count++;
            }
            pointers[n] = found;
        }
        int stores = ROWS * spec.stores().size();
        boolean shares = count < pointers.length - ROWS + 1;
        return shares && count + stores <= MOST_POINTERS ? new Pattern(pointers, offsets, Arrays.copyOf(first, count)) : null;
    }

    /** Where each pointer starts, and how far it moves for the next rows. */
    private void place(
            Pattern pattern, Frame frame, long[] start, long[] along, long[] inner, long[] at, long[] step) {
        int loads = loop.frame().loads();
        for (int p = 0; p < pattern.first.length; p++) {
            int load = pattern.first[p] % loads;
            at[p] = start[load] + pattern.first[p] / loads * along[load];
            at[frame.step(p)] = inner[load];
            step[p] = ROWS * along[load];
        }
        int stores = loop.frame().stores();
        for (int n = 0; n < ROWS * stores; n++) {
            int store = loads + n % stores;
            int entry = frame.store(n);
            at[entry] = start[store] + n / stores * along[store];
            at[frame.step(entry)] = inner[store];
            step[entry] = ROWS * along[store];
        }
    }

    private MapLoop made(Pattern pattern) {
        LoopSpec spec = loop.spec();
        int loads = spec.loads().size();
        Code code = new Code();
        List<LoopSpec.Place> places = new ArrayList<>();
        List<Value> results = new ArrayList<>();
        for (int row = 0; row < ROWS; row++) {
            List<Value> arguments = new ArrayList<>();
            for (int load = 0; load < loads; load++) {
                int n = row * loads + load;
                LoopSpec.Place place = new LoopSpec.Place(pattern.pointers[n], pattern.offsets[n]);
                int slot = places.indexOf(place);
                if (slot < 0) {
                    slot = places.size();
                    places.add(place);
                }
                arguments.add(code.load(spec.loads().get(load).scalar(), slot));
            }
            results.addAll(code.inline(spec.body(), arguments));
        }
        List<DType> pointers =
                Arrays.stream(pattern.first).mapToObj(n -> spec.loads().get(n % loads)).toList();
        List<DType> stores = IntStream.range(0, ROWS * spec.stores().size())
                .mapToObj(n -> spec.stores().get(n % spec.stores().size()))
                .toList();
        return loop.loops().map(
                new LoopSpec(code.body(results.toArray(Value[]::new)), pointers, stores, places, true));
    }
}
