package org.imbrex.kernels.loop;

import static java.lang.constant.ConstantDescs.CD_Class;
import static java.lang.constant.ConstantDescs.CD_Object;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.constant.MethodTypeDesc;
import org.imbrex.kernels.scalar.ScalarType;

/**
 * Lets C2 know the class of the vector or mask on the stack as it reads the bytecode. It else learns that from what the
 * Vector API's own methods have seen, which all kernels of a process share: once vectors of two widths are in use, C2 keeps an
 * object for a vector that is loaded in a loop, comes out of one or is stored, made anew in each turn. The comparison costs
 * nothing where the class is known. {@code Vector.check} and {@code Class.cast} would not do: whether C2 learns from them hangs
 * on what they have seen.
 */
public final class Known {
    private Known() {}

    /** A vector of so many elements of a type. */
    public static void vector(CodeBuilder code, ScalarType type, int lanes) {
        is(code, type, lanes, "vectorType");
    }

    /** A mask for vectors of a type. */
    static void mask(CodeBuilder code, ScalarType type, int lanes) {
        is(code, type, lanes, "maskType");
    }

    private static void is(CodeBuilder code, ScalarType type, int lanes, String ofSpecies) {
        Label is = code.newLabel();
        code.dup()
                .invokevirtual(CD_Object, "getClass", MethodTypeDesc.of(CD_Class))
                .getstatic(Lanes.vector(type), Lanes.species(type.bytes(), lanes), Lanes.SPECIES)
                .invokeinterface(Lanes.SPECIES, ofSpecies, MethodTypeDesc.of(CD_Class))
                .branch(Opcode.IF_ACMPEQ, is)
                .aconst_null()
                .athrow()
                .labelBinding(is);
    }
}
