package org.imbrex.host.node;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.runtime.tile.Footprint;

/**
 * How time steps are shared out among nodes: each has a slab of the leading axis, in tiles, holds what those read of
 * each buffer of the step, and is brought what of that other slabs write.
 *
 * @param slabs in order of the leading axis
 * @param crossings which elements cross from one slab to another after a round
 */
record Slabs(List<Slab> slabs, List<Crossing> crossings) {
    /** What is computed around a tile should be a small part of it. */
    private static final int ROWS_A_REACH = 8;

    private static final int TILES_A_WORKER = 4;
    private static final long TILE_BYTES = 2L << 20;

    /** Elements of a buffer, both ends inclusive. */
    record Interval(long first, long last) {
        long count() {
            return last - first + 1;
        }

        boolean contains(Interval other) {
            return first <= other.first && other.last <= last;
        }
    }

    /**
     * One node's part.
     *
     * @param tiles boxes {lo, hi}, those at the ends first: others wait for what they compute
     * @param own the elements of each field that it computes
     * @param held by the step's number of each buffer, what of it is held: apart, in order
     */
    record Slab(List<long[][]> tiles, Interval own, Map<Integer, List<Interval>> held) {
        /** Which held interval has certain elements. */
        int place(int buffer, Interval wanted) {
            List<Interval> all = held.get(buffer);
            for (int k = 0; k < all.size(); k++) {
                if (all.get(k).contains(wanted)) {
                    return k;
                }
            }
            throw new IllegalStateException("elements " + wanted + " of buffer " + buffer + " are not held");
        }
    }

    /** Elements of a field that one slab computes and another reads. */
    record Crossing(int from, int to, int field, Interval elements) {}

    /**
     * Shares out stages that differ in how many steps they take.
     *
     * @param stages over one domain
     * @param workers of each node, in order
     */
    static Slabs of(List<IterateStage> stages, List<Integer> workers) {
        long[] domain = stages.getFirst().domain();
        long reach = stages.stream().mapToLong(stage -> stage.reach(0)).max().orElse(0);
        long row = 1;
        for (int axis = 1; axis < domain.length; axis++) {
            row *= domain[axis];
        }
        int count = Math.clamp(domain[0] / Math.max(1, 2 * reach), 1, workers.size());
        int all = workers.subList(0, count).stream().mapToInt(Integer::intValue).sum();
        List<Slab> slabs = new ArrayList<>();
        long before = 0;
        long lo = 0;
        for (int k = 0; k < count; k++) {
            before += workers.get(k);
            long hi = Math.clamp(domain[0] * before / all, lo + 1, domain[0] - (count - 1 - k));
            slabs.add(slab(stages, lo, hi, row, workers.get(k), reach));
            lo = hi;
        }
        List<Crossing> crossings = new ArrayList<>();
        for (int to = 0; to < count; to++) {
            for (int from = 0; from < count; from++) {
                if (from != to) {
                    cross(slabs, from, to, stages.getFirst().fields(), crossings);
                }
            }
        }
        return new Slabs(slabs, crossings);
    }

    private static Slab slab(List<IterateStage> stages, long lo, long hi, long row, int workers, long reach) {
        List<long[][]> tiles = tiles(stages.getFirst(), lo, hi, workers, reach);
        Interval own = new Interval(lo * row, hi * row - 1);
        Map<Integer, List<Interval>> held = new LinkedHashMap<>();
        for (int field = 0; field < stages.getFirst().fields(); field++) {
            add(held, field, own); // whether it is read or not
        }
        for (IterateStage stage : stages) {
            for (long[][] box : tiles) {
                Tile tile = new Tile(0, box[0], box[1], 0, stage.leaves());
                for (int load = 0; load < stage.loads().size(); load++) {
                    long[] range = Footprint.loadRange(stage, load, tile);
                    if (range[0] <= range[1]) {
                        add(held, buffer(stage, load), new Interval(range[0], range[1]));
                    }
                }
            }
        }
        return new Slab(tiles, own, held);
    }

    /** The step's own number of the buffer that a load reads: fields first. */
    static int buffer(IterateStage stage, int load) {
        View view = stage.outer().get(stage.isSplit() ? load / IterateStage.TURNS : load);
        return view.buffer();
    }

    private static List<long[][]> tiles(IterateStage stage, long lo, long hi, int workers, long reach) {
        long rows = Math.ceilDiv(hi - lo, (long) workers * TILES_A_WORKER);
        rows = Math.min(hi - lo, Math.max(rows, ROWS_A_REACH * reach));
        while (rows > 1 && Footprint.touchedBytes(stage, tile(stage, lo, lo + rows)) > TILE_BYTES) {
            rows = Math.ceilDiv(rows, 2);
        }
        List<long[][]> tiles = new ArrayList<>();
        for (long from = lo; from < hi; from += rows) {
            Tile tile = tile(stage, from, Math.min(hi, from + rows));
            tiles.add(new long[][] {tile.lo(), tile.hi()});
        }
        if (tiles.size() > 2) {
            tiles.add(1, tiles.removeLast());
        }
        return tiles;
    }

    private static Tile tile(IterateStage stage, long from, long to) {
        long[] lo = new long[stage.domain().length];
        long[] hi = stage.domain().clone();
        lo[0] = from;
        hi[0] = to;
        return new Tile(0, lo, hi, 0, stage.leaves());
    }

    /** Adds an interval, as one with those that it touches. */
    private static void add(Map<Integer, List<Interval>> held, int buffer, Interval more) {
        List<Interval> apart = new ArrayList<>();
        Interval all = more;
        for (Interval interval : held.getOrDefault(buffer, List.of())) {
            if (interval.first <= all.last + 1 && all.first <= interval.last + 1) {
                all = new Interval(Math.min(all.first, interval.first), Math.max(all.last, interval.last));
            } else {
                apart.add(interval);
            }
        }
        apart.add(all);
        apart.sort(Comparator.comparingLong(Interval::first));
        held.put(buffer, apart);
    }

    private static void cross(List<Slab> slabs, int from, int to, int fields, List<Crossing> crossings) {
        Interval source = slabs.get(from).own;
        for (int field = 0; field < fields; field++) {
            for (Interval held : slabs.get(to).held.get(field)) {
                long first = Math.max(source.first, held.first);
                long last = Math.min(source.last, held.last);
                if (first <= last) {
                    crossings.add(new Crossing(from, to, field, new Interval(first, last)));
                }
            }
        }
    }
}
