package org.imbrex.host.node.wire;

import static org.imbrex.host.node.wire.ProgramCheck.require;

import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.Line;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/** Functions of whole lines as bytes, and what a peer's must hold before its views are looked at. */
final class Lines {
    private Lines() {}

    static void encode(Encoder to, LineStage stage) {
        to.longs(stage.domain()).u8(stage.axis()).choice(stage.dtype());
        switch (stage.line()) {
            case Line.Sort sort -> to.u8(0).i64(sort.from());
            case Line.ArgSort sort -> to.u8(1).i64(sort.from());
            case Line.Select select -> to.u8(2).i64(select.from()).list(select.ranks(), Encoder::i64);
            case Line.Cumulate sums ->
                to.u8(3).i64(sums.from()).choice(sums.how()).u8(sums.exclusive() ? 1 : 0);
            case Line.Count count -> to.u8(4).i64(count.from()).i32(count.bins());
            case Line.Fourier fourier -> to.u8(5).i64(fourier.length()).choice(fourier.kind());
        }
        to.list(stage.inputs(), Programs::view);
        Programs.body(to, stage.body());
        to.list(stage.carry().stream().toList(), Programs::view);
        Programs.view(to, stage.store());
    }

    static LineStage decode(Decoder from) throws WireException {
        long[] domain = from.longs(Limits.RANK);
        int axis = from.u8();
        DType dtype = from.choice(DType.values());
        Line line = line(from);
        List<View> inputs = from.list(Limits.VIEWS, Programs::view);
        Body body = Programs.body(from);
        List<View> carries = from.list(1, Programs::view);
        LineStage stage = new LineStage(
                domain, axis, line, dtype, inputs, body, carries.stream().findFirst(), Programs.view(from));
        check(stage);
        return stage;
    }

    private static Line line(Decoder from) throws WireException {
        int kind = from.u8();
        long length = from.size(Limits.LINE);
        return switch (kind) {
            case 0 -> new Line.Sort(length);
            case 1 -> new Line.ArgSort(length);
            case 2 -> new Line.Select(length, from.list(Limits.RANKS, Decoder::i64));
            case 3 -> new Line.Cumulate(from.choice(Combine.values()), length, from.u8() != 0);
            case 4 -> new Line.Count(length, from.i32());
            case 5 -> new Line.Fourier(length, from.choice(Line.Fourier.Kind.values()));
            default -> throw new WireException("found a line's function " + kind + ", expected 0 to 5");
        };
    }

    /** Whether lines are no longer, and make no more of an element, than a node allows. */
    static boolean fits(Line line) {
        return switch (line) {
            case Line.Count count -> count.from() <= Limits.LINE && count.bins() <= Limits.BINS;
            case Line.Select select -> select.from() <= Limits.LINE && select.ranks().size() <= Limits.RANKS;
            case Line.Fourier fourier -> fourier.length() <= Limits.LINE;
            default -> line.from() <= Limits.LINE;
        };
    }

    private static void check(LineStage stage) throws WireException {
        Line line = stage.line();
        DType dtype = stage.dtype();
        int rank = stage.domain().length - (line.writesPairs() ? 1 : 0);
        require(stage.axis() < rank && rank < Limits.RANK, "a line's axis is none of its stage's");
        require(!line.writesPairs() || stage.domain()[rank] == 2, "a line's pairs are none");
        boolean known = switch (line) {
            case Line.Sort sort -> true;
            case Line.ArgSort sort -> true;
            case Line.Select select ->
                select.ranks().stream().allMatch(wanted -> wanted >= 0 && wanted < select.from());
            case Line.Cumulate sums ->
                (sums.how() == Combine.SUM || sums.how() == Combine.PROD) && (dtype == DType.I64 || dtype.isFloat());
            case Line.Count count -> dtype == DType.I32 && count.bins() > 0 && count.bins() <= Limits.BINS;
            case Line.Fourier fourier -> dtype.isFloat() && fourier.length() > 0;
        };
        require(known, "a line's function does not take its elements");
        require(stage.domain()[stage.axis()] == line.to(), "a line is not as long as its axis");
        require(stage.body().results().size() == 1, "a line is made of several results");
        require(stage.store().dtype() == line.result(dtype), "a line's result is not its store's");
        Optional<View> carry = stage.carry();
        boolean carries = carry.isEmpty()
                || line instanceof Line.Cumulate
                        && carry.get().dtype() == dtype
                        && carry.get().shifts().isEmpty()
                        && carry.get().strides().length == stage.domain().length
                        && carry.get().strides()[stage.axis()] == 0;
        require(carries, "a line carries on from what it cannot");
    }
}
