package org.imbrex.kernels.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.imbrex.kernels.contract.LoweringContract;
import org.imbrex.kernels.contract.RandomStages;
import org.imbrex.kernels.contract.RandomStages.Case;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.tornado.TornadoTypes.Fma;
import org.junit.jupiter.api.Test;

/** The kernels that TornadoVM would compile, run as plain Java, and looked at. */
class TornadoTest {
    private static final long SEED = 41;

    @Test
    void kernelsGiveTheReferencesBits() {
        RandomStages stages = new RandomStages(SEED, 300);
        for (int i = 0; i < 400; i++) {
            try (Case c = stages.next()) {
                if (!(c.stage() instanceof LineStage || c.stage() instanceof IterateStage)) {
                    Fma fma = i % 2 == 0 ? Fma.SOFTWARE : Fma.CALL;
                    LoweringContract.check(c, new PlainJava(c.stage(), fma), new Random(SEED + i));
                }
            }
        }
    }

    /** What TornadoVM has no code for, or other bits. */
    private static final Set<String> CALLS = Set.of(
            "get", "set", "intValue", "abs", "sqrt", "bitsOf32", "bitsOf64", "bitsOi32", "bitsOi64");

    @Test
    void kernelsAreWhatTornadoVmTakes() {
        RandomStages stages = new RandomStages(SEED + 1, 300);
        for (int i = 0; i < 100; i++) {
            try (Case c = stages.next()) {
                if (c.stage() instanceof LineStage || c.stage() instanceof IterateStage) {
                    continue;
                }
                for (TornadoKernel kernel : Lowerings.tornado(c.stage(), TornadoTypes.TORNADO, 64).kernels()) {
                    look(kernel);
                }
            }
        }
    }

    private static void look(TornadoKernel kernel) {
        ClassModel model = ClassFile.of().parse(kernel.bytes());
        assertThat(model.thisClass().asInternalName().replace('/', '.')).isEqualTo(kernel.className());
        assertThat(kernel.parameters().size() + 2).isLessThanOrEqualTo(TornadoTypes.MOST_PARAMETERS);
        assertThat(model.interfaces().getFirst().asInternalName())
                .isEqualTo("uk/ac/manchester/tornado/api/common/TornadoFunctions$Task" + (kernel.parameters().size() + 2));
        MethodModel method = model.methods().stream()
                .filter(m -> m.methodName().equalsString(kernel.name()))
                .findFirst()
                .orElseThrow();
        for (MethodModel each : model.methods()) {
            if (!each.flags().has(java.lang.reflect.AccessFlag.STATIC)) {
                continue;
            }
            var code = each.code().orElseThrow();
            productsAreAddedAtOnce(code.elementList());
            for (var element : code.elementList()) {
                if (element instanceof InvokeInstruction invoke) {
                    assertThat(CALLS).contains(invoke.name().stringValue());
                }
                if (element instanceof java.lang.classfile.instruction.OperatorInstruction operator) {
                    assertThat(operator.opcode().name()).doesNotContain("USHR");
                }
                if (element instanceof java.lang.classfile.instruction.ConstantInstruction constant
                        && constant.constantValue() instanceof Number number) {
                    assertThat(Double.isFinite(number.doubleValue())).as("%s", constant).isTrue();
                }
            }
            var variables = code.findAttribute(Attributes.localVariableTable());
            assertThat(variables).as("%s of %s", each.methodName(), kernel.className()).isPresent();
        }
        var names = method.code().flatMap(code -> ((java.lang.classfile.attribute.CodeAttribute) code)
                        .findAttribute(Attributes.localVariableTable()))
                .map(table -> table.localVariables().stream()
                        .filter(v -> v.slot() < 2)
                        .map(v -> v.name().stringValue())
                        .toList());
        assertThat(names.orElseThrow()).contains("context", "numbers");
        assertThat(Optional.of(kernel.numbers())).hasValueSatisfying(n -> assertThat(n).isPositive());
    }

    /** Until where -0 is made. */
    private static final int FIRST = 10;

    /** To what they are fused with: -0 where they are to be rounded. None is left that another addition could be. */
    private static void productsAreAddedAtOnce(List<CodeElement> elements) {
        List<Opcode> opcodes = elements.stream()
                .filter(Instruction.class::isInstance)
                .map(element -> ((Instruction) element).opcode())
                .toList();
        for (int at = 0; at < opcodes.size(); at++) {
            Opcode opcode = opcodes.get(at);
            assertThat(opcode).as("of its sum the compiler makes a subtraction").isNotEqualTo(Opcode.FNEG);
            assertThat(at < FIRST || opcode != Opcode.DNEG).as("of its sum the compiler makes a subtraction").isTrue();
            if (opcode == Opcode.FMUL || opcode == Opcode.DMUL) {
                Opcode sum = opcode == Opcode.FMUL ? Opcode.FADD : Opcode.DADD;
                assertThat(opcodes.subList(at + 1, at + 4)).contains(sum);
            }
        }
    }
}
