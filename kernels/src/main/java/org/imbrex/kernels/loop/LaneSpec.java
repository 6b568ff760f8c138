package org.imbrex.kernels.loop;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.type.DType;

/**
 * What a loop over leaves combines: the body's results, each in the 8 virtual lanes of its accumulator.
 *
 * @param guarded whether MIN and MAX may take it that there is no NaN, which halves their instructions
 */
public record LaneSpec(Body body, List<DType> loads, List<Combine> combines, boolean guarded) {
    public LaneSpec {
        loads = List.copyOf(loads);
        combines = List.copyOf(combines);
    }

    public LaneSpec(Body body, List<DType> loads, List<Combine> combines) {
        this(body, loads, combines, false);
    }

    /**
     * Where all is MIN and MAX of floats: the same with a sum of each result beside it, in further accumulators. Where
     * a sum is no NaN there was none, and the others are what they must be.
     */
    public Optional<LaneSpec> withGuards() {
        if (!areExtremesOfFloats()) {
            return Optional.empty();
        }
        List<Integer> results = new ArrayList<>(body.results());
        results.addAll(body.results());
        List<Combine> both = new ArrayList<>(combines);
        both.addAll(Collections.nCopies(combines.size(), Combine.SUM));
        return Optional.of(new LaneSpec(new Body(body.instrs(), results), loads, both, true));
    }

    private boolean areExtremesOfFloats() {
        return types().stream().allMatch(ScalarType::isFloat)
                && combines.stream().allMatch(how -> how == Combine.MIN || how == Combine.MAX);
    }

    /** Whether any order of the elements gives the same bits: all that is combined are integers. */
    boolean anyOrder() {
        return types().stream().noneMatch(ScalarType::isFloat);
    }

    /**
     * Where all is MIN and MAX of floats: for each result the least and the greatest of its bits as a signed integer, and the
     * greatest with the sign turned round, from which both follow but for NaN and zeros of two signs. Empty where that takes
     * vectors more than an instruction each.
     */
    public Optional<LaneSpec> ofBits() {
        if (!areExtremesOfFloats() || types().contains(ScalarType.F64) && Lanes.bits() < 512) {
            return Optional.empty();
        }
        Code code = new Code();
        List<Value> results = new ArrayList<>();
        List<Combine> three = new ArrayList<>();
        for (Value value : code.inline(body, Bodies.arguments(code, body, load -> load))) {
            boolean small = value.type() == ScalarType.F32;
            Value bits = code.bitcast(value, small ? ScalarType.I32 : ScalarType.I64);
            Value sign = small ? code.i32(Integer.MIN_VALUE) : code.i64(Long.MIN_VALUE);
            results.addAll(List.of(bits, bits, code.xor(bits, sign)));
            three.addAll(List.of(Combine.MIN, Combine.MAX, Combine.MAX));
        }
        return Optional.of(new LaneSpec(code.body(results.toArray(Value[]::new)), loads, three));
    }

    Value combine(Code code, int k, Value a, Value b) {
        Combine how = combines.get(k);
        return guarded && how == Combine.MIN
                ? code.select(code.lt(a, b), a, b)
                : guarded && how == Combine.MAX ? code.select(code.lt(b, a), a, b) : how.apply(code, a, b);
    }

    List<ScalarType> types() {
        return Bodies.types(body);
    }

    List<DType> dense() {
        return types().stream().map(Elements::dense).toList();
    }

    /** The body and then its combination: accumulator k is LOAD slot {@code loads + k}. */
    Body step() {
        return Bodies.chain(body, (copy, load) -> load, this::combine, 1, loads.size(), axis -> axis, Integer.MAX_VALUE, 0);
    }
}
