package org.imbrex.kernels.stage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.type.DType;

/**
 * For each line along one axis: runs the body at each of its indices, makes of the results what {@link Line} says, and
 * writes that through the store. Tiles hold whole lines.
 *
 * @param domain the results' index space; a last axis of extent 2 where the line writes pairs
 * @param axis the lines' axis, in the domain and in what is read
 * @param dtype the elements' of a line; the body's result is narrowed to it by keeping its low bits
 * @param inputs the body's loads, strides over {@link #extents()}; INDEX counts its axes
 * @param body one result
 * @param carry what a {@link Line.Cumulate} carries on from, one element a line: strides over {@link #extents()}, 0
 *     along the line
 */
public record LineStage(
        long[] domain,
        int axis,
        Line line,
        DType dtype,
        List<View> inputs,
        Body body,
        Optional<View> carry,
        View store)
        implements Stage {

    /** Short lines are worked on together, up to about so many bytes of them: rows of columns fill cache lines. */
    private static final long GROUP_BYTES = 1 << 20;

    private static final long MOST_LINES = 64;
    private static final long ALIGN = 64;

    public LineStage {
        inputs = List.copyOf(inputs);
    }

    /** The index space of what is read: the domain with the read line's extent, and 2 at the end for pairs. */
    public long[] extents() {
        int rank = plainAxes();
        long[] extents = Arrays.copyOf(domain, line.readsPairs() ? rank + 1 : rank);
        extents[axis] = line.from();
        if (line.readsPairs()) {
            extents[rank] = 2;
        }
        return extents;
    }

    /** How many axes there are beside that of pairs. */
    public int plainAxes() {
        return line.writesPairs() ? domain.length - 1 : domain.length;
    }

    @Override
    public boolean cuts(int along) {
        return along != axis && along < plainAxes();
    }

    @Override
    public List<View> loads() {
        if (carry.isEmpty()) {
            return inputs;
        }
        List<View> loads = new ArrayList<>(inputs);
        loads.add(carry.get());
        return loads;
    }

    @Override
    public List<View> stores() {
        return List.of(store);
    }

    /** The lines among so many result elements. */
    public long lines(long elements) {
        return elements / Math.max(1, line.to() * (line.writesPairs() ? 2 : 1));
    }

    /** A line's bytes as it is read, up to where the next may begin. */
    public long lineBytes() {
        return padded(line.from() * (line.readsPairs() ? 2 : 1) * dtype.bytes());
    }

    /** A line's bytes as it is written, up to where the next may begin. */
    public long resultBytes() {
        return padded(line.to() * (line.writesPairs() ? 2 : 1) * store.dtype().bytes());
    }

    /** How many lines are worked on together. */
    public long group() {
        return Math.clamp(GROUP_BYTES / Math.max(1, lineBytes() + resultBytes()), 1, MOST_LINES);
    }

    /** The working memory that a tile needs, whatever it holds: a group of lines, their results, and what a line needs. */
    public long workBytes() {
        return group() * (lineBytes() + resultBytes()) + padded(line.workBytes(dtype));
    }

    private static long padded(long bytes) {
        return Math.ceilDiv(bytes, ALIGN) * ALIGN;
    }
}
