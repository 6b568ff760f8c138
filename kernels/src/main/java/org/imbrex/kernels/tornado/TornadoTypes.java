package org.imbrex.kernels.tornado;

import static java.lang.constant.ConstantDescs.CD_byte;
import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_short;

import java.lang.constant.ClassDesc;
import java.util.Optional;
import org.imbrex.kernels.type.DType;

/**
 * The names of the types that kernels are written against: TornadoVM's own, or others with the same methods.
 *
 * @param context has the field {@code globalIdx}, an Integer
 * @param arrays the package of {@code ByteArray}, {@code ShortArray} and so on, with {@code get(int)} and
 *     {@code set(int, value)}
 * @param task the name, without the number of its parameters, of the interface whose {@code apply} runs a kernel, if
 *     there is one
 * @param fma how kernels say fused multiply-add
 */
public record TornadoTypes(ClassDesc context, String arrays, Optional<String> task, Fma fma) {
    /** How a kernel says {@code fma(a, b, c)}. */
    public enum Fma {
        /** As {@code a * b + c}, of which the compiler makes one operation. */
        CONTRACTED,
        /** In terms of additions, multiplications and comparisons. */
        SOFTWARE,
        /** As a call of {@code Math.fma}. */
        CALL
    }

    /** TornadoVM's own, with {@code tornado.enable.fma}. */
    public static final TornadoTypes TORNADO = new TornadoTypes(
            ClassDesc.of("uk.ac.manchester.tornado.api.KernelContext"),
            "uk.ac.manchester.tornado.api.types.arrays",
            Optional.of("uk.ac.manchester.tornado.api.common.TornadoFunctions$Task"),
            Fma.CONTRACTED);

    /** The most parameters of a kernel. */
    public static final int MOST_PARAMETERS = 20;

    /** The same with another way to say fma. */
    public TornadoTypes with(Fma fma) {
        return new TornadoTypes(context, arrays, task, fma);
    }

    ClassDesc array(DType dtype) {
        return ClassDesc.of(arrays, arrayName(dtype));
    }

    /** The simple name of the array type that holds a dtype's elements. */
    public static String arrayName(DType dtype) {
        return switch (dtype) {
            case BOOL, I8, U8 -> "ByteArray";
            case I16 -> "ShortArray";
            case I32 -> "IntArray";
            case I64 -> "LongArray";
            case F32 -> "FloatArray";
            case F64 -> "DoubleArray";
        };
    }

    static ClassDesc element(DType dtype) {
        return switch (dtype) {
            case BOOL, I8, U8 -> CD_byte;
            case I16 -> CD_short;
            case I32 -> CD_int;
            case I64 -> CD_long;
            case F32 -> CD_float;
            case F64 -> CD_double;
        };
    }
}
