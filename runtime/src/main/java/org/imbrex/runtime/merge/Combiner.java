package org.imbrex.runtime.merge;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.Combine;

/** {@code left = combine(left, right)}, element by element: {@link Combine#apply} in plain Java, typed. */
final class Combiner {
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE;

    private Combiner() {}

    static void combine(Combine how, ScalarType type, MemorySegment left, MemorySegment right, long count) {
        switch (type) {
            case I32 -> i32(how, left, right, count);
            case I64 -> i64(how, left, right, count);
            case F32 -> f32(how, left, right, count);
            case F64 -> f64(how, left, right, count);
            case BOOL -> throw new IllegalArgumentException("no reduction has bool accumulators");
        }
    }

    private static void i32(Combine how, MemorySegment left, MemorySegment right, long count) {
        for (long i = 0; i < count; i++) {
            int a = left.getAtIndex(I32, i);
            int b = right.getAtIndex(I32, i);
            left.setAtIndex(I32, i, switch (how) {
                case SUM -> a + b;
                case PROD -> a * b;
                case MIN -> a < b ? a : b;
                case MAX -> b < a ? a : b;
            });
        }
    }

    private static void i64(Combine how, MemorySegment left, MemorySegment right, long count) {
        for (long i = 0; i < count; i++) {
            long a = left.getAtIndex(I64, i);
            long b = right.getAtIndex(I64, i);
            left.setAtIndex(I64, i, switch (how) {
                case SUM -> a + b;
                case PROD -> a * b;
                case MIN -> a < b ? a : b;
                case MAX -> b < a ? a : b;
            });
        }
    }

    private static void f32(Combine how, MemorySegment left, MemorySegment right, long count) {
        for (long i = 0; i < count; i++) {
            float a = left.getAtIndex(F32, i);
            float b = right.getAtIndex(F32, i);
            left.setAtIndex(F32, i, switch (how) {
                case SUM -> a + b;
                case PROD -> a * b;
                case MIN -> a < b || a != a ? a : b;
                case MAX -> b < a || a != a ? a : b;
            });
        }
    }

    private static void f64(Combine how, MemorySegment left, MemorySegment right, long count) {
        for (long i = 0; i < count; i++) {
            double a = left.getAtIndex(F64, i);
            double b = right.getAtIndex(F64, i);
            left.setAtIndex(F64, i, switch (how) {
                case SUM -> a + b;
                case PROD -> a * b;
                case MIN -> a < b || a != a ? a : b;
                case MAX -> b < a || a != a ? a : b;
            });
        }
    }
}
