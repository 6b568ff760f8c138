package org.imbrex.host.format;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.memory.Source;

/** Elements of arrays as raw bits in C order, read from sources and written to sinks in random parts. */
final class Contents {

    private Contents() {}

    /** A file as NumPy wrote it. */
    record Fixture(String name, String dtype, Shape shape, byte[] bytes) {}

    static List<Fixture> fixtures(String prefix) {
        try (InputStream in = Contents.class.getResourceAsStream("numpy.txt")) {
            List<Fixture> fixtures = new ArrayList<>();
            for (String line : new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n")) {
                String[] parts = line.split(" ");
                if (parts[0].startsWith(prefix)) {
                    long[] extents = parts[2].equals("-")
                            ? new long[0]
                            : java.util.Arrays.stream(parts[2].split("x"))
                                    .mapToLong(Long::parseLong)
                                    .toArray();
                    fixtures.add(new Fixture(
                            parts[0],
                            parts[1],
                            new Shape(extents),
                            Base64.getDecoder().decode(parts[3])));
                }
            }
            return fixtures;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Element k of a fixture: the rule of make_fixtures.py. */
    static long fixtureBits(DType dtype, boolean unsigned, long k) {
        return switch (dtype) {
            case BOOL -> k % 2;
            case U8 -> k;
            case I8, I16, I32, I64 -> unsigned ? k : k - 2;
            case F32 -> Float.floatToRawIntBits((k - 2) / 2f) & 0xffffffffL;
            case F64 -> Double.doubleToRawLongBits((k - 2) / 2.0);
        };
    }

    /** All elements in C order, read in parts of random length. */
    static long[] bits(StoredArray array, Random random) {
        ArrayType type = array.type();
        Shape shape = type.shape();
        int elements = Math.toIntExact(shape.elements());
        int size = type.dtype().bytes();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment flat;
            switch (array.source()) {
                case Source.Resident resident -> flat = resident.memory();
                case Source.Chunked chunked -> {
                    flat = arena.allocate((long) elements * size + 1);
                    for (int done = 0; done < elements; ) {
                        int now = 1 + random.nextInt(elements - done);
                        chunked.read(done, now, flat.asSlice((long) done * size, (long) now * size));
                        done += now;
                    }
                }
            }
            long[] strides = array.strides();
            long[] bits = new long[elements];
            for (int k = 0; k < elements; k++) {
                long at = 0;
                int rest = k;
                for (int axis = shape.rank() - 1; axis >= 0; axis--) {
                    at += rest % shape.extent(axis) * strides[axis];
                    rest = (int) (rest / shape.extent(axis));
                }
                bits[k] = get(type.dtype(), flat, at);
            }
            return bits;
        }
    }

    static long get(DType dtype, MemorySegment memory, long element) {
        return switch (dtype.bytes()) {
            case 1 ->
                dtype == DType.I8
                        ? memory.get(ValueLayout.JAVA_BYTE, element)
                        : memory.get(ValueLayout.JAVA_BYTE, element) & 0xff;
            case 2 -> memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, element << 1);
            case 4 ->
                dtype == DType.F32
                        ? memory.get(ValueLayout.JAVA_INT_UNALIGNED, element << 2) & 0xffffffffL
                        : memory.get(ValueLayout.JAVA_INT_UNALIGNED, element << 2);
            default -> memory.get(ValueLayout.JAVA_LONG_UNALIGNED, element << 3);
        };
    }

    static void set(DType dtype, MemorySegment memory, long element, long bits) {
        switch (dtype.bytes()) {
            case 1 -> memory.set(ValueLayout.JAVA_BYTE, element, (byte) bits);
            case 2 -> memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, element << 1, (short) bits);
            case 4 -> memory.set(ValueLayout.JAVA_INT_UNALIGNED, element << 2, (int) bits);
            default -> memory.set(ValueLayout.JAVA_LONG_UNALIGNED, element << 3, bits);
        }
    }

    /** Writes all elements in parts of random length, in random order where the sink allows it. */
    static void write(Sink sink, DType dtype, long[] bits, Random random) {
        Sink.Chunked chunked = (Sink.Chunked) sink;
        List<int[]> parts = new ArrayList<>();
        for (int done = 0; done < bits.length; ) {
            int now = 1 + random.nextInt(bits.length - done);
            parts.add(new int[] {done, now});
            done += now;
        }
        if (!chunked.ordered()) {
            Collections.shuffle(parts, random);
        }
        try (Arena arena = Arena.ofConfined()) {
            for (int[] part : parts) {
                MemorySegment memory = arena.allocate((long) part[1] * dtype.bytes() + 1);
                for (int i = 0; i < part[1]; i++) {
                    set(dtype, memory, i, bits[part[0] + i]);
                }
                chunked.write(part[0], part[1], memory);
            }
        }
    }

    static ArrayType randomType(Random random, int mostAxes) {
        long[] extents = new long[random.nextInt(mostAxes + 1)];
        for (int axis = 0; axis < extents.length; axis++) {
            extents[axis] = random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(6);
        }
        return new ArrayType(DType.values()[random.nextInt(DType.values().length)], new Shape(extents));
    }

    /** Any bits, special values among them; as {@link #bits} gives them. */
    static long[] randomBits(Random random, ArrayType type) {
        long[] bits = new long[Math.toIntExact(type.shape().elements())];
        double[] special = {
            0.0,
            -0.0,
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            Double.MIN_VALUE,
            Double.MAX_VALUE
        };
        for (int i = 0; i < bits.length; i++) {
            long any = random.nextLong();
            double value = special[random.nextInt(special.length)];
            boolean isSpecial = random.nextInt(4) == 0;
            bits[i] = switch (type.dtype()) {
                case BOOL -> any & 1;
                case I8 -> (byte) any;
                case U8 -> any & 0xff;
                case I16 -> (short) any;
                case I32 -> (int) any;
                case I64 -> any;
                case F32 ->
                    (isSpecial
                                    ? Float.floatToIntBits((float) value)
                                    : Float.floatToIntBits(Float.intBitsToFloat((int) any)))
                            & 0xffffffffL;
                case F64 ->
                    isSpecial ? Double.doubleToLongBits(value) : Double.doubleToLongBits(Double.longBitsToDouble(any));
            };
        }
        return bits;
    }
}
