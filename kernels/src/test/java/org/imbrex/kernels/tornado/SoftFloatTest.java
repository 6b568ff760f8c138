package org.imbrex.kernels.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.imbrex.kernels.element.Interpreter;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;
import org.junit.jupiter.api.Test;

/** Against the JDK's own, NaN payloads apart. */
class SoftFloatTest {
    private static final long SEED = 7;
    private static final int COUNT = 300_000;

    private static final double[] SPECIAL = {
        0.0, -0.0, 1, -1, 1.5, Double.MIN_VALUE, -Double.MIN_VALUE, 0x1p-1022, 0x1.fffffffffffffp-1023, 0x1p-1000, 0x1p-537,
        0x1p-538, 0x1p511, 0x1p512, 0x1p1000, Double.MAX_VALUE, -Double.MAX_VALUE, Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY, Double.NaN, 0x1.fffffffffffffp0, 0x1.0000000000001p0, 3, 0x1p53, 0x1p-53, 0x1p-54
    };

    @Test
    void fmaOfDoublesIsRoundedOnce() {
        Body body = PlainBody.of(SoftFloat.fma(ScalarType.F64));
        Interpreter run = new Interpreter(body);
        for (double a : SPECIAL) {
            for (double b : SPECIAL) {
                for (double c : SPECIAL) {
                    check(run, a, b, c);
                }
            }
        }
        Random random = new Random(SEED);
        for (int i = 0; i < COUNT; i++) {
            double a = any(random);
            double b = any(random);
            double product = a * b;
            double c = switch (random.nextInt(4)) {
                case 0 -> any(random);
                case 1 -> -product * (1 + random.nextInt(3) * 0x1p-52);
                case 2 -> Math.scalb(product, random.nextInt(220) - 110) * (random.nextBoolean() ? 1 : -1);
                default -> Math.scalb(Math.rint(random.nextDouble() * 64), Math.getExponent(product) - random.nextInt(120));
            };
            check(run, a, b, c);
        }
    }

    @Test
    void fmaOfDoublesIsRightAtTiesAmongSubnormalNumbers() {
        Interpreter run = new Interpreter(PlainBody.of(SoftFloat.fma(ScalarType.F64)));
        Random random = new Random(SEED);
        for (int i = 0; i < COUNT / 3; i++) {
            double a = (1 + random.nextInt(1 << 12)) * 0x1p-530;
            double b = (random.nextInt(1 << 13) - (1 << 12)) * Math.scalb(1.0, -540 - random.nextInt(16));
            double c = (random.nextInt(64) - 32) * Double.MIN_VALUE;
            check(run, a, b, c);
            check(run, a * (1 + 0x1p-52), b, c);
            check(run, a * (1 - 0x1p-53), b, c);
        }
    }

    @Test
    void fmaOfFloatsIsRoundedOnce() {
        Interpreter run = new Interpreter(PlainBody.of(SoftFloat.fma(ScalarType.F32)));
        Random random = new Random(SEED);
        for (int i = 0; i < COUNT; i++) {
            float a = anyFloat(random);
            float b = anyFloat(random);
            double product = (double) a * b;
            float c = random.nextInt(3) == 0
                    ? anyFloat(random)
                    : (float) Math.scalb(product * random.nextInt(9), random.nextInt(60) - 30);
            run.run(new long[0], Semantics.bits(a), Semantics.bits(b), Semantics.bits(c));
            float found = Semantics.f32(run.result(0));
            assertThat(Float.floatToIntBits(found))
                    .as("seed %d: fma(%a, %a, %a) = %a, found %a", SEED, a, b, c, Math.fma(a, b, c), found)
                    .isEqualTo(Float.floatToIntBits(Math.fma(a, b, c)));
        }
        float near = Float.MAX_VALUE;
        run.run(new long[0], Semantics.bits(0x1p64f), Semantics.bits(0x1p39f), Semantics.bits(near));
        assertThat(Semantics.f32(run.result(0))).isEqualTo(Math.fma(0x1p64f, 0x1p39f, near));
        run.run(new long[0], Semantics.bits(0x1.fffffep63f), Semantics.bits(0x1p39f), Semantics.bits(near));
        assertThat(Semantics.f32(run.result(0))).isEqualTo(Math.fma(0x1.fffffep63f, 0x1p39f, near));
    }

    @Test
    void bitsGoToFloatsAndBack() {
        Random random = new Random(SEED);
        Interpreter to64 = new Interpreter(PlainBody.of(SoftFloat.bitcast(ScalarType.F64)));
        Interpreter from64 = new Interpreter(PlainBody.of(SoftFloat.bitcast(ScalarType.I64)));
        Interpreter to32 = new Interpreter(PlainBody.of(SoftFloat.bitcast(ScalarType.F32)));
        Interpreter from32 = new Interpreter(PlainBody.of(SoftFloat.bitcast(ScalarType.I32)));
        // infinity is read from outside
        for (int i = 0; i < COUNT; i++) {
            double a = i < SPECIAL.length ? SPECIAL[i] : any(random);
            long bits = Double.doubleToLongBits(a);
            assertThat(apply(to64, bits)).as("%a", a).isEqualTo(bits);
            assertThat(Double.doubleToLongBits(Semantics.f64(apply(from64, bits)))).as("%a", a).isEqualTo(bits);
            float f = i < SPECIAL.length ? (float) SPECIAL[i] : anyFloat(random);
            int word = Float.floatToIntBits(f);
            assertThat((int) apply(to32, word)).as("%a", f).isEqualTo(word);
            assertThat(Float.floatToIntBits(Semantics.f32(apply(from32, word)))).as("%a", f).isEqualTo(word);
        }
    }

    @Test
    void plainBodiesKeepTheirMeaning() {
        Random random = new Random(SEED);
        for (ScalarType from : ScalarType.values()) {
            for (ScalarType to : ScalarType.values()) {
                if (from != ScalarType.BOOL && to != ScalarType.BOOL) {
                    Code code = new Code();
                    Body body = code.body(code.convert(code.load(from, 0), to));
                    same(body, from, random);
                }
            }
        }
        for (ScalarType type : new ScalarType[] {ScalarType.I32, ScalarType.I64}) {
            for (int n = 0; n < type.bytes() * 8; n++) {
                Code code = new Code();
                same(code.body(code.ushr(code.load(type, 0), n)), type, random);
            }
        }
        for (ScalarType type : new ScalarType[] {ScalarType.F32, ScalarType.F64}) {
            Code code = new Code();
            var a = code.load(type, 0);
            var one = code.real(type, 1);
            var nan = code.real(type, Double.NaN);
            same(code.body(
                            code.le(a, one), code.le(one, a), code.le(a, nan), code.real(type, Double.NEGATIVE_INFINITY),
                            code.select(code.lt(a, one), nan, a)),
                    type, random);
        }
    }

    private static void same(Body body, ScalarType from, Random random) {
        Body plain = PlainBody.of(body);
        assertThat(plain.uses(Op.USHR)).isFalse();
        Interpreter expected = new Interpreter(body);
        Interpreter found = new Interpreter(plain);
        long[] loads = new long[PlainBody.INFINITY + 1];
        loads[PlainBody.INFINITY] = Semantics.bits(Double.POSITIVE_INFINITY);
        for (int i = 0; i < 500; i++) {
            loads[0] = switch (from) {
                case F32 -> Semantics.bits(anyFloat(random));
                case F64 -> Semantics.bits(i < SPECIAL.length ? SPECIAL[i] : any(random));
                case I32 -> (int) (random.nextLong() >> random.nextInt(64));
                default -> random.nextLong() >> random.nextInt(64);
            };
            expected.run(new long[0], loads);
            found.run(new long[0], loads);
            for (int k = 0; k < body.results().size(); k++) {
                assertThat(canonical(plain.resultType(k), found.result(k)))
                        .as("seed %d: %x of\n%s", SEED, loads[0], body.text())
                        .isEqualTo(canonical(body.resultType(k), expected.result(k)));
            }
        }
    }

    private static long canonical(ScalarType type, long bits) {
        return switch (type) {
            case F32 -> Float.floatToIntBits(Semantics.f32(bits));
            case F64 -> Double.doubleToLongBits(Semantics.f64(bits));
            default -> bits;
        };
    }

    private static long apply(Interpreter run, long bits) {
        run.run(new long[0], bits);
        return run.result(0);
    }

    private static void check(Interpreter run, double a, double b, double c) {
        run.run(new long[0], Semantics.bits(a), Semantics.bits(b), Semantics.bits(c));
        double found = Semantics.f64(run.result(0));
        double expected = Math.fma(a, b, c);
        if (Double.doubleToLongBits(found) != Double.doubleToLongBits(expected)) {
            throw new AssertionError("seed %d: fma(%a, %a, %a) = %a, found %a".formatted(SEED, a, b, c, expected, found));
        }
    }

    /** Of any exponent, some of few digits. */
    private static double any(Random random) {
        long bits = random.nextLong();
        if (random.nextInt(4) == 0) {
            bits &= -1L << random.nextInt(52);
        }
        return random.nextInt(3) == 0 ? (random.nextDouble() - 0.5) * 8 : Double.longBitsToDouble(bits);
    }

    private static float anyFloat(Random random) {
        int bits = random.nextInt();
        if (random.nextInt(4) == 0) {
            bits &= -1 << random.nextInt(23);
        }
        return random.nextInt(3) == 0 ? (random.nextFloat() - 0.5f) * 8 : Float.intBitsToFloat(bits);
    }
}
