package org.imbrex.kernels.reduce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.imbrex.kernels.element.Interpreter;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.junit.jupiter.api.Test;

class FlattenedTest {
    private static ReduceStage stage(int from, int to, Function<Code, Value> place, long... extents) {
        Code code = new Code();
        Body body = code.body(place.apply(code));
        Code epilogue = new Code();
        return new ReduceStage(
                extents, from, to,
                List.of(new View(0, DType.I64, 0, new long[extents.length])),
                body, List.of(Combine.MIN),
                epilogue.body(epilogue.load(body.resultType(0), 0)), List.of());
    }

    private static Value row(Code code, Value outer, long extent, int axis) {
        return code.add(code.mul(outer, code.i64(extent)), code.index(axis));
    }

    private static long[] indices(Body body) {
        return body.instrs().stream().filter(i -> i.op() == Op.INDEX).mapToLong(i -> i.imm()).sorted().toArray();
    }

    @Test
    void thePlaceInAllReducedAxesIsOneIndex() {
        Optional<Body> two = Flattened.body(stage(1, 3, c -> row(c, c.index(1), 7, 2), 4, 5, 7));
        assertThat(two).hasValueSatisfying(body -> assertThat(indices(body)).containsExactly(1));
        Optional<Body> three = Flattened.body(stage(0, 3, c -> row(c, row(c, c.index(0), 5, 1), 7, 2), 4, 5, 7));
        assertThat(three).hasValueSatisfying(body -> assertThat(body.instrs()).hasSize(1));
    }

    @Test
    void axesOfOneIndexDoNotCount() {
        Optional<Body> outer = Flattened.body(stage(0, 3, c -> row(c, c.index(1), 7, 2), 1, 5, 7));
        assertThat(outer).hasValueSatisfying(body -> assertThat(indices(body)).containsExactly(1));
        Optional<Body> between = Flattened.body(stage(0, 3, c -> row(c, c.index(0), 7, 2), 5, 1, 7));
        assertThat(between).hasValueSatisfying(body -> assertThat(indices(body)).containsExactly(0));
    }

    @Test
    void otherIndicesAreNotFlattened() {
        assertThat(Flattened.body(stage(0, 2, c -> c.index(0), 5, 7))).as("an outer axis alone").isEmpty();
        assertThat(Flattened.body(stage(0, 2, c -> c.index(1), 5, 7))).as("an inner axis alone").isEmpty();
        assertThat(Flattened.body(stage(0, 2, c -> row(c, c.index(0), 8, 1), 5, 7))).as("another extent").isEmpty();
        assertThat(Flattened.body(stage(0, 2, c -> row(c, c.index(1), 7, 0), 5, 7))).as("the other way").isEmpty();
        assertThat(Flattened.body(stage(0, 2, c -> c.add(row(c, c.index(0), 7, 1), c.index(1)), 5, 7)))
                .as("one of them besides")
                .isEmpty();
    }

    /** A kept axis scaled by the extent of the first one, as the place in a transposed array is. */
    @Test
    void keptAxesAndLoadsStayWhatTheyAre() {
        ReduceStage kept = stage(0, 1, c -> row(c, c.index(1), 300, 0), 300, 40);
        assertThat(Flattened.body(kept)).hasValueSatisfying(body -> {
            assertThat(indices(body)).containsExactly(0, 1);
            Interpreter interpreter = new Interpreter(body);
            interpreter.run(new long[] {17, 3});
            assertThat(interpreter.result(0)).isEqualTo(3 * 300 + 17);
        });
        ReduceStage load = stage(0, 1, c -> row(c, c.load(ScalarType.I64, 0), 300, 0), 300, 40);
        assertThat(Flattened.body(load)).hasValueSatisfying(body -> assertThat(body.uses(Op.LOAD)).isTrue());
    }
}
