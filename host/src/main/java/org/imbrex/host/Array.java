package org.imbrex.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.DTypeException;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.type.ShapeException;
import org.imbrex.runtime.memory.Pages;
import org.imbrex.runtime.memory.Source;

/**
 * An n-dimensional array: elements of one dtype under a shape, in native memory, in a Java array, or in a file. Nothing
 * is copied when it is made; whoever made it closes it.
 *
 * <p>What an array wraps must not be changed while an evaluation reads it.
 */
public final class Array implements AutoCloseable {
    private final ArrayType type;
    private final long[] strides;
    private final Source source;
    private volatile Runnable release;

    Array(ArrayType type, long[] strides, Source source, Runnable release) {
        this.type = type;
        this.strides = strides.clone();
        this.source = source;
        this.release = release;
    }

    /** Wraps {@code data} as an f32 array of that shape, in row-major order; no shape means one axis. */
    public static Array of(float[] data, long... shape) {
        return wrap(MemorySegment.ofArray(data), DType.F32, shape(data.length, shape));
    }

    /** Wraps {@code data} as an f64 array of that shape, in row-major order; no shape means one axis. */
    public static Array of(double[] data, long... shape) {
        return wrap(MemorySegment.ofArray(data), DType.F64, shape(data.length, shape));
    }

    /** Wraps {@code data} as an i32 array of that shape, in row-major order; no shape means one axis. */
    public static Array of(int[] data, long... shape) {
        return wrap(MemorySegment.ofArray(data), DType.I32, shape(data.length, shape));
    }

    /** Wraps {@code data} as an i64 array of that shape, in row-major order; no shape means one axis. */
    public static Array of(long[] data, long... shape) {
        return wrap(MemorySegment.ofArray(data), DType.I64, shape(data.length, shape));
    }

    /** Wraps {@code data} as an i16 array of that shape, in row-major order; no shape means one axis. */
    public static Array of(short[] data, long... shape) {
        return wrap(MemorySegment.ofArray(data), DType.I16, shape(data.length, shape));
    }

    /** Wraps {@code data} as an i8 array of that shape, in row-major order; no shape means one axis. */
    public static Array of(byte[] data, long... shape) {
        return wrap(MemorySegment.ofArray(data), DType.I8, shape(data.length, shape));
    }

    private static Shape shape(long elements, long... shape) {
        return shape.length == 0 ? Shape.of(elements) : Shape.of(shape);
    }

    /**
     * Wraps memory that holds the elements in row-major order and native byte order; native memory is read in place,
     * a Java array in parts as tiles need them. The caller keeps the memory alive until the array is closed.
     *
     * @throws ShapeException where the memory has not the size of the shape
     */
    public static Array wrap(MemorySegment memory, DType dtype, Shape shape) {
        Objects.requireNonNull(memory, "memory");
        long bytes = Math.multiplyExact(shape.elements(), dtype.bytes());
        if (memory.byteSize() != bytes) {
            throw new ShapeException("found " + memory.byteSize() + " bytes, expected " + bytes + " for " + dtype + shape);
        }
        Source source = memory.isNative() ? new Source.Resident(memory) : new HeapSource(memory, dtype.bytes());
        return new Array(new ArrayType(dtype, shape), shape.strides(), source, () -> {});
    }

    /** Parts of a Java array. */
    private record HeapSource(MemorySegment memory, int bytes) implements Source.Chunked {
        @Override
        public void read(long first, long count, MemorySegment into) {
            MemorySegment.copy(memory, first * bytes, into, 0, count * bytes);
        }
    }

    public DType dtype() {
        return type.dtype();
    }

    public Shape shape() {
        return type.shape();
    }

    /** Dtype and shape. */
    public ArrayType type() {
        return type;
    }

    /** The number of elements. */
    public long elements() {
        return type.shape().elements();
    }

    long[] strides() {
        return strides.clone();
    }

    Source source() {
        if (release == null) {
            throw new IllegalStateException("the array is closed: " + type);
        }
        return source;
    }

    // ---- elements

    /**
     * One element by its index, by value.
     *
     * @param index one per axis; negative counts from the end
     * @throws ShapeException where it lies outside
     */
    public double getDouble(long... index) {
        long bits = bits(index);
        return switch (type.dtype()) {
            case F32 -> Float.intBitsToFloat((int) bits);
            case F64 -> Double.longBitsToDouble(bits);
            default -> bits;
        };
    }

    /** One element by its index, by value; a float is truncated, and saturates. */
    public long getLong(long... index) {
        return type.dtype().isFloat() ? (long) getDouble(index) : bits(index);
    }

    private long bits(long... index) {
        Shape shape = type.shape();
        if (index.length != shape.rank()) {
            throw new ShapeException("found " + index.length + " indices, expected one for each axis of " + shape);
        }
        long element = 0;
        for (int axis = 0; axis < index.length; axis++) {
            long extent = shape.extent(axis);
            long i = index[axis] < 0 ? index[axis] + extent : index[axis];
            if (i < 0 || i >= extent) {
                throw new ShapeException(
                        "found index " + index[axis] + " on axis " + axis + " of " + shape + ", expected one inside");
            }
            element += i * strides[axis];
        }
        int bytes = type.dtype().bytes();
        return switch (source()) {
            case Source.Resident resident ->
                Elements.read(type.dtype(), resident.memory().address() + element * bytes);
            case Source.Chunked chunked -> {
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment one = arena.allocate(bytes, bytes);
                    chunked.read(element, 1, one);
                    yield Elements.read(type.dtype(), one.address());
                }
            }
        };
    }

    /** All elements of an f32 array, in row-major order. */
    public float[] toFloatArray() {
        float[] into = new float[size(DType.F32)];
        copyTo(MemorySegment.ofArray(into));
        return into;
    }

    /** All elements in row-major order, of any dtype, by value. */
    public double[] toDoubleArray() {
        double[] into = new double[size()];
        if (type.dtype() == DType.F64) {
            copyTo(MemorySegment.ofArray(into));
            return into;
        }
        try (Arena arena = Arena.ofConfined()) {
            long address = rowMajor(arena).address();
            for (int i = 0; i < into.length; i++) {
                long bits = Elements.read(type.dtype(), address + (long) i * type.dtype().bytes());
                into[i] = type.dtype() == DType.F32 ? Float.intBitsToFloat((int) bits) : bits;
            }
        }
        return into;
    }

    /** All elements of an i32 array, in row-major order. */
    public int[] toIntArray() {
        int[] into = new int[size(DType.I32)];
        copyTo(MemorySegment.ofArray(into));
        return into;
    }

    /** All elements of an integer or bool array of any width, in row-major order, by value. */
    public long[] toLongArray() {
        if (type.dtype().isFloat()) {
            throw new DTypeException("found an array of " + type.dtype() + ", expected integers; use toDoubleArray()");
        }
        long[] into = new long[size()];
        try (Arena arena = Arena.ofConfined()) {
            long address = rowMajor(arena).address();
            for (int i = 0; i < into.length; i++) {
                into[i] = Elements.read(type.dtype(), address + (long) i * type.dtype().bytes());
            }
        }
        return into;
    }

    /** Copies all elements, in row-major order and native byte order, to memory of just their size. */
    public void copyTo(MemorySegment into) {
        long bytes = bytes();
        if (into.byteSize() != bytes) {
            throw new ShapeException("found room for " + into.byteSize() + " bytes, expected " + bytes + " for " + type);
        }
        try (Arena arena = Arena.ofConfined()) {
            into.copyFrom(rowMajor(arena));
        }
    }

    /** The size of all elements in bytes. */
    public long bytes() {
        return elements() * type.dtype().bytes();
    }

    private int size(DType expected) {
        if (type.dtype() != expected) {
            throw new DTypeException("found an array of " + type.dtype() + ", expected " + expected
                    + "; cast it in an expression, as " + expected + "(x), or use toDoubleArray()");
        }
        return size();
    }

    private int size() {
        if (elements() > Integer.MAX_VALUE - 8) {
            throw new ShapeException("found " + elements() + " elements, expected fewer than 2^31 for a Java array;"
                    + " use copyTo(MemorySegment)");
        }
        return (int) elements();
    }

    /** The elements in row-major order, where they lie if they lie so. */
    private MemorySegment rowMajor(Arena arena) {
        boolean inOrder = Arrays.equals(strides, type.shape().strides());
        long bytes = bytes();
        if (bytes == 0) {
            return MemorySegment.NULL;
        }
        MemorySegment flat = switch (source()) {
            case Source.Resident resident -> resident.memory();
            case Source.Chunked chunked -> {
                MemorySegment read = Pages.allocate(arena, bytes);
                chunked.read(0, elements(), read);
                yield read;
            }
        };
        if (inOrder) {
            return flat.asSlice(0, bytes);
        }
        MemorySegment ordered = Pages.allocate(arena, bytes);
        int width = type.dtype().bytes();
        long[] hi = type.shape().extents();
        long[] index = new long[hi.length];
        for (long to = ordered.address(); ; to += width) {
            long element = 0;
            for (int axis = 0; axis < index.length; axis++) {
                element += index[axis] * strides[axis];
            }
            Elements.write(type.dtype(), to, Elements.read(type.dtype(), flat.address() + element * width));
            int axis = index.length - 1;
            while (axis >= 0 && ++index[axis] == hi[axis]) {
                index[axis--] = 0;
            }
            if (axis < 0) {
                return ordered;
            }
        }
    }

    /** Gives back the memory or the file; what the array wrapped stays the caller's. */
    @Override
    public void close() {
        Runnable once;
        synchronized (this) {
            once = release;
            release = null;
        }
        if (once != null) {
            once.run();
        }
    }

    /** Has something more done when the array is closed, or now if it is. */
    void whenClosed(Runnable more) {
        synchronized (this) {
            Runnable before = release;
            if (before != null) {
                release = () -> {
                    more.run();
                    before.run();
                };
                return;
            }
        }
        more.run();
    }

    /** Dtype, shape and the elements, as NumPy prints them: long axes are cut in the middle. */
    @Override
    public String toString() {
        return release == null ? type + " (closed)" : ArrayText.of(this);
    }
}
