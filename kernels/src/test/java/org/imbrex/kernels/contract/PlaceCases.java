package org.imbrex.kernels.contract;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.imbrex.kernels.contract.RandomStages.Case;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/** Reductions that ask where an element is: in all reduced axes together, along one of them, or along a kept one. */
public final class PlaceCases {
    private static final int AXES = 4;

    private PlaceCases() {}

    /**
     * The least place of an element of a kind, one array of bytes.
     *
     * @param from the first reduced axis of four
     * @param to one past the last
     * @param type of the places
     * @param asked what is asked for besides: 0 nothing, 1 the index along a reduced axis, 2 along a kept one, 3 that scaled as if it
     *     were an outer reduced one
     */
    public static Case next(int from, int to, ScalarType type, int asked, Random random, long seed) {
        long[] extents = new long[AXES];
        for (int axis = 0; axis < AXES; axis++) {
            int most = axis >= from && axis < to ? 700 / (to - from) / (to - from) : 5;
            extents[axis] = random.nextInt(4) == 0 ? 1 : 1 + random.nextInt(most);
        }
        long[] strides = strides(extents, random.nextInt(4) == 0 ? 1 : 0);
        ReduceStage stage = stage(extents, strides, from, to, type, asked);
        Arena arena = Arena.ofShared();
        long bytes = strides[0] * extents[0] + 1;
        MemorySegment input = arena.allocate(bytes, 64);
        int kinds = 1 + random.nextInt(3000);
        for (long i = 0; i < bytes; i++) {
            Elements.write(DType.I8, input.address() + i, random.nextInt(kinds) == 0 ? 1 : 0);
        }
        String name = "places as " + type + " in axes " + from + " to " + to + " of " + Arrays.toString(extents) + ", " + asked
                + ", -Dimbrex.test.seed=" + seed;
        long results = Arrays.stream(stage.domain()).reduce(1, (a, b) -> a * b);
        return new Case(name, stage, List.of(input), new long[] {results}, arena);
    }

    private static ReduceStage stage(long[] extents, long[] strides, int from, int to, ScalarType type, int asked) {
        Code code = new Code();
        Value place = code.integer(type, 0);
        for (int axis = from; axis < to; axis++) {
            Value scaled = axis == from ? null : code.mul(place, code.integer(type, extents[axis]));
            place = scaled == null ? code.index(type, axis) : code.add(scaled, code.index(type, axis));
        }
        if (asked > 0) {
            int axis = asked == 1 ? to - 1 : from > 0 ? 0 : AXES - 1;
            place = code.add(
                    code.mul(code.index(type, axis), code.integer(type, asked == 3 ? extents[from] : 3)), place);
        }
        Value none = code.constant(type, Combine.MIN.identity(type));
        Value here = code.ne(code.load(ScalarType.I32, 0), code.i32(0));
        DType result = type == ScalarType.I32 ? DType.I32 : DType.I64;
        Code epilogue = new Code();
        ReduceStage stage = new ReduceStage(
                extents, from, to,
                List.of(new View(0, DType.I8, 0, strides)),
                code.body(code.select(here, place, none)),
                List.of(Combine.MIN),
                epilogue.body(epilogue.load(type, 0)),
                List.of(new View(1, result, 0, new long[AXES - (to - from)])));
        return new ReduceStage(
                extents, from, to, stage.loads(), stage.body(), stage.combines(), stage.epilogue(),
                List.of(new View(1, result, 0, strides(stage.domain(), 0))));
    }

    private static long[] strides(long[] extents, long gap) {
        long[] strides = new long[extents.length];
        long step = 1;
        for (int axis = extents.length - 1; axis >= 0; axis--) {
            strides[axis] = step;
            step = step * extents[axis] + gap;
        }
        return strides;
    }
}
