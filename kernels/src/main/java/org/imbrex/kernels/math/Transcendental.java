package org.imbrex.kernels.math;

import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.math.Pairs.Pair;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/** The functions that are no finite combination of arithmetic. */
final class Transcendental {
    private Transcendental() {}

    static Value apply(Code code, Function function, Value... args) {
        Value x = args[0];
        ScalarType type = x.type();
        return switch (function) {
            case EXP -> new Exponential(code, type).exp(x);
            case EXPM1 -> new Exponential(code, type).expm1(x);
            case SINH -> new Exponential(code, type).sinh(x);
            case COSH -> new Exponential(code, type).cosh(x);
            case TANH -> new Exponential(code, type).tanh(x);
            case LOG -> new Logarithm(code, type).log(x);
            case LOG1P -> new Logarithm(code, type).log1p(x);
            case LOG2 -> new Logarithm(code, type).log2(x);
            case LOG10 -> new Logarithm(code, type).log10(x);
            case SIN -> new Trigonometry(code, type).sin(x);
            case COS -> new Trigonometry(code, type).cos(x);
            case TAN -> new Trigonometry(code, type).tan(x);
            case ASIN -> new InverseTrigonometry(code, type).asin(x);
            case ACOS -> new InverseTrigonometry(code, type).acos(x);
            case ATAN -> new InverseTrigonometry(code, type).atan(x);
            case ATAN2 -> new InverseTrigonometry(code, type).atan2(x, args[1]);
            case HYPOT -> hypot(code, x, args[1]);
            case POW -> Power.pow(code, x, args[1]);
            default -> throw new IllegalArgumentException(function + " is not transcendental");
        };
    }

    /** sqrt(x^2 + y^2), scaled so that nothing overflows, with the squares and the root as pairs. */
    private static Value hypot(Code code, Value x, Value y) {
        ScalarType type = x.type();
        boolean single = type == ScalarType.F32;
        Pairs pairs = new Pairs(code);
        Value a = code.abs(x);
        Value b = code.abs(y);
        Value swap = code.lt(a, b);
        Value large = code.select(swap, b, a);
        Value little = code.select(swap, a, b);
        Value zero = code.real(type, 0);
        Value huge = code.lt(code.real(type, single ? 0x1p60 : 0x1p500), large);
        Value tiny = code.lt(large, code.real(type, single ? 0x1p-30 : 0x1p-400));
        Value one = code.real(type, 1);
        Value down = code.real(type, single ? 0x1p-90 : 0x1p-600);
        Value up = code.real(type, single ? 0x1p90 : 0x1p600);
        Value scale = code.select(huge, down, code.select(tiny, up, one));
        Value back = code.select(huge, up, code.select(tiny, down, one));
        Value p = code.mul(large, scale);
        Value q = code.mul(little, scale);
        Pair first = pairs.product(p, p);
        Pair second = pairs.product(q, q);
        Pair sum = pairs.add(first, second);
        Value root = code.sqrt(sum.hi());
        Value rest = code.add(code.fma(code.neg(root), root, sum.hi()), sum.lo());
        Value mended = code.add(root, code.div(rest, code.add(root, root)));
        Value result = code.mul(code.select(code.eq(root, zero), zero, mended), back);
        Value infinity = Functions.infinity(code, x);
        Value infinite = code.or(code.eq(a, infinity), code.eq(b, infinity));
        Value unordered = code.or(code.isNaN(x), code.isNaN(y));
        return code.select(
                infinite, infinity, code.select(unordered, code.real(type, Double.NaN), result));
    }
}
