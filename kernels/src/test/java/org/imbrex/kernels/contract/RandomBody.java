package org.imbrex.kernels.contract;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/** Bodies by chance that keep to what {@link Op} asks of its operands, and whose bits are defined. */
final class RandomBody {
    private static final ScalarType[] NUMBERS = {ScalarType.I32, ScalarType.I64, ScalarType.F32, ScalarType.F64};

    private final Random random;
    private final boolean special;
    private final Code code = new Code();
    private final Map<ScalarType, List<Value>> pool = new EnumMap<>(ScalarType.class);

    private RandomBody(Random random, boolean special) {
        this.random = random;
        this.special = special;
        for (ScalarType type : ScalarType.values()) {
            pool.put(type, new ArrayList<>());
        }
    }

    /**
     * A body.
     *
     * @param loads the type of each load slot; each is read
     * @param axes INDEX is used below this
     * @param results the type of each result
     */
    static Body of(Random random, List<ScalarType> loads, int axes, int steps, boolean special, List<ScalarType> results) {
        RandomBody body = new RandomBody(random, special);
        for (int slot = 0; slot < loads.size(); slot++) {
            body.add(body.code.load(loads.get(slot), slot));
        }
        if (axes > 0 && random.nextInt(3) == 0) {
            body.add(body.code.index(random.nextBoolean() ? ScalarType.I32 : ScalarType.I64, random.nextInt(axes)));
        }
        for (int step = 0; step < steps; step++) {
            body.add(body.step());
        }
        List<Value> values = new ArrayList<>();
        for (ScalarType type : results) {
            Value value = body.latest(type);
            values.add(value);
        }
        return body.code.body(values.toArray(Value[]::new));
    }

    private void add(Value value) {
        pool.get(value.type()).add(value);
    }

    private Value step() {
        if (random.nextInt(8) == 0) {
            return choice();
        }
        ScalarType type = NUMBERS[random.nextInt(4)];
        if (pool.get(type).isEmpty()) {
            return converted(type);
        }
        Value a = any(type);
        Value b = any(type);
        return switch (random.nextInt(10)) {
            case 0 -> converted(type);
            case 1 -> compare(a, b);
            case 2 -> bool();
            case 3 -> bitcast(type);
            case 4, 5 -> type.isFloat() ? code.fma(a, b, any(type)) : bits(a, b);
            case 6 -> type.isFloat() ? unary(a) : shift(a, b);
            case 7 -> type.isFloat() ? code.div(a, b) : division(a, b);
            default ->
                switch (random.nextInt(4)) {
                    case 0 -> code.add(a, b);
                    case 1 -> code.sub(a, b);
                    case 2 -> code.mul(a, b);
                    default -> code.neg(a);
                };
        };
    }

    private Value unary(Value a) {
        return random.nextBoolean() ? code.abs(a) : code.sqrt(code.abs(a));
    }

    private Value bits(Value a, Value b) {
        return switch (random.nextInt(4)) {
            case 0 -> code.and(a, b);
            case 1 -> code.or(a, b);
            case 2 -> code.xor(a, b);
            default -> code.not(a);
        };
    }

    private Value shift(Value a, Value b) {
        int width = a.type().bytes() * 8;
        Value n = random.nextBoolean()
                ? code.integer(a.type(), random.nextInt(width))
                : code.and(b, code.integer(b.type(), width - 1));
        return switch (random.nextInt(3)) {
            case 0 -> code.shl(a, n);
            case 1 -> code.shr(a, n);
            default -> code.ushr(a, n);
        };
    }

    private Value division(Value a, Value b) {
        Value positive = code.add(code.and(b, code.integer(b.type(), 0x3ff)), code.integer(b.type(), 2));
        Value divisor = random.nextBoolean() ? positive : code.neg(positive);
        return random.nextBoolean() ? code.div(a, divisor) : code.rem(a, divisor);
    }

    private Value compare(Value a, Value b) {
        return switch (random.nextInt(4)) {
            case 0 -> code.eq(a, b);
            case 1 -> code.ne(a, b);
            case 2 -> code.lt(a, b);
            default -> code.le(a, b);
        };
    }

    private Value bool() {
        Value a = condition();
        return switch (random.nextInt(4)) {
            case 0 -> code.and(a, condition());
            case 1 -> code.or(a, condition());
            case 2 -> code.xor(a, condition());
            default -> code.not(a);
        };
    }

    private Value choice() {
        ScalarType type = ScalarType.values()[random.nextInt(5)];
        Value c = condition();
        Value a = pool.get(type).isEmpty() ? converted(type) : any(type);
        Value b = converted(type);
        if (random.nextInt(3) > 0) {
            return code.select(c, a, b);
        }
        if (type != ScalarType.BOOL && random.nextBoolean()) { // another choice that shares its rare side
            add(code.rare(c, code.add(a, any(type)), any(type)));
        }
        return code.rare(c, a, b);
    }

    private Value condition() {
        if (!pool.get(ScalarType.BOOL).isEmpty() && random.nextInt(3) > 0) {
            return any(ScalarType.BOOL);
        }
        List<Value> numbers = new ArrayList<>();
        for (ScalarType type : NUMBERS) {
            numbers.addAll(pool.get(type));
        }
        Value a = numbers.isEmpty() ? constant(ScalarType.F32) : numbers.get(random.nextInt(numbers.size()));
        return compare(a, random.nextBoolean() ? constant(a.type()) : any(a.type()));
    }

    /** NaN payloads are not defined, so a NaN becomes one and the same before its bits are looked at. */
    private Value bitcast(ScalarType to) {
        ScalarType from = to == to.bits() ? (to == ScalarType.I32 ? ScalarType.F32 : ScalarType.F64) : to.bits();
        Value a = any(from);
        if (from.isFloat()) {
            a = code.select(code.isNaN(a), code.real(from, Double.NaN), a);
        }
        return code.bitcast(a, to);
    }

    private Value converted(ScalarType to) {
        ScalarType from = ScalarType.values()[random.nextInt(5)];
        return pool.get(from).isEmpty() ? constant(to) : code.convert(any(from), to);
    }

    private Value constant(ScalarType type) {
        return code.constant(type, RandomValues.bits(random, type, special));
    }

    private Value any(ScalarType type) {
        List<Value> values = pool.get(type);
        if (values.isEmpty() || random.nextInt(8) == 0) {
            return constant(type);
        }
        int newest = random.nextInt(3) == 0 ? values.size() : Math.min(3, values.size()); // so that much is used
        return values.get(values.size() - 1 - random.nextInt(newest));
    }

    /** The last value of a type, or one made of the last of another. */
    private Value latest(ScalarType type) {
        if (!pool.get(type).isEmpty()) {
            return pool.get(type).removeLast();
        }
        for (ScalarType from : ScalarType.values()) {
            if (!pool.get(from).isEmpty()) {
                return code.convert(pool.get(from).getLast(), type);
            }
        }
        return constant(type);
    }
}
