package org.imbrex.kernels.typing;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
                    throw new DTypeException("found bool in '" + told(function) + "', expected numbers; "
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
                            + "', expected integers or bools; compare first, in parentheses, as (x > 0) & (y > 0)"
                            + (function == Function.XOR ? "; a power is x ** y" : ""));
                }
                yield in(function, args, dtype);
            }
            case WHERE -> where(args);
            case ISNAN, ISINF, ISFINITE -> result(function, floats(function, args), args, DType.BOOL);
            case DIV,
                    FMA,
                    SQRT,
                    EXP,
                    EXPM1,
                    LOG,
                    LOG1P,
                    LOG2,
                    LOG10,
                    SIN,
                    COS,
                    TAN,
                    ASIN,
                    ACOS,
                    ATAN,
                    ATAN2,
                    SINH,
                    COSH,
                    TANH,
                    HYPOT -> {
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
        boolean literals = args.stream().allMatch(Typed::weak);
        Typed base = args.get(0);
        if (args.get(1).weak() && args.get(1).node() instanceof Node.Constant exponent) {
            double value =
                    exponent.type().dtype() == DType.F64 ? Double.longBitsToDouble(exponent.bits()) : exponent.bits();
            if (literals && !dtype.isFloat() && value < 0) {
                return in(Function.POW, args, DType.F64);
            }
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
                Typed one = base.with(nodes.cast(nodes.constant(DType.I64, 1), dtype));
                return in(Function.DIV, List.of(one, cast), dtype);
            }
        }
        return in(Function.POW, args, dtype);
    }

    private Typed comparison(Function function, List<Typed> args) {
        DType dtype = joint(args);
        // as NumPy 2 has it: any integer literal compares with any integers
        return result(function, misfit(args, dtype).isPresent() ? DType.I64 : dtype, args, DType.BOOL);
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
        List<Node> operands = args.stream().map(Typed::node).toList();
        if (weak && dtype == DType.I64) {
            checkExact(function, operands);
        }
        Node node = nodes.apply(function, operands, dtype);
        return weak ? Typed.weak(node) : Typed.strong(node);
    }

    /** Arithmetic of integer literals must not wrap: nobody means it. */
    private static void checkExact(Function function, List<Node> args) {
        if (args.stream().anyMatch(arg -> !(arg instanceof Node.Constant))) {
            return;
        }
        BigInteger a = BigInteger.valueOf(((Node.Constant) args.getFirst()).bits());
        BigInteger b = BigInteger.valueOf(((Node.Constant) args.getLast()).bits());
        boolean fits = switch (function) {
            case ADD -> a.add(b).bitLength() < Long.SIZE;
            case SUB -> a.subtract(b).bitLength() < Long.SIZE;
            case MUL -> a.multiply(b).bitLength() < Long.SIZE;
            case NEG, ABS -> a.negate().bitLength() < Long.SIZE;
            case POW ->
                a.bitLength() <= 1 || b.bitLength() < 8 && a.pow(b.intValue()).bitLength() < Long.SIZE;
            default -> true;
        };
        if (!fits) {
            throw new DTypeException("found literals whose '" + told(function)
                    + "' is beyond i64, expected less; write one as a float, as 2.0");
        }
    }

    /** The dtype of all arguments together; literals yield, and must fit. */
    private static DType common(Function function, List<Typed> args) {
        return common("'" + told(function) + "'", args);
    }

    static DType common(String where, List<Typed> args) {
        DType dtype = joint(args);
        misfit(args, dtype).ifPresent(value -> {
            throw new DTypeException("found the literal " + value + " beside " + dtype + " in " + where + ", expected "
                    + "one that " + dtype + " holds; cast the array, as i64(x)");
        });
        return dtype;
    }

    private static DType joint(List<Typed> args) {
        Optional<DType> strong =
                args.stream().filter(arg -> !arg.weak()).map(Typed::dtype).reduce(Promotion::of);
        Optional<DType> weak =
                args.stream().filter(Typed::weak).map(Typed::dtype).reduce(Promotion::of);
        return strong.map(dtype ->
                        weak.map(literal -> Promotion.weak(dtype, literal)).orElse(dtype))
                .or(() -> weak)
                .orElseThrow();
    }

    /** An integer literal that the dtype does not hold. */
    private static Optional<Long> misfit(List<Typed> args, DType dtype) {
        return args.stream()
                .filter(arg -> arg.weak() && arg.dtype() == DType.I64)
                .map(Typed::node)
                .filter(node -> node instanceof Node.Constant constant && !Promotion.holds(dtype, constant.bits()))
                .map(node -> ((Node.Constant) node).bits())
                .findFirst();
    }

    private static String told(Function function) {
        return function.symbol().isEmpty() ? function.text() : function.symbol();
    }
}
