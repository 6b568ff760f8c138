package org.imbrex.runtime.tornado;

import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Instruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.Arena;
import java.util.List;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.tornado.TornadoKernel;
import org.imbrex.kernels.tornado.TornadoLowering;
import org.imbrex.kernels.tornado.TornadoTypes;
import org.imbrex.kernels.type.DType;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.memory.Span;

/** A kernel that calls what TornadoVM cannot compile, from which it would fall back to Java. */
final class Broken {
    private Broken() {}

    static void check(TornadoDevice device) {
        Code code = new Code();
        View in = new View(0, DType.F32, 0, new long[] {1});
        View out = new View(1, DType.F32, 0, new long[] {1});
        MapStage stage = new MapStage(
                new long[] {100}, List.of(in),
                code.body(code.add(code.load(ScalarType.F32, 0), code.f32(1))), List.of(out));
        TornadoLowering whole = Lowerings.tornado(stage, TornadoTypes.TORNADO, 1);
        List<TornadoKernel> bare = whole.kernels().stream()
                .map(k -> new TornadoKernel(k.className(), k.name(), spoilt(k), k.numbers(), k.parameters()))
                .toList();
        TornadoLowering broken = new TornadoLowering(bare, "broken", whole.scratch(), whole.launches());
        try (Arena arena = Arena.ofShared()) {
            Span a = new Span(arena.allocate(400, 64), 0);
            Span b = new Span(arena.allocate(400, 64), 0);
            device.kernel(stage, broken).run(TornadoChecks.whole(stage), List.of(a), List.of(b));
            throw new AssertionError("a kernel that does not compile ran");
        } catch (DeviceException e) {
            if (e.kind() != DeviceException.Kind.UNSUPPORTED || !e.getMessage().contains("ran nowhere")) {
                throw new AssertionError("told as " + e.kind() + ": " + e.getMessage(), e);
            }
        }
        // and the device goes on
        try (Arena arena = Arena.ofShared()) {
            Span a = new Span(arena.allocate(400, 64), 0);
            Span b = new Span(arena.allocate(400, 64), 0);
            device.kernel(stage).run(TornadoChecks.whole(stage), List.of(a), List.of(b));
            if (b.memory().getAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT, 99) != 1) {
                throw new AssertionError("the device did not go on");
            }
        }
    }

    private static byte[] spoilt(TornadoKernel kernel) {
        ClassFile file = ClassFile.of();
        return file.transformClass(file.parse(kernel.bytes()), ClassTransform.transformingMethodBodies(
                method -> method.methodName().equalsString(kernel.name()),
                CodeTransform.ofStateful(() -> new CodeTransform() {
                    private boolean done;

                    @Override
                    public void accept(CodeBuilder code, CodeElement element) {
                        if (!done && element instanceof Instruction) {
                            done = true;
                            code.invokestatic(ClassDesc.of("java.lang.System"), "nanoTime", MethodTypeDesc.of(CD_long))
                                    .pop2();
                        }
                        code.with(element);
                    }
                })));
    }
}
