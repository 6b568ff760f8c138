package org.imbrex.kernels.loop;

import static java.lang.constant.ConstantDescs.CD_Object;
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
import java.util.List;
import java.util.function.Consumer;

/**
 * Compiled code over packed panels. They lie in arrays of the dtype's own type, not in native memory: there C2 takes
 * the checks of an index out of the loop, and what is left are loads and multiply-adds.
 */
@FunctionalInterface
interface PanelCode {
    /** Runs on a frame and one or two arrays. */
    void run(long[] frame, Object a, Object b);

    /** The local variables of {@code run}'s parameters. */
    int FRAME = 1;

    int FIRST = 2;
    int SECOND = 3;

    /** Makes a hidden class of a method's body, and its one instance. */
    static PanelCode define(String name, Consumer<CodeBuilder> run) {
        return define(name, List.of(), run);
    }

    /** Likewise, with objects that the code takes as {@link #constant constants}. */
    static PanelCode define(String name, List<?> constants, Consumer<CodeBuilder> run) {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        String room = PanelCode.class.getPackageName();
        byte[] bytes = ClassFile.of().build(ClassDesc.of(room, name), type -> type.withFlags(
                        ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC)
                .withInterfaceSymbols(ClassDesc.of(room, "PanelCode"))
                .withMethodBody(ConstantDescs.INIT_NAME, ConstantDescs.MTD_void, 0, code -> code.aload(0)
                        .invokespecial(CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                        .return_())
                .withMethodBody(
                        "run",
                        MethodTypeDesc.of(CD_void, CD_long.arrayType(), CD_Object, CD_Object),
                        ClassFile.ACC_PUBLIC | ClassFile.ACC_FINAL,
                        code -> {
                            run.accept(code);
                            code.return_();
                        }));
        try {
            MethodHandles.Lookup made = lookup.defineHiddenClassWithClassData(bytes, constants, true);
            return (PanelCode) made.findConstructor(made.lookupClass(), MethodType.methodType(void.class))
                    .invoke();
        } catch (Throwable e) {
            throw new LinkageError("the generated code " + name + " does not link", e);
        }
    }

    /** What pushes the constant of that number. */
    static DynamicConstantDesc<?> constant(int number, ClassDesc type) {
        return DynamicConstantDesc.ofNamed(
                ConstantDescs.BSM_CLASS_DATA_AT, ConstantDescs.DEFAULT_NAME, type, number);
    }
}
