package org.imbrex.kernels.typing;

import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.DTypeException;

/** Which dtype an elementwise function computes in, as NumPy has it. */
final class Elementwise {
    private final Nodes nodes;

    Elementwise(Nodes nodes) {
        this.nodes = nodes;
    }

    Typed apply(Function function, List<Typed> args) {
        return switch (function) {
            case ADD -> arithmetic(isBool(args) ? Function.OR : function, args);
            case MUL -> arithmetic(isBool(args) ? Function.AND : function, args);
            case MINIMUM -> arithmetic(isBool(args) ? Function.AND : function, args);
            case MAXIMUM -> arithmetic(isBool(args) ? Function.OR : function, args);
            case SUB, NEG, SIGN -> {
                if (isBool(args)) {
                    throw new DTypeException("found bool in '" + function.text() + "', expected numbers; "
                            + "cast it, as i32(x), or use ^ and ~");
                }
                yield arithmetic(function, args);
            }
            case ABS -> isBool(args) ? args.getFirst() : arithmetic(function, args);
            case FLOORDIV, MOD -> in(function, args, isBool(args) ? DType.I8 : common(function, args));
            case POW -> power(args);
            case FLOOR, CEIL, ROUND, TRUNC ->
                args.getFirst().dtype().isFloat() ? arithmetic(function, args) : args.getFirst();
            case CLIP -> arithmetic(function, args);
            case EQ, NE, LT, LE, GT, GE -> comparison(function, args);
            case AND, OR, XOR, INVERT -> {
                DType dtype = common(function, args);
                if (dtype.isFloat()) {
                    throw new DTypeException("found " + dtype + " in '" + function.symbol()
                            + "', expected integers or bools; compare first, as (x > 0)");
                }
                yield in(function, args, dtype);
            }
            case WHERE -> where(args);
            case ISNAN, ISINF, ISFINITE -> result(function, floats(function, args), args, DType.BOOL);
            case DIV, FMA, SQRT, EXP, EXPM1, LOG, LOG1P, LOG2, LOG10, SIN, COS, TAN, ASIN, ACOS, ATAN, ATAN2, SINH,
                    COSH, TANH, HYPOT -> {
                DType dtype = common(function, args);
                yield in(function, args, dtype.isFloat() ? dtype : DType.F64);
            }
        };
    }

    private Typed arithmetic(Function function, List<Typed> args) {
        return in(function, args, common(function, args));
    }

    private static boolean isBool(List<Typed> args) {
        return args.stream().allMatch(arg -> arg.dtype() == DType.BOOL);
    }

    /** NumPy's shortcuts: squares, roots and reciprocals are cheaper than a power, and more exact. */
    private Typed power(List<Typed> args) {
        DType dtype = isBool(args) ? DType.I8 : common(Function.POW, args);
        Typed base = args.get(0);
        if (args.get(1).weak() && args.get(1).node() instanceof Node.Constant exponent) {
            double value = exponent.type().dtype() == DType.F64
                    ? Double.longBitsToDouble(exponent.bits())
                    : exponent.bits();
            if (!dtype.isFloat() && value < 0) {
                throw new DTypeException("found the power " + exponent.bits() + " of integers, expected 0 or more; "
                        + "cast the base, as f64(x)");
            }
            Typed cast = base.with(nodes.cast(base.node(), dtype));
            if (value == 1) {
                return cast;
            }
            if (value == 2) {
                return in(Function.MUL, List.of(cast, cast), dtype);
            }
            if (value == 0.5 && dtype.isFloat()) {
                return in(Function.SQRT, List.of(cast), dtype);
            }
            if (value == -1) {
                Typed one = new Typed(nodes.cast(nodes.constant(DType.I64, 1), dtype), base.weak(), false);
                return in(Function.DIV, List.of(one, cast), dtype);
            }
        }
        return in(Function.POW, args, dtype);
    }

    private Typed comparison(Function function, List<Typed> args) {
        DType dtype;
        try {
            dtype = common(function, args);
        } catch (LiteralOutOfRange e) {
            dtype = DType.I64;
        }
        return result(function, dtype, args, DType.BOOL);
    }

    private Typed where(List<Typed> args) {
        List<Typed> choices = args.subList(1, 3);
        DType dtype = common(Function.WHERE, choices);
        List<Typed> cast = new ArrayList<>();
        cast.add(args.getFirst().with(nodes.cast(args.getFirst().node(), DType.BOOL)));
        for (Typed choice : choices) {
            cast.add(choice.with(nodes.cast(choice.node(), dtype)));
        }
        return made(Function.WHERE, cast, dtype);
    }

    private static DType floats(Function function, List<Typed> args) {
        DType dtype = common(function, args);
        return dtype.isFloat() ? dtype : DType.F64;
    }

    private Typed in(Function function, List<Typed> args, DType dtype) {
        return result(function, dtype, args, dtype);
    }

    private Typed result(Function function, DType computed, List<Typed> args, DType result) {
        List<Typed> cast = new ArrayList<>();
        for (Typed arg : args) {
            cast.add(arg.with(nodes.cast(arg.node(), computed)));
        }
        return made(function, cast, result);
    }

    private Typed made(Function function, List<Typed> args, DType dtype) {
        boolean weak = args.stream().allMatch(Typed::weak);
        boolean parted = args.stream().anyMatch(Typed::parted);
        Node node = nodes.apply(function, args.stream().map(Typed::node).toList(), dtype);
        return new Typed(node, weak, parted);
    }

    /** The dtype of all arguments together; literals yield. */
    static DType common(Function function, List<Typed> args) {
        DType strong = null;
        DType weak = null;
        for (Typed arg : args) {
            if (arg.weak()) {
                weak = weak == null ? arg.dtype() : Promotion.of(weak, arg.dtype());
            } else {
                strong = strong == null ? arg.dtype() : Promotion.of(strong, arg.dtype());
            }
        }
        if (strong == null) {
            return weak;
        }
        DType dtype = weak == null ? strong : Promotion.weak(strong, weak);
        for (Typed arg : args) {
            if (arg.weak()
                    && arg.dtype() == DType.I64
                    && arg.node() instanceof Node.Constant constant
                    && !Promotion.holds(dtype, constant.bits())) {
                throw new LiteralOutOfRange(constant.bits(), dtype, function);
            }
        }
        return dtype;
    }

    /** An integer literal that the array's dtype does not hold. */
    private static final class LiteralOutOfRange extends DTypeException {
        private static final long serialVersionUID = 1L;

        LiteralOutOfRange(long value, DType dtype, Function function) {
            super("found the literal " + value + " beside " + dtype + " in '"
                    + (function.symbol().isEmpty() ? function.text() : function.symbol())
                    + "', which does not hold it; cast the array, as i64(x)");
        }
    }
}
