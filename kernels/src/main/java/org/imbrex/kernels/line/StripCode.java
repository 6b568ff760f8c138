package org.imbrex.kernels.line;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.imbrex.kernels.loop.Known;
import org.imbrex.kernels.scalar.ScalarType;

/**
 * Straight-line bytecode of the Vector API on vectors of doubles, each in a local variable of its own. As bytecode,
 * since C2 inlines no further methods than the Vector API's into bodies of this size, and since of every vector it must
 * be told the class: it else takes that from what the Vector API's methods have seen in the process, and makes objects.
 */
final class StripCode {
    private static final String API = "jdk.incubator.vector.";
    private static final ClassDesc DOUBLES = ClassDesc.of(API + "DoubleVector");
    private static final ClassDesc VECTOR = ClassDesc.of(API + "Vector");
    private static final ClassDesc SPECIES = ClassDesc.of(API + "VectorSpecies");
    private static final ClassDesc SHUFFLE = ClassDesc.of(API + "VectorShuffle");
    private static final ClassDesc MASK = ClassDesc.of(API + "VectorMask");
    private static final ClassDesc SEGMENT = ClassDesc.of("java.lang.foreign.MemorySegment");
    private static final ClassDesc ORDER = ClassDesc.of("java.nio.ByteOrder");
    private static final ClassDesc ELEMENTS = ClassDesc.of("org.imbrex.kernels.element.Elements");
    private static final ClassDesc HERE = ClassDesc.of(StripVector.class.getName());

    private final CodeBuilder code;

    StripCode(CodeBuilder code) {
        this.code = code;
    }

    /** Keeps the vector on the stack. */
    private int keep() {
        Known.vector(code, ScalarType.F64, StripVector.LANES);
        int local = code.allocateLocal(TypeKind.REFERENCE);
        code.astore(local);
        return local;
    }

    int load(Runnable address) {
        code.getstatic(HERE, "SPECIES", SPECIES).getstatic(ELEMENTS, "ALL", SEGMENT);
        address.run();
        code.getstatic(HERE, "NATIVE", ORDER)
                .invokestatic(
                        DOUBLES,
                        "fromMemorySegment",
                        MethodTypeDesc.of(DOUBLES, SPECIES, SEGMENT, CD_long, ORDER));
        return keep();
    }

    void store(int vector, Runnable address) {
        code.aload(vector).getstatic(ELEMENTS, "ALL", SEGMENT);
        address.run();
        code.getstatic(HERE, "NATIVE", ORDER)
                .invokevirtual(DOUBLES, "intoMemorySegment", MethodTypeDesc.of(CD_void, SEGMENT, CD_long, ORDER));
    }

    /** A vector of the double that is pushed. */
    int broadcast(Runnable number) {
        code.getstatic(HERE, "SPECIES", SPECIES);
        number.run();
        code.invokestatic(DOUBLES, "broadcast", MethodTypeDesc.of(DOUBLES, SPECIES, CD_double));
        return keep();
    }

    int add(int a, int b) {
        return binary("add", a, b);
    }

    int sub(int a, int b) {
        return binary("sub", a, b);
    }

    int mul(int a, int b) {
        return binary("mul", a, b);
    }

    private int binary(String name, int a, int b) {
        code.aload(a).aload(b).invokevirtual(DOUBLES, name, MethodTypeDesc.of(DOUBLES, VECTOR));
        return keep();
    }

    /** a times b plus c, rounded once. */
    int fma(int a, int b, int c) {
        code.aload(a).aload(b).aload(c).invokevirtual(DOUBLES, "fma", MethodTypeDesc.of(DOUBLES, VECTOR, VECTOR));
        return keep();
    }

    int neg(int a) {
        code.aload(a).invokevirtual(DOUBLES, "neg", MethodTypeDesc.of(DOUBLES));
        return keep();
    }

    /** The vector whose lane i is a's lane i, or b's {@code i ^ lanes} where i has that bit. */
    int lower(int a, int b, int lanes) {
        code.aload(a);
        exchanged(b, lanes);
        return blended(lanes);
    }

    /** The vector whose lane i is b's lane i where i has that bit, else a's {@code i ^ lanes}. */
    int upper(int a, int b, int lanes) {
        exchanged(a, lanes);
        code.aload(b);
        return blended(lanes);
    }

    private void exchanged(int a, int lanes) {
        code.aload(a)
                .getstatic(HERE, "BY_" + lanes, SHUFFLE)
                .invokevirtual(DOUBLES, "rearrange", MethodTypeDesc.of(DOUBLES, SHUFFLE));
        code.aload(keep());
    }

    private int blended(int lanes) {
        code.getstatic(HERE, "HAVE_" + lanes, MASK)
                .invokevirtual(DOUBLES, "blend", MethodTypeDesc.of(DOUBLES, VECTOR, MASK));
        return keep();
    }
}
