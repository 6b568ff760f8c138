package org.imbrex.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.DTypeException;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.type.ShapeException;
import org.imbrex.runtime.memory.Source;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ArrayTest {
    @Test
    void javaArraysAreWrappedNotCopied() {
        float[] data = {1, 2, 3, 4, 5, 6};
        try (Array x = Array.of(data, 2, 3)) {
            assertThat(x.getDouble(1, -1)).isEqualTo(6);
            data[5] = 7;
            assertThat(x.getDouble(1, 2)).isEqualTo(7);
            assertThat(x.toFloatArray()).containsExactly(1, 2, 3, 4, 5, 7);
            assertThat(x.shape()).isEqualTo(Shape.of(2, 3));
        }
    }

    @Test
    void stridedElementsComeInRowMajorOrder() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_INT, 0, 1, 2, 3, 4, 5);
            Array fortran = new Array(
                    new ArrayType(DType.I32, Shape.of(2, 3)), new long[] {1, 2}, new Source.Resident(memory), () -> {});
            assertThat(fortran.toIntArray()).containsExactly(0, 2, 4, 1, 3, 5);
            assertThat(fortran.toLongArray()).containsExactly(0, 2, 4, 1, 3, 5);
            assertThat(fortran).hasToString("[[0 2 4]\n [1 3 5]] i32(2, 3)");
        }
    }

    @Test
    void longArraysAreCutInTheMiddle() {
        double[] data = new double[2000];
        data[0] = -1.5;
        data[1] = 1e300;
        data[2] = Double.NaN;
        assertThat(Array.of(data)).hasToString("[ -1.5 1e300   nan ...    0.    0.    0.] f64(2000,)");
    }

    @Test
    void whatDoesNotFitIsTold() {
        assertThatThrownBy(() -> Array.of(new float[5], 2, 3))
                .isInstanceOf(ShapeException.class)
                .hasMessage("found 20 bytes, expected 24 for f32(2, 3)");
        Array x = Array.of(new double[6], 2, 3);
        assertThatThrownBy(() -> x.getDouble(2, 0)).isInstanceOf(ShapeException.class).hasMessageContaining("axis 0");
        assertThatThrownBy(() -> x.getDouble(0)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(x::toFloatArray).isInstanceOf(DTypeException.class).hasMessageContaining("f32(x)");
        x.close();
        assertThatThrownBy(x::toDoubleArray).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void textShowsNineDigitsOfAnElementAndAllOfAScalar() {
        assertThat(Array.of(new double[] {4.4750000000000005, 0.1 + 0.2, 1e-300, 123456789012.0}, 4))
                .hasToString("[        4.475           0.3        1e-300 1.23456789e11] f64(4,)");
        try (Engine engine = Engine.open()) {
            assertThat(engine.eval("sum(x)", Map.of("x", Array.of(new double[] {0.1, 0.2}, 2))))
                    .hasToString("0.30000000000000004 f64()");
        }
    }
}
