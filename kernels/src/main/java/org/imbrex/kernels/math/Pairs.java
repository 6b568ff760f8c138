package org.imbrex.kernels.math;

import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Value;

/**
 * Unevaluated sums of two floats, about twice as precise as one (Dekker 1971; Knuth, TAOCP 2, 4.2.2; with fma as in
 * Joldes, Muller and Popescu 2017).
 */
final class Pairs {

    /** {@code hi + lo}, with lo no more than about half a unit in the last place of hi. */
    record Pair(Value hi, Value lo) {}

    private final Code code;

    Pairs(Code code) {
        this.code = code;
    }

    /** The sum of two floats, exact. */
    Pair sum(Value a, Value b) {
        Value hi = code.add(a, b);
        Value seen = code.sub(hi, a);
        Value lo = code.add(code.sub(a, code.sub(hi, seen)), code.sub(b, seen));
        return new Pair(hi, lo);
    }

    /** The sum of two floats of which the first is the larger in magnitude, or 0; exact. */
    Pair fastSum(Value large, Value small) {
        Value hi = code.add(large, small);
        return new Pair(hi, code.sub(small, code.sub(hi, large)));
    }

    /** The product of two floats, exact unless it underflows. */
    Pair product(Value a, Value b) {
        Value hi = code.mul(a, b);
        return new Pair(hi, code.fma(a, b, code.neg(hi)));
    }

    Pair add(Pair a, Pair b) {
        Pair sum = sum(a.hi(), b.hi());
        return fastSum(sum.hi(), code.add(sum.lo(), code.add(a.lo(), b.lo())));
    }

    Pair add(Pair a, Value b) {
        Pair sum = sum(a.hi(), b);
        return fastSum(sum.hi(), code.add(sum.lo(), a.lo()));
    }

    Pair mul(Pair a, Pair b) {
        Pair product = product(a.hi(), b.hi());
        Value cross = code.fma(a.hi(), b.lo(), code.mul(a.lo(), b.hi()));
        return fastSum(product.hi(), code.add(product.lo(), cross));
    }

    Pair mul(Pair a, Value b) {
        Pair product = product(a.hi(), b);
        return fastSum(product.hi(), code.fma(a.lo(), b, product.lo()));
    }

    Pair div(Pair a, Pair b) {
        Value quotient = code.div(a.hi(), b.hi());
        Value rest = code.fma(code.neg(quotient), b.hi(), a.hi());
        Value more = code.sub(code.add(rest, a.lo()), code.mul(quotient, b.lo()));
        return fastSum(quotient, code.div(more, b.hi()));
    }

    Pair neg(Pair a) {
        return new Pair(code.neg(a.hi()), code.neg(a.lo()));
    }

    Pair constant(Value like, double hi, double lo) {
        return new Pair(code.real(like.type(), hi), code.real(like.type(), lo));
    }

    Pair of(Value a) {
        return new Pair(a, code.constant(a.type(), 0));
    }

    Value value(Pair a) {
        return code.add(a.hi(), a.lo());
    }
}
