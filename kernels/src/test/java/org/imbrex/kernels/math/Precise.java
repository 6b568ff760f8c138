package org.imbrex.kernels.math;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import org.imbrex.kernels.expr.Function;

/** The functions to 50 digits, by series: the oracle where a double does not do. For arguments with a finite result. */
final class Precise {
    private static final MathContext DIGITS = new MathContext(60);
    private static final BigDecimal ONE = BigDecimal.ONE;
    private static final BigDecimal TWO = BigDecimal.TWO;
    /** Digits for the largest doubles reduced by pi. */
    private static final MathContext PI_DIGITS = new MathContext(420);

    private static final BigDecimal PI = pi();
    private static final BigDecimal LN2 = artanh(ONE.divide(BigDecimal.valueOf(3), DIGITS)).multiply(TWO);
    private static final BigDecimal LN10 = log(BigDecimal.TEN);

    private Precise() {}

    static BigDecimal of(Function function, double a, double b) {
        BigDecimal x = new BigDecimal(a);
        BigDecimal y = new BigDecimal(b);
        return switch (function) {
            case EXP -> exp(x);
            case EXPM1 -> expm1(x);
            case LOG -> log(x);
            case LOG1P -> log(ONE.add(x));
            case LOG2 -> log(x).divide(LN2, DIGITS);
            case LOG10 -> log(x).divide(LN10, DIGITS);
            case SIN -> wave(x)[0];
            case COS -> wave(x)[1];
            case TAN -> {
                BigDecimal[] wave = wave(x);
                yield wave[0].divide(wave[1], DIGITS);
            }
            case ASIN -> arc(x, ONE.subtract(x.multiply(x)).sqrt(DIGITS));
            case ACOS -> arc(ONE.subtract(x.multiply(x)).sqrt(DIGITS), x);
            case ATAN -> arc(x, ONE);
            case ATAN2 -> arc(x, y);
            case SINH -> {
                BigDecimal t = expm1(x);
                yield t.add(t.divide(t.add(ONE), DIGITS)).divide(TWO);
            }
            case COSH -> exp(x).add(exp(x.negate())).divide(TWO);
            case TANH -> {
                BigDecimal t = expm1(x.multiply(TWO));
                yield t.divide(t.add(TWO), DIGITS);
            }
            case HYPOT -> x.multiply(x).add(y.multiply(y)).sqrt(DIGITS);
            case POW -> exp(log(x).multiply(y));
            default -> throw new IllegalArgumentException(function.text());
        };
    }

    private static BigDecimal exp(BigDecimal x) {
        return ONE.add(expm1(x), DIGITS);
    }

    /** By Taylor's series of x / 2^k, doubled k times: (1 + t)^2 - 1 = t (2 + t). */
    private static BigDecimal expm1(BigDecimal x) {
        if (x.abs().compareTo(BigDecimal.valueOf(100)) > 0) {
            // large powers lose nothing by the way through e^x
            BigInteger k = x.divide(LN2, DIGITS).setScale(0, RoundingMode.HALF_EVEN).toBigInteger();
            BigDecimal rest = x.subtract(new BigDecimal(k).multiply(LN2));
            BigDecimal power = k.signum() < 0
                    ? ONE.divide(TWO.pow(-k.intValueExact()), DIGITS)
                    : TWO.pow(k.intValueExact());
            return ONE.add(expm1(rest)).multiply(power, DIGITS).subtract(ONE);
        }
        int doublings = 10;
        BigDecimal small = x.divide(TWO.pow(doublings), DIGITS);
        BigDecimal term = small;
        BigDecimal sum = small;
        for (int n = 2; n < 60 && term.signum() != 0; n++) {
            term = term.multiply(small).divide(BigDecimal.valueOf(n), DIGITS);
            sum = sum.add(term, DIGITS);
        }
        for (int i = 0; i < doublings; i++) {
            sum = sum.multiply(TWO.add(sum), DIGITS);
        }
        return sum;
    }

    private static BigDecimal artanh(BigDecimal z) {
        BigDecimal square = z.multiply(z, DIGITS);
        BigDecimal power = z;
        BigDecimal sum = z;
        for (int n = 3; n < 400 && power.signum() != 0; n += 2) {
            power = power.multiply(square, DIGITS);
            BigDecimal more = sum.add(power.divide(BigDecimal.valueOf(n), DIGITS), DIGITS);
            if (more.equals(sum)) {
                break;
            }
            sum = more;
        }
        return sum;
    }

    private static BigDecimal log(BigDecimal x) {
        int k = 0;
        BigDecimal m = x;
        int binary = (int) Math.round((x.precision() - x.scale()) / Math.log10(2));
        if (Math.abs(binary) > 4) {
            k = binary;
            m = k > 0 ? x.divide(TWO.pow(k), DIGITS) : x.multiply(TWO.pow(-k));
        }
        while (m.compareTo(BigDecimal.valueOf(1.5)) > 0) {
            m = m.divide(TWO, new MathContext(Math.max(60, m.precision() + 2)));
            k++;
        }
        while (m.compareTo(BigDecimal.valueOf(0.7)) < 0) {
            m = m.multiply(TWO);
            k--;
        }
        BigDecimal near = artanh(m.subtract(ONE).divide(m.add(ONE), DIGITS)).multiply(TWO);
        return near.add(LN2.multiply(BigDecimal.valueOf(k)), DIGITS);
    }

    /** sin, cos. */
    private static BigDecimal[] wave(BigDecimal x) {
        BigDecimal half = PI.divide(TWO);
        BigInteger k = x.divide(half, PI_DIGITS).setScale(0, RoundingMode.HALF_EVEN).toBigInteger();
        BigDecimal r = x.subtract(new BigDecimal(k).multiply(half)).round(DIGITS);
        BigDecimal square = r.multiply(r, DIGITS).negate();
        BigDecimal sine = r;
        BigDecimal cosine = ONE;
        BigDecimal term = ONE;
        for (int n = 1; n < 80 && term.signum() != 0; n += 2) {
            BigDecimal odd = term.multiply(r).divide(BigDecimal.valueOf(n), DIGITS);
            sine = n == 1 ? r : sine.add(odd, DIGITS);
            term = term.multiply(square).divide(BigDecimal.valueOf((long) n * (n + 1)), DIGITS);
            cosine = cosine.add(term, DIGITS);
        }
        return switch (k.mod(BigInteger.valueOf(4)).intValue()) {
            case 0 -> new BigDecimal[] {sine, cosine};
            case 1 -> new BigDecimal[] {cosine, sine.negate()};
            case 2 -> new BigDecimal[] {sine.negate(), cosine.negate()};
            default -> new BigDecimal[] {cosine.negate(), sine};
        };
    }

    /** The angle of the point (x, y), for which y / x need not be finite. */
    private static BigDecimal arc(BigDecimal y, BigDecimal x) {
        BigDecimal a = y.abs();
        BigDecimal b = x.abs();
        BigDecimal half = PI.divide(TWO).round(DIGITS);
        BigDecimal angle = a.compareTo(b) <= 0
                ? arctan(a.divide(b, DIGITS))
                : half.subtract(arctan(b.divide(a, DIGITS)));
        BigDecimal upper = x.signum() < 0 ? PI.subtract(angle) : angle;
        return y.signum() < 0 ? upper.negate() : upper;
    }

    /** Halved three times: atan t = 2 atan(t / (1 + sqrt(1 + t^2))). */
    private static BigDecimal arctan(BigDecimal t) {
        BigDecimal u = t;
        for (int i = 0; i < 3; i++) {
            u = u.divide(ONE.add(ONE.add(u.multiply(u)).sqrt(DIGITS)), DIGITS);
        }
        BigDecimal square = u.multiply(u, DIGITS).negate();
        BigDecimal power = u;
        BigDecimal sum = u;
        for (int n = 3; n < 200 && power.signum() != 0; n += 2) {
            power = power.multiply(square, DIGITS);
            sum = sum.add(power.divide(BigDecimal.valueOf(n), DIGITS), DIGITS);
        }
        return sum.multiply(BigDecimal.valueOf(8));
    }

    /** Machin: pi / 4 = 4 arctan 1/5 - arctan 1/239. */
    private static BigDecimal pi() {
        return BigDecimal.valueOf(16)
                .multiply(inverseArctan(5))
                .subtract(BigDecimal.valueOf(4).multiply(inverseArctan(239)))
                .round(PI_DIGITS);
    }

    private static BigDecimal inverseArctan(int n) {
        MathContext digits = new MathContext(440);
        BigDecimal square = BigDecimal.valueOf(-(long) n * n);
        BigDecimal power = ONE.divide(BigDecimal.valueOf(n), digits);
        BigDecimal sum = power;
        for (int k = 3; k < 700; k += 2) {
            power = power.divide(square, digits);
            sum = sum.add(power.divide(BigDecimal.valueOf(k), digits), digits);
        }
        return sum;
    }
}
