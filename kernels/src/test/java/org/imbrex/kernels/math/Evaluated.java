package org.imbrex.kernels.math;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.loop.Loops;
import org.imbrex.kernels.map.MapVector;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/** A function over arrays, by compiled scalar code: fast enough for many inputs. */
final class Evaluated {
    private static final Loops LOOPS = new Loops(Loops.When.NEVER);

    private Evaluated() {}

    /** The function's results, as raw bits, for as many arguments as it takes, as raw bits. */
    static long[] bits(Function function, ScalarType type, long[]... arguments) {
        return bits(LOOPS, function, type, arguments);
    }

    static long[] bits(Loops loops, Function function, ScalarType type, long[]... arguments) {
        DType dtype = DType.valueOf(type.name());
        int count = arguments[0].length;
        Code code = new Code();
        List<View> loads = new ArrayList<>();
        Value[] values = new Value[arguments.length];
        for (int k = 0; k < values.length; k++) {
            values[k] = code.load(type, k);
            loads.add(new View(k, dtype, 0, new long[] {1}));
        }
        Value result = Functions.apply(code, function, values);
        DType found = DType.valueOf(result.type().name());
        View store = new View(values.length, found, 0, new long[] {1});
        MapStage stage = new MapStage(new long[] {count}, loads, code.body(result), List.of(store));
        try (Arena arena = Arena.ofConfined()) {
            long[] addresses = new long[values.length];
            for (int k = 0; k < values.length; k++) {
                MemorySegment memory = arena.allocate((long) count * dtype.bytes(), 64);
                for (int i = 0; i < count; i++) {
                    put(memory, type.bytes(), i, arguments[k][i]);
                }
                addresses[k] = memory.address();
            }
            MemorySegment memory = arena.allocate((long) count * found.bytes(), 64);
            new MapVector(stage, loops)
                    .run(new Tile(0, new long[] {0}, new long[] {count}, 0, 1), addresses, new long[] {memory.address()
                    });
            long[] results = new long[count];
            for (int i = 0; i < count; i++) {
                results[i] = get(memory, found.bytes(), i);
            }
            return results;
        }
    }

    /** Of doubles, or of floats that are held in doubles. */
    static double[] of(Function function, ScalarType type, double[]... arguments) {
        long[][] bits = new long[arguments.length][];
        for (int k = 0; k < arguments.length; k++) {
            bits[k] = new long[arguments[k].length];
            for (int i = 0; i < bits[k].length; i++) {
                bits[k][i] = type == ScalarType.F32
                        ? Float.floatToRawIntBits((float) arguments[k][i])
                        : Double.doubleToRawLongBits(arguments[k][i]);
            }
        }
        long[] found = bits(function, type, bits);
        double[] results = new double[found.length];
        for (int i = 0; i < found.length; i++) {
            results[i] = type == ScalarType.F32 ? Float.intBitsToFloat((int) found[i]) : Double.longBitsToDouble(found[i]);
        }
        return results;
    }

    static double at(Function function, ScalarType type, double... arguments) {
        double[][] single = new double[arguments.length][1];
        for (int k = 0; k < arguments.length; k++) {
            single[k][0] = arguments[k];
        }
        return of(function, type, single)[0];
    }

    private static void put(MemorySegment memory, int bytes, int i, long bits) {
        switch (bytes) {
            case 1 -> memory.setAtIndex(ValueLayout.JAVA_BYTE, i, (byte) bits);
            case 4 -> memory.setAtIndex(ValueLayout.JAVA_INT, i, (int) bits);
            default -> memory.setAtIndex(ValueLayout.JAVA_LONG, i, bits);
        }
    }

    private static long get(MemorySegment memory, int bytes, int i) {
        return switch (bytes) {
            case 1 -> memory.getAtIndex(ValueLayout.JAVA_BYTE, i);
            case 4 -> memory.getAtIndex(ValueLayout.JAVA_INT, i);
            default -> memory.getAtIndex(ValueLayout.JAVA_LONG, i);
        };
    }
}
