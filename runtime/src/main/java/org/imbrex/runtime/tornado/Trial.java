package org.imbrex.runtime.tornado;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.imbrex.runtime.memory.Span;

/** What TornadoVM does not say of a device, seen from a small kernel: whether its results are the reference's bits. */
final class Trial {
    private static final int COUNT = 512;

    private Trial() {}

    /** Contraction, where it is wanted and where not, correct rounding, subnormal numbers, comparisons with NaN, shifts, in both widths. */
    static boolean isExact(TornadoDevice device) {
        MapStage stage = stage();
        long[] domain = stage.domain();
        Tile tile = new Tile(0, new long[] {0}, domain, 0, 1);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment input = arena.allocate(COUNT * 8L, 64);
            Random random = new Random(1);
            for (int i = 0; i < COUNT; i++) {
                // all exponents, and some near 1, where contraction shows
                double value = i % 2 == 0 ? Double.longBitsToDouble(random.nextLong()) : 1 + random.nextDouble() * 0x1p-20;
                input.setAtIndex(ValueLayout.JAVA_DOUBLE, i, i == 4 ? Double.NaN : i == 6 ? 0x1p-1060 : value);
            }
            MemorySegment expected = arena.allocate(COUNT * 8L * stage.stores().size(), 64);
            MemorySegment found = arena.allocate(expected.byteSize(), 64);
            long[] bases = new long[stage.stores().size()];
            List<Span> stores = new ArrayList<>();
            for (int k = 0; k < bases.length; k++) {
                bases[k] = expected.address() + k * COUNT * 8L;
                stores.add(new Span(found.asSlice(k * COUNT * 8L, COUNT * 8L), 0));
            }
            Lowerings.reference(stage).run(tile, new long[] {input.address()}, bases);
            device.kernel(stage).run(tile, List.of(new Span(input, 0)), stores);
            return expected.mismatch(found) < 0;
        }
    }

    private static MapStage stage() {
        Code code = new Code();
        Value x = code.load(ScalarType.F64, 0);
        Value f = code.convert(x, ScalarType.F32);
        Value y = code.convert(code.mul(f, f), ScalarType.F64);
        Value wide = code.sub(code.mul(x, x), y);
        Value narrow = code.convert(
                code.add(code.sqrt(code.abs(f)), code.sub(code.mul(f, f), code.div(code.f32(3), f))), ScalarType.F64);
        Value roots = code.add(code.sqrt(code.abs(x)), code.div(code.f64(3), x));
        Value small = code.mul(code.mul(x, code.f64(0x1p-200)), code.f64(0x1p200));
        Value order = code.convert(code.le(x, code.neg(x)), ScalarType.F64);
        Value bits = code.convert(
                code.ushr(code.convert(x, ScalarType.I64), 7), ScalarType.F64);
        Value fused = code.add(code.fma(x, x, code.neg(y)), code.fma(code.neg(x), y, code.f64(-0.0)));
        Value fusedNarrow = code.convert(
                code.add(code.fma(f, f, code.f32(-1)), code.fma(code.f32(0x1.8p-10f), code.f32(0x1.000002p0f), f)),
                ScalarType.F64);
        Value[] results = {
            clean(code, wide), clean(code, narrow), clean(code, roots), clean(code, small), order, bits,
            clean(code, fused), clean(code, fusedNarrow)
        };
        List<View> stores = new ArrayList<>();
        for (int k = 0; k < results.length; k++) {
            stores.add(new View(1 + k, DType.F64, 0, new long[] {1}));
        }
        return new MapStage(
                new long[] {COUNT}, List.of(new View(0, DType.F64, 0, new long[] {1})), code.body(results), stores);
    }

    /** NaNs differ in their payloads. */
    private static Value clean(Code code, Value a) {
        return code.select(code.isNaN(a), code.f64(-1), a);
    }
}
