package org.imbrex.kernels.loop;

import static java.lang.constant.ConstantDescs.CD_byte;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_short;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.ByteOrder;
import java.util.Locale;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.type.DType;

/**
 * Loads and stores of vectors at absolute addresses. Bytes and shorts have vectors of their own only from 64 bits on;
 * fewer go through one int, spread over the lanes by shifts.
 */
final class VectorMemory {
    static final ByteOrder NATIVE = ByteOrder.nativeOrder();
    /** Shifts that move lane i's byte, or short, of an int to its top; and its low bits to its place. */
    static final IntVector BYTES_UP_4 = shifts(IntVector.SPECIES_128, 24, -8);

    static final IntVector BYTES_UP_2 = shifts(IntVector.SPECIES_64, 24, -8);
    static final IntVector SHORTS_UP_2 = shifts(IntVector.SPECIES_64, 16, -16);
    static final IntVector BYTES_DOWN_4 = shifts(IntVector.SPECIES_128, 0, 8);
    static final IntVector BYTES_DOWN_2 = shifts(IntVector.SPECIES_64, 0, 8);
    static final IntVector SHORTS_DOWN_2 = shifts(IntVector.SPECIES_64, 0, 16);

    private static final ClassDesc HERE = ClassDesc.of(VectorMemory.class.getPackageName(), "VectorMemory");
    private static final ClassDesc ELEMENTS = ClassDesc.of("org.imbrex.kernels.element.Elements");
    private static final ClassDesc SEGMENT = ClassDesc.of("java.lang.foreign.MemorySegment");
    private static final ClassDesc LAYOUT = ClassDesc.of("java.lang.foreign.ValueLayout");
    private static final ClassDesc ORDER = ClassDesc.of("java.nio.ByteOrder");
    private static final ClassDesc INTS = Lanes.vector(ScalarType.I32);
    private static final ClassDesc ASSOCIATIVE = ClassDesc.of("jdk.incubator.vector.VectorOperators$Associative");

    private final CodeBuilder code;
    private final int lanes;

    VectorMemory(CodeBuilder code, int lanes) {
        this.code = code;
        this.lanes = lanes;
    }

    private static IntVector shifts(VectorSpecies<Integer> species, int first, int step) {
        int[] shifts = new int[species.length()];
        for (int lane = 0; lane < shifts.length; lane++) {
            shifts[lane] = first + step * lane;
        }
        return IntVector.fromArray(species, shifts, 0);
    }

    /** Pushes a vector of the dtype's scalar type, a mask of I32's for BOOL. */
    void load(VectorCode vector, DType dtype, Runnable address) {
        switch (dtype) {
            case I32, I64, F32, F64 -> {
                ClassDesc type = Lanes.vector(dtype.scalar());
                load(type, Lanes.species(dtype.bytes(), lanes), address);
                Known.vector(code, dtype.scalar(), lanes);
            }
            case I8, U8, I16 -> {
                ClassDesc narrow = dtype == DType.I16 ? Lanes.SHORTS : Lanes.BYTES;
                if (lanes * dtype.bytes() >= 8) {
                    load(narrow, Lanes.species(dtype.bytes(), lanes), address);
                    vector.convert(
                            dtype == DType.I16 ? "S2I" : dtype == DType.I8 ? "B2I" : "ZERO_EXTEND_B2I", ScalarType.I32);
                } else {
                    loadFew(vector, dtype, address);
                }
            }
            case BOOL -> {
                if (lanes >= 8) {
                    String species = Lanes.species(1, lanes);
                    load(Lanes.BYTES, species, address);
                } else {
                    loadFew(vector, DType.U8, address);
                }
                ClassDesc type = lanes >= 8 ? Lanes.BYTES : INTS;
                code.getstatic(
                                Lanes.OPERATORS,
                                "NE",
                                ClassDesc.of("jdk.incubator.vector.VectorOperators$Comparison"))
                        .iconst_0();
                if (lanes >= 8) {
                    code.invokevirtual(type, "compare", compare(CD_byte));
                    vector.castMask(ScalarType.I32);
                } else {
                    code.invokevirtual(type, "compare", compare(CD_int));
                }
            }
        }
    }

    private static MethodTypeDesc compare(ClassDesc scalar) {
        return MethodTypeDesc.of(
                Lanes.MASK, ClassDesc.of("jdk.incubator.vector.VectorOperators$Comparison"), scalar);
    }

    private void load(ClassDesc type, String species, Runnable address) {
        code.getstatic(type, species, Lanes.SPECIES).getstatic(ELEMENTS, "ALL", SEGMENT);
        address.run();
        code.getstatic(HERE, "NATIVE", ORDER)
                .invokestatic(
                        type,
                        "fromMemorySegment",
                        MethodTypeDesc.of(type, Lanes.SPECIES, SEGMENT, CD_long, ORDER));
    }

    /** Two or four narrow elements: all of them in every lane, each shifted to its lane's top and down again. */
    private void loadFew(VectorCode vector, DType dtype, Runnable address) {
        address.run();
        read(code, lanes * dtype.bytes() == 2 ? DType.I16 : DType.I32);
        vector.broadcast(ScalarType.I32);
        code.getstatic(HERE, (dtype == DType.I16 ? "SHORTS" : "BYTES") + "_UP_" + lanes, INTS);
        vector.lanewise(ScalarType.I32, "LSHL");
        vector.lanewise(ScalarType.I32, dtype == DType.U8 ? "LSHR" : "ASHR", 32 - 8 * dtype.bytes());
    }

    /** Stores a result of the body. */
    void store(VectorCode vector, int id, DType dtype, Runnable address) {
        switch (dtype) {
            case I32, I64, F32, F64 -> {
                vector.push(id);
                store(Lanes.vector(dtype.scalar()), address);
            }
            case I8, U8, I16 -> {
                vector.push(id);
                narrow(vector, dtype, address);
            }
            case BOOL -> {
                code.iconst_0();
                vector.broadcast(ScalarType.I32);
                code.iconst_1();
                vector.broadcast(ScalarType.I32);
                vector.pushMask(id, ScalarType.I32);
                code.invokevirtual(INTS, "blend", MethodTypeDesc.of(INTS, Lanes.VECTOR, Lanes.MASK));
                narrow(vector, DType.U8, address);
            }
        }
    }

    private void narrow(VectorCode vector, DType dtype, Runnable address) {
        ClassDesc narrow = dtype == DType.I16 ? Lanes.SHORTS : Lanes.BYTES;
        if (lanes * dtype.bytes() >= 8) {
            vector.convert(dtype == DType.I16 ? "I2S" : "I2B", narrow, Lanes.species(dtype.bytes(), lanes));
            store(narrow, address);
            return;
        }
        vector.lanewise(ScalarType.I32, "AND", dtype == DType.I16 ? 0xffff : 0xff);
        code.getstatic(HERE, (dtype == DType.I16 ? "SHORTS" : "BYTES") + "_DOWN_" + lanes, INTS);
        vector.lanewise(ScalarType.I32, "LSHL");
        code.getstatic(Lanes.OPERATORS, "OR", ASSOCIATIVE)
                .invokevirtual(INTS, "reduceLanes", MethodTypeDesc.of(CD_int, ASSOCIATIVE));
        address.run();
        write(code, lanes * dtype.bytes() == 2 ? DType.I16 : DType.I32);
    }

    /** Stores the vector on the stack as it is. */
    void store(DType dtype, Runnable address) {
        Known.vector(code, dtype.scalar(), lanes);
        store(Lanes.vector(dtype.scalar()), address);
    }

    /**
     * From an address on the stack to the element there, in a few instructions of its own: where a loop's vectors have
     * used up what C2 inlines, {@link Memory}'s methods stay calls, around which vectors are spilled.
     */
    static void read(CodeBuilder code, DType dtype) {
        int address = code.allocateLocal(TypeKind.LONG);
        code.lstore(address).getstatic(ELEMENTS, "ALL", SEGMENT);
        layout(code, dtype);
        code.lload(address)
                .invokeinterface(SEGMENT, "get", MethodTypeDesc.of(inMemory(dtype), layoutType(dtype), CD_long));
        switch (dtype) {
            case BOOL -> code.dup().ineg().ior().loadConstant(31).iushr();
            case U8 -> code.loadConstant(0xff).iand();
            default -> {}
        }
    }

    /** Writes a value to an address, both on the stack; see {@link #read}. */
    static void write(CodeBuilder code, DType dtype) {
        TypeKind kind = ScalarCode.kind(dtype.scalar());
        int address = code.allocateLocal(TypeKind.LONG);
        int value = code.allocateLocal(kind);
        code.lstore(address).storeLocal(kind, value).getstatic(ELEMENTS, "ALL", SEGMENT);
        layout(code, dtype);
        code.lload(address).loadLocal(kind, value);
        if (inMemory(dtype) == CD_byte) {
            code.i2b();
        } else if (inMemory(dtype) == CD_short) {
            code.i2s();
        }
        code.invokeinterface(
                SEGMENT, "set", MethodTypeDesc.of(CD_void, layoutType(dtype), CD_long, inMemory(dtype)));
    }

    private static ClassDesc inMemory(DType dtype) {
        return switch (dtype) {
            case BOOL, I8, U8 -> CD_byte;
            case I16 -> CD_short;
            default -> VectorCode.scalar(dtype.scalar());
        };
    }

    private static ClassDesc layoutType(DType dtype) {
        return ClassDesc.of(LAYOUT.packageName(), "ValueLayout$Of" + layoutName(dtype));
    }

    private static String layoutName(DType dtype) {
        return switch (dtype) {
            case BOOL, I8, U8 -> "Byte";
            case I16 -> "Short";
            case I32 -> "Int";
            case I64 -> "Long";
            case F32 -> "Float";
            case F64 -> "Double";
        };
    }

    private static void layout(CodeBuilder code, DType dtype) {
        String name = "JAVA_" + layoutName(dtype).toUpperCase(Locale.ROOT);
        code.getstatic(LAYOUT, dtype.bytes() == 1 ? name : name + "_UNALIGNED", layoutType(dtype));
    }

    private void store(ClassDesc type, Runnable address) {
        int value = code.allocateLocal(TypeKind.REFERENCE);
        code.astore(value).aload(value).getstatic(ELEMENTS, "ALL", SEGMENT);
        address.run();
        code.getstatic(HERE, "NATIVE", ORDER)
                .invokevirtual(type, "intoMemorySegment", MethodTypeDesc.of(CD_void, SEGMENT, CD_long, ORDER));
    }
}
