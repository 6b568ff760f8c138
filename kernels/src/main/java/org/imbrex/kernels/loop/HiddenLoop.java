package org.imbrex.kernels.loop;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.function.Consumer;

/** Makes a {@link Loop} of bytecode: a hidden class, unloaded with the last reference to it. */
final class HiddenLoop {
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();
    private static final String PACKAGE = HiddenLoop.class.getPackageName();
    private static final ClassDesc LOOP = ClassDesc.of(PACKAGE, "Loop");
    private static final MethodTypeDesc RUN = MethodTypeDesc.of(CD_void, CD_long.arrayType(), CD_int, CD_int);

    private static final String PART = "part";

    /** The local variables of {@code run}'s parameters. */
    static final int FRAME = 1;

    static final int FROM = 2;
    static final int TO = 3;

    private HiddenLoop() {}

    /**
     * Defines the class and makes its one instance.
     *
     * @param scalar the loop that {@link #callScalar} calls, or this again where there is none
     * @param run emits the method's body
     */
    static Loop define(String name, Loop scalar, Consumer<CodeBuilder> run) {
        return define(name, scalar, run, none -> {});
    }

    /**
     * The same, with a second method for what {@code run} runs more than once. A loop that is entered from two places is
     * to the compiler an outer loop with an inner one that it neither unrolls nor frees of checks, so it is called twice.
     *
     * @param part emits that method's body, which takes what {@code run} takes; {@link #callPart} calls it
     */
    static Loop define(String name, Loop scalar, Consumer<CodeBuilder> run, Consumer<CodeBuilder> part) {
        byte[] bytes = ClassFile.of().build(ClassDesc.of(PACKAGE, name), type -> type.withFlags(
                        ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC)
                .withInterfaceSymbols(LOOP)
                .withMethodBody(ConstantDescs.INIT_NAME, ConstantDescs.MTD_void, 0, code -> code.aload(0)
                        .invokespecial(CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                        .return_())
                .withMethodBody(PART, RUN, ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL, code -> {
                    part.accept(code);
                    code.return_();
                })
                .withMethodBody("run", RUN, ClassFile.ACC_PUBLIC | ClassFile.ACC_FINAL, code -> {
                    run.accept(code);
                    code.return_();
                }));
        try {
            MethodHandles.Lookup made = scalar == null
                    ? LOOKUP.defineHiddenClass(bytes, true)
                    : LOOKUP.defineHiddenClassWithClassData(bytes, scalar, true);
            return (Loop) made.findConstructor(made.lookupClass(), MethodType.methodType(void.class))
                    .invoke();
        } catch (Throwable e) {
            throw new LinkageError("the generated loop " + name + " does not link", e);
        }
    }

    /** Emits a call of the scalar loop for iterations that two int locals bound. */
    static void callScalar(CodeBuilder code, Runnable from, Runnable to) {
        code.loadConstant(DynamicConstantDesc.ofNamed(
                        ConstantDescs.BSM_CLASS_DATA, ConstantDescs.DEFAULT_NAME, LOOP))
                .aload(FRAME);
        from.run();
        to.run();
        code.invokeinterface(LOOP, "run", RUN);
    }

    /** Emits a call of the class's second method for iterations that two int locals bound. */
    static void callPart(CodeBuilder code, String name, Runnable from, Runnable to) {
        code.aload(0).aload(FRAME);
        from.run();
        to.run();
        code.invokevirtual(ClassDesc.of(PACKAGE, name), PART, RUN);
    }
}
