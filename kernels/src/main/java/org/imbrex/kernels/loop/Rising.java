package org.imbrex.kernels.loop;

import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/**
 * Keeps loads in the order of a loop's turns. C2 puts loads that do not wait for each other in any order, in unrolled loops of
 * leaves the last first; what fetches memory ahead follows a stream that rises.
 */
final class Rising {
    private static final ClassDesc VAR_HANDLE = ClassDesc.of("java.lang.invoke.VarHandle");

    private Rising() {}

    /** No load that stands before it is made after it; no instruction on processors that load in order, as x86 does. */
    static void here(CodeBuilder code) {
        code.invokestatic(VAR_HANDLE, "loadLoadFence", MethodTypeDesc.of(CD_void));
    }
}
