package org.imbrex.kernels.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class CodeTest {
    @Test
    void repeatsAreOneInstructionAndTheUnneededIsGone() {
        Code code = new Code();
        Value x = code.load(ScalarType.F32, 0);
        code.sqrt(x);
        Value square = code.mul(x, x);
        Body body = code.body(code.add(square, code.mul(x, x)));
        assertThat(body.text()).isEqualTo("""
                %0 = LOAD F32 0x0
                %1 = MUL F32 %0 %0
                %2 = ADD F32 %1 %1
                return [2]
                """);
    }

    @Test
    void constantsFoldWithTheMeaningOfTheOperation() {
        Code code = new Code();
        Value q = code.div(code.f32(1), code.f32(3));
        assertThat(code.body(q).instrs())
                .containsExactly(new Instr(Op.CONST, ScalarType.F32, -1, -1, -1, Semantics.bits(1f / 3f)));
    }

    @Test
    void inlineReplacesLoadsByArguments() {
        Code inner = new Code();
        Body twice = inner.body(inner.add(inner.load(ScalarType.I32, 0), inner.load(ScalarType.I32, 0)));
        Code code = new Code();
        Value result = code.inline(twice, List.of(code.i32(21))).getFirst();
        assertThat(code.body(result).instr(0).imm()).isEqualTo(42);
    }

    @Test
    void aRareChoiceKeepsItsHintWhenInlined() {
        Code inner = new Code();
        Value x = inner.load(ScalarType.F32, 0);
        Body body = inner.body(inner.rare(inner.isNaN(x), inner.f32(0), x));
        assertThat(body.text()).contains("rare");
        Code outer = new Code();
        Value y = outer.load(ScalarType.F32, 3);
        assertThat(outer.body(outer.inline(body, List.of(y)).getFirst()).uses(Op.SELECT))
                .isTrue();
        assertThat(outer.body(outer.inline(body, List.of(y)).getFirst()).text()).contains("rare");
    }

    @Test
    void operandsOfDifferentTypesAreRefused() {
        Code code = new Code();
        assertThatThrownBy(() -> code.add(code.f32(1), code.f64(1))).isInstanceOf(IllegalArgumentException.class);
    }
}
