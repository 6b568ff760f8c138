package org.imbrex.kernels.opencl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.imbrex.kernels.opencl.Launch.Memory;

/**
 * The loops, or work items, that walk a box of indices, and what moves along: a track is an offset that starts
 * somewhere and goes on by a stride for each axis, as a view's elements and the indices themselves do. The axes are
 * ordered anew so that the innermost one suits most tracks. Rows are the indices of all axes but that one. For each
 * tile, axes that all tracks walk as one are merged, so the same text walks a contiguous box as one long row.
 */
public final class Nest {
    /** Elements for which a work item of its own pays. */
    private static final long SHARE = 4096;
    private static final int SHARES_PER_UNIT = 8;
    /** GPUs take fewer groups in the second dimension than in the first. */
    private static final long MOST_ROW_GROUPS = 32768;

    private final OpenClTarget target;
    private final long[] extents;
    private final int[] order;
    private final List<Track> tracks = new ArrayList<>();
    private final List<long[]> sets = new ArrayList<>();

    /**
     * @param set the number of its strides
     * @param step how far it goes along the innermost axis: 0, 1, or {@link #ANY} where only the launch tells
     * @param memory the position of the pointer it is an offset from, or -1
     */
    private record Track(String name, int set, long step, int memory) {}

    private static final long ANY = Long.MIN_VALUE;

    /**
     * @param extents all that boxes are cut from
     * @param walks the strides of what should move well along the innermost axis
     */
    public Nest(OpenClTarget target, long[] extents, List<long[]> walks) {
        this(target, extents, walks, 1);
    }

    /** @param weight how many elements each index stands for, so that short rows of much work count as long ones */
    public Nest(OpenClTarget target, long[] extents, List<long[]> walks, long weight) {
        this.target = target;
        this.extents = extents;
        this.order = order(target, extents, walks, weight);
    }

    /** Adds what moves by known strides. */
    public void track(String name, long[] strides, int memory) {
        int inner = order.length == 0 ? -1 : order[order.length - 1];
        long step = inner < 0 ? 0 : strides[inner];
        step = target.specialise() && (step == 0 || step == 1) ? step : ANY;
        for (int set = 0; set < sets.size() && target.specialise(); set++) {
            if (Arrays.equals(sets.get(set), strides)) {
                tracks.add(new Track(name, set, step, memory));
                return;
            }
        }
        tracks.add(new Track(name, sets.size(), step, memory));
        sets.add(strides);
    }

    /** Adds what moves by strides that the launch gives. */
    public void track(String name, int memory) {
        tracks.add(new Track(name, sets.size(), ANY, memory));
        sets.add(null);
    }

    /** Adds what moves as the track before it does. */
    public void trackAlike(String name, int memory) {
        Track before = tracks.getLast();
        tracks.add(new Track(name, before.set, before.step, memory));
    }

    /** Adds the index along an axis. */
    public void index(int axis) {
        long[] strides = new long[extents.length];
        strides[axis] = 1;
        track(indexName(axis), strides, -1);
    }

    private static String indexName(int axis) {
        return "i" + axis;
    }

    /** The C expression of the index along an axis that {@link #index} was called for. */
    public String atIndex(int axis) {
        return "(" + at(indexName(axis)) + ")";
    }

    /** How far a track goes along the innermost axis of the stage. */
    public long innermost(long[] strides) {
        return order.length == 0 ? 0 : strides[order[order.length - 1]];
    }

    /** The extent of the innermost axis of the stage. */
    public long innermostExtent() {
        return order.length == 0 ? 1 : extents[order[order.length - 1]];
    }

    private int rank() {
        return Math.max(1, order.length);
    }

    // ---- text

    /** The names of its numbers, in the order in which {@link #launch} gives them. */
    public List<String> numbers() {
        List<String> names = new ArrayList<>();
        for (int axis = 0; axis < rank(); axis++) {
            names.add("n" + axis);
        }
        if (target.loops()) {
            names.add("share");
            names.add("rowShare");
        }
        for (Track track : tracks) {
            names.add("e" + track.name);
        }
        for (int set = 0; set < sets.size(); set++) {
            for (int axis = 0; axis < rank(); axis++) {
                if (axis < rank() - 1 || needsStep(set)) {
                    names.add(stride(set, axis));
                }
            }
        }
        return names;
    }

    private boolean needsStep(int set) {
        return tracks.stream().anyMatch(track -> track.set == set && track.step == ANY);
    }

    private static String stride(int set, int axis) {
        return "s" + set + "_" + axis;
    }

    /** The names of the box's extents. */
    public List<String> extents() {
        return IntStream.range(0, rank()).mapToObj(axis -> "n" + axis).toList();
    }

    /** The extent of the innermost axis in the box. */
    public String row() {
        return "n" + (rank() - 1);
    }

    /** Opens the loop over rows, in which each track's offset at the row's start is known. */
    public void openRows(SourceText out) {
        if (target.loops()) {
            share(out);
        }
        if (rank() == 1) {
            out.open("");
        } else if (target.loops()) {
            out.open("for (long row = get_global_id(1) * rowShare; row < rowTo; row++)");
        } else {
            out.line("const long rowTo = %s;", rows());
            out.open("for (long row = get_global_id(1); row < rowTo; row += get_global_size(1))");
        }
        offsets(out);
    }

    private String rows() {
        return IntStream.range(0, rank() - 1).mapToObj(axis -> "n" + axis).collect(Collectors.joining(" * "));
    }

    /** Declares what part of a row, and up to which row, an item takes. */
    private void share(SourceText out) {
        out.line("const long xFrom = get_global_id(0) * share;");
        out.line("const long xTo = min(%s, xFrom + share);", row());
        if (rank() > 1) {
            out.line("const long rowTo = min(%s, (long)(get_global_id(1) + 1) * rowShare);", rows());
        }
    }

    /** Whether boxes are rows one stride apart: of two axes. */
    public boolean isPlane() {
        return rank() == 2;
    }

    /** Opens a loop over pairs of a plane's rows, for an item that runs loops; {@link #openLeft} takes the row that is left. */
    public void openPairs(SourceText out) {
        share(out);
        out.line("long next = get_global_id(1) * rowShare;");
        out.open("for (; next + 1 < rowTo; next += 2)");
        out.line("const long row = next;");
        offsets(out);
    }

    /** Opens the loop over what is left after the pairs. */
    public void openLeft(SourceText out) {
        out.open("for (; next < rowTo; next++)");
        out.line("const long row = next;");
        offsets(out);
    }

    /** A track's offset at the start of a pair's row 0 or 1. */
    public String rowStart(String name, int row) {
        return "o" + name + (row == 0 ? "" : " + " + stride(track(name).set, 0));
    }

    /** Declares each track's offset at the start of row number {@code row}. */
    public void offsets(SourceText out) {
        boolean small = Arrays.stream(extents).asDoubleStream().reduce(1, (a, b) -> a * b) < Integer.MAX_VALUE;
        String word = small ? "uint" : "ulong";
        String rest = "(" + word + ")row";
        for (int axis = rank() - 2; axis > 0; axis--) {
            out.line("const %s q%d = %s / (%s)n%d;", word, axis, rest, word, axis);
            out.line("const long x%d = %s - q%d * (%s)n%d;", axis, rest, axis, word, axis);
            rest = "q" + axis;
        }
        if (rank() > 1) {
            out.line("const long x0 = %s;", rest);
        }
        for (Track track : tracks) {
            StringBuilder sum = new StringBuilder("e" + track.name);
            for (int axis = 0; axis < rank() - 1; axis++) {
                sum.append(" + x").append(axis).append(" * ").append(stride(track.set, axis));
            }
            out.line("const long o%s = %s;", track.name, sum);
        }
    }

    /** Opens the loop over a row's indices {@code x}. */
    public void openRow(SourceText out) {
        if (target.loops()) {
            openRow(out, "xFrom", "xTo");
        } else {
            out.open("for (long x = get_global_id(0); x < %s; x += get_global_size(0))", row());
        }
    }

    /** Opens the loop over a part of a row. */
    public void openRow(SourceText out, String from, String to) {
        out.open("for (long x = %s; x < %s; x++)", from, to);
    }

    private Track track(String name) {
        return tracks.stream().filter(t -> t.name.equals(name)).findFirst().orElseThrow();
    }

    /** A track's offset at {@code x}. */
    public String at(String name) {
        Track track = track(name);
        if (track.step == 0) {
            return "o" + name;
        }
        return "o" + name + " + x" + (track.step == 1 ? "" : " * " + stride(track.set, rank() - 1));
    }

    // ---- launch

    /**
     * A launch over the box [lo, hi), which is not empty.
     *
     * @param starts each track's offset at index 0 of all axes
     * @param free the strides of the tracks that were added without
     * @param layers the launch's third dimension
     * @param weight how many elements each index of the box stands for, about
     * @param more the kernel's further numbers
     */
    public Launch launch(
            String kernel, List<Memory> memory, long[] lo, long[] hi, long[] starts, List<long[]> free, long layers,
            long weight, long... more) {
        List<long[]> strides = new ArrayList<>();
        int given = 0;
        for (long[] set : sets) {
            strides.add(set != null ? set : free.get(given++));
        }
        long[] n = new long[rank()];
        long[][] s = new long[sets.size()][rank()];
        merge(lo, hi, strides, n, s);
        long rows = 1;
        for (int axis = 0; axis < rank() - 1; axis++) {
            rows *= n[axis];
        }
        long[] shares = new long[2];
        long[] group = {1, 1, 1};
        long[] items = items(n[rank() - 1], rows, layers, weight, shares, group);
        int count = numbers().size();
        long[] numbers = new long[count + more.length];
        int[] relative = new int[numbers.length];
        Arrays.fill(relative, -1);
        int at = 0;
        for (long extent : n) {
            numbers[at++] = extent;
        }
        if (target.loops()) {
            numbers[at++] = shares[0];
            numbers[at++] = shares[1];
        }
        for (int track = 0; track < tracks.size(); track++) {
            long start = starts[track];
            long[] along = strides.get(tracks.get(track).set);
            for (int axis = 0; axis < extents.length; axis++) {
                start += along[axis] * lo[axis];
            }
            relative[at] = tracks.get(track).memory;
            numbers[at++] = start;
        }
        for (int set = 0; set < s.length; set++) {
            for (int axis = 0; axis < rank(); axis++) {
                if (axis < rank() - 1 || needsStep(set)) {
                    numbers[at++] = s[set][axis];
                }
            }
        }
        System.arraycopy(more, 0, numbers, at, more.length);
        return new Launch(kernel, items, group, memory, numbers, relative);
    }

    /** Extents and strides from the innermost axis out, with what all strides walk as one merged; the rest is 1. */
    private void merge(long[] lo, long[] hi, List<long[]> strides, long[] n, long[][] s) {
        Arrays.fill(n, 1);
        int place = rank() - 1;
        for (int k = order.length - 1; k >= 0; k--) {
            int axis = order[k];
            long extent = hi[axis] - lo[axis];
            boolean first = k == order.length - 1;
            boolean merges = !first;
            for (int set = 0; set < s.length && merges; set++) {
                merges = strides.get(set)[axis] == s[set][place] * n[place];
            }
            if (merges) {
                n[place] *= extent;
                continue;
            }
            if (!first) {
                if (extent == 1) {
                    continue;
                }
                if (n[place] > 1 || place == rank() - 1 && !suits(strides, axis)) {
                    place--;
                }
            }
            n[place] = extent;
            for (int set = 0; set < s.length; set++) {
                s[set][place] = strides.get(set)[axis];
            }
        }
    }

    /** Whether an axis can take the innermost one's place. */
    private boolean suits(List<long[]> strides, int axis) {
        return tracks.stream().allMatch(track -> track.step == ANY || track.step == strides.get(track.set)[axis]);
    }

    private long[] items(long row, long rows, long layers, long weight, long[] shares, long[] group) {
        if (target.loops()) {
            double work = (double) row * rows * weight;
            long parts = Math.clamp((long) (work / SHARE), 1, Math.ceilDiv((long) SHARES_PER_UNIT * target.units(), layers));
            long rowParts = Math.min(rows, parts);
            shares[1] = Math.ceilDiv(rows, rowParts);
            long rowShare = Math.ceilDiv(row, Math.ceilDiv(parts, rowParts));
            shares[0] = rowShare >= row ? row : Math.ceilDiv(rowShare, 64) * 64;
            return new long[] {Math.ceilDiv(row, shares[0]), Math.ceilDiv(rows, shares[1]), layers};
        }
        group[0] = Math.min(target.groupItems(), Long.highestOneBit(2 * row - 1));
        group[1] = Math.min(target.groupItems() / group[0], Long.highestOneBit(2 * rows - 1));
        return new long[] {
            Math.ceilDiv(row, group[0]) * group[0],
            Math.min(Math.ceilDiv(rows, group[1]), MOST_ROW_GROUPS) * group[1],
            layers
        };
    }

    // ---- the order of the axes

    /** Outer to inner: by how far they move, then the axis along which most of what walks goes by 0 or 1. */
    private static int[] order(OpenClTarget target, long[] extents, List<long[]> walks, long weight) {
        List<Integer> axes = new ArrayList<>();
        for (int axis = 0; axis < extents.length; axis++) {
            if (extents[axis] != 1 || !target.specialise()) {
                axes.add(axis);
            }
        }
        axes.sort((a, b) -> Double.compare(reach(walks, b), reach(walks, a)));
        int best = axes.size() - 1;
        double most = -1;
        for (int k = axes.size() - 1; k >= 0; k--) {
            int axis = axes.get(k);
            double score = 1 + walks.stream().filter(walk -> walk[axis] == 0 || walk[axis] == 1).count();
            score = extents[axis] < Math.ceilDiv(16, weight) ? score / 4 : score;
            if (score > most) {
                most = score;
                best = k;
            }
        }
        if (best >= 0) {
            axes.add(axes.remove(best));
        }
        return axes.stream().mapToInt(Integer::intValue).toArray();
    }

    private static double reach(List<long[]> walks, int axis) {
        return walks.stream().mapToDouble(walk -> Math.abs((double) walk[axis])).sum();
    }
}
