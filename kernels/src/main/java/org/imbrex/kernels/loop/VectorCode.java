package org.imbrex.kernels.loop;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;

/**
 * A body as straight-line Vector API bytecode: a vector, or for BOOL a mask, in one local variable an instruction. A
 * mask has the element type of what made it and is cast where another is needed. What only the rare side of a choice
 * needs is left out; {@link #pushRare} tells whether any lane asks for it, and then the elements are to be computed
 * anew by scalar code.
 */
final class VectorCode {
    private static final String B = "jdk.incubator.vector.VectorOperators$";
    private static final ClassDesc UNARY = ClassDesc.of(B + "Unary");
    private static final ClassDesc BINARY = ClassDesc.of(B + "Binary");
    private static final ClassDesc TERNARY = ClassDesc.of(B + "Ternary");
    private static final ClassDesc COMPARISON = ClassDesc.of(B + "Comparison");
    private static final ClassDesc CONVERSION = ClassDesc.of(B + "Conversion");

    /** Instructions up to which each one's result is said to be {@link Known}, else only the body's: it takes bytecode. */
    private static final int ALL_KNOWN = 150;

    private final CodeBuilder code;
    private final Body body;
    private final int lanes;
    private final BiConsumer<VectorCode, Instr> leaf;
    private final Regions regions;
    private final int[] slot;
    private final ScalarType[] home;
    private final Map<ScalarType, Integer>[] casts;

    /**
     * A body to be emitted.
     *
     * @param leaf emits what pushes a LOAD or INDEX: a vector, or a mask of I32's
     */
    @SuppressWarnings({"unchecked", "rawtypes"})
    VectorCode(CodeBuilder code, Body body, int lanes, BiConsumer<VectorCode, Instr> leaf) {
        this.code = code;
        this.body = body;
        this.lanes = lanes;
        this.leaf = leaf;
        this.regions = new Regions(body);
        this.slot = new int[body.instrs().size()];
        this.home = new ScalarType[slot.length];
        this.casts = new Map[slot.length];
    }

    /** Emits all instructions that every element needs. */
    void emit() {
        boolean all = slot.length <= ALL_KNOWN;
        for (int id = 0; id < slot.length; id++) {
            if (regions.of(id) == Regions.ALWAYS) {
                Instr instr = body.instr(id);
                home[id] = instr.type() == ScalarType.BOOL ? maskHome(instr) : instr.type();
                apply(instr, home[id]);
                if (all || body.results().contains(id)) {
                    known(instr, home[id]);
                }
                slot[id] = code.allocateLocal(TypeKind.REFERENCE);
                code.astore(slot[id]);
            }
        }
    }

    private void known(Instr instr, ScalarType home) {
        if (instr.type() == ScalarType.BOOL) {
            Known.mask(code, home, lanes);
        } else {
            Known.vector(code, home, lanes);
        }
    }

    /** Pushes a vector. */
    void push(int id) {
        code.aload(slot[id]);
    }

    /** Pushes a mask for vectors of a type. */
    void pushMask(int id, ScalarType type) {
        if (home[id] == type) {
            code.aload(slot[id]);
            return;
        }
        if (casts[id] == null) {
            casts[id] = new EnumMap<>(ScalarType.class);
        }
        Integer cast = casts[id].get(type);
        if (cast == null) {
            cast = code.allocateLocal(TypeKind.REFERENCE);
            casts[id].put(type, cast);
            code.aload(slot[id]);
            castMask(type);
            Known.mask(code, type, lanes);
            code.astore(cast);
        }
        code.aload(cast);
    }

    boolean hasRare() {
        for (int id = 0; id < slot.length; id++) {
            if (regions.of(id) == Regions.ALWAYS && Regions.isRare(body.instr(id))) {
                return true;
            }
        }
        return false;
    }

    /** Pushes 1 where any lane asks for a rare side, else 0. */
    void pushRare() {
        ScalarType type = null;
        for (int id = 0; id < slot.length; id++) {
            if (regions.of(id) == Regions.ALWAYS && Regions.isRare(body.instr(id))) {
                int condition = body.instr(id).a();
                boolean first = type == null;
                type = first ? home[condition] : type;
                pushMask(condition, type);
                if (!first) {
                    maskOp("or");
                }
            }
        }
        code.invokevirtual(Lanes.MASK, "anyTrue", MethodTypeDesc.of(CD_boolean));
    }

    // ---- pieces that loops use too

    void species(ScalarType type) {
        code.getstatic(Lanes.vector(type), Lanes.species(type.bytes(), lanes), Lanes.SPECIES);
    }

    /** From a scalar on the stack to a vector of it; BOOL from an int to a mask of I32's. */
    void broadcast(ScalarType type) {
        if (type == ScalarType.BOOL) {
            int value = code.allocateLocal(TypeKind.INT);
            code.istore(value);
            species(ScalarType.I32);
            code.iload(value).invokeinterface(Lanes.SPECIES, "maskAll", MethodTypeDesc.of(Lanes.MASK, CD_boolean));
            return;
        }
        TypeKind kind = ScalarCode.kind(type);
        int value = code.allocateLocal(kind);
        code.storeLocal(kind, value);
        species(type);
        code.loadLocal(kind, value);
        code.invokestatic(
                Lanes.vector(type), "broadcast", MethodTypeDesc.of(Lanes.vector(type), Lanes.SPECIES, scalar(type)));
    }

    void castMask(ScalarType to) {
        species(to);
        code.invokevirtual(Lanes.MASK, "cast", MethodTypeDesc.of(Lanes.MASK, Lanes.SPECIES));
    }

    /** {@code vector.lanewise(operator, e)} with a vector on the stack. */
    void lanewise(ScalarType type, String operator, long e) {
        code.getstatic(Lanes.OPERATORS, operator, associative(operator));
        ClassDesc vector = Lanes.vector(type);
        if (type == ScalarType.I64) {
            code.loadConstant(e);
        } else {
            code.loadConstant((int) e);
        }
        code.invokevirtual(vector, "lanewise", MethodTypeDesc.of(vector, BINARY, scalar(type)));
    }

    /** Converts the vector on the stack, lane by lane. */
    void convert(String conversion, ClassDesc to, String species) {
        code.getstatic(Lanes.OPERATORS, conversion, CONVERSION)
                .getstatic(to, species, Lanes.SPECIES)
                .iconst_0()
                .invokevirtual(
                        Lanes.VECTOR,
                        "convertShape",
                        MethodTypeDesc.of(Lanes.VECTOR, CONVERSION, Lanes.SPECIES, CD_int))
                .checkcast(to);
    }

    void convert(String conversion, ScalarType to) {
        convert(conversion, Lanes.vector(to), Lanes.species(to.bytes(), lanes));
    }

    private static String letter(ScalarType type) {
        return switch (type) {
            case I32 -> "I";
            case I64 -> "L";
            case F32 -> "F";
            case F64 -> "D";
            case BOOL -> throw new IllegalArgumentException("conversions of bool are choices");
        };
    }

    static ClassDesc scalar(ScalarType type) {
        return switch (type) {
            case BOOL, I32 -> CD_int;
            case I64 -> CD_long;
            case F32 -> CD_float;
            case F64 -> CD_double;
        };
    }

    // ---- operations

    private ScalarType maskHome(Instr instr) {
        return switch (instr.op()) {
            case CONST, LOAD -> ScalarType.I32;
            case EQ, NE, LT, LE -> body.instr(instr.a()).type() == ScalarType.BOOL
                    ? home[instr.a()]
                    : body.instr(instr.a()).type();
            default -> home[instr.a()];
        };
    }

    private void apply(Instr instr, ScalarType type) {
        if (instr.type() == ScalarType.BOOL && !instr.op().isComparison()) {
            mask(instr, type);
            return;
        }
        switch (instr.op()) {
            case CONST -> {
                ScalarCode.constant(code, type, instr.imm());
                broadcast(type);
            }
            case LOAD, INDEX -> leaf.accept(this, instr);
            case ADD, SUB, MUL, AND, OR, XOR -> binary(instr, instr.op().name());
            case DIV -> {
                if (type.isFloat()) {
                    binary(instr, "DIV");
                } else {
                    quotient(instr);
                }
            }
            case REM -> {
                push(instr.a());
                quotient(instr);
                push(instr.b());
                lanewise(type, "MUL");
                lanewise(type, "SUB");
            }
            case NEG, ABS, SQRT, NOT -> {
                push(instr.a());
                ClassDesc vector = Lanes.vector(type);
                code.getstatic(Lanes.OPERATORS, instr.op().name(), UNARY)
                        .invokevirtual(vector, "lanewise", MethodTypeDesc.of(vector, UNARY));
            }
            case FMA -> {
                push(instr.a());
                code.getstatic(Lanes.OPERATORS, "FMA", TERNARY);
                push(instr.b());
                push(instr.c());
                ClassDesc vector = Lanes.vector(type);
                code.invokevirtual(
                        vector, "lanewise", MethodTypeDesc.of(vector, TERNARY, Lanes.VECTOR, Lanes.VECTOR));
            }
            case SHL -> shift(instr, "LSHL");
            case SHR -> shift(instr, "ASHR");
            case USHR -> shift(instr, "LSHR");
            case EQ, NE, LT, LE -> compare(instr);
            case SELECT -> {
                if (isExtreme(instr)) {
                    binary(instr.b(), body.instr(instr.a()).a() == instr.b() ? "MIN" : "MAX", instr.c(), type);
                    return;
                }
                push(instr.c());
                if (Regions.isRare(instr)) {
                    return;
                }
                push(instr.b());
                pushMask(instr.a(), type);
                ClassDesc vector = Lanes.vector(type);
                code.invokevirtual(vector, "blend", MethodTypeDesc.of(vector, Lanes.VECTOR, Lanes.MASK));
            }
            case CONVERT -> {
                push(instr.a());
                convert(letter(body.instr(instr.a()).type()) + "2" + letter(type), type);
            }
            case BITCAST -> {
                push(instr.a());
                String to = switch (type) {
                    case I32 -> "reinterpretAsInts";
                    case I64 -> "reinterpretAsLongs";
                    case F32 -> "reinterpretAsFloats";
                    default -> "reinterpretAsDoubles";
                };
                code.invokevirtual(Lanes.VECTOR, to, MethodTypeDesc.of(Lanes.vector(type)));
            }
        }
    }

    private void mask(Instr instr, ScalarType type) {
        switch (instr.op()) {
            case CONST -> {
                code.loadConstant((int) instr.imm());
                broadcast(ScalarType.BOOL);
            }
            case LOAD -> leaf.accept(this, instr);
            case NOT -> {
                pushMask(instr.a(), type);
                code.invokevirtual(Lanes.MASK, "not", MethodTypeDesc.of(Lanes.MASK));
            }
            case AND, OR, XOR -> {
                pushMask(instr.a(), type);
                pushMask(instr.b(), type);
                maskOp(instr.op().name().toLowerCase(java.util.Locale.ROOT));
            }
            default -> throw new IllegalStateException(instr.op() + " does not give a bool");
        }
    }

    private void maskOp(String name) {
        code.invokevirtual(Lanes.MASK, name, MethodTypeDesc.of(Lanes.MASK, Lanes.MASK));
    }

    /** Whether a choice is the lesser or the greater of two integers, one instruction; between floats zeros and NaN tell. */
    private boolean isExtreme(Instr choice) {
        Instr less = body.instr(choice.a());
        return !choice.type().isFloat()
                && choice.type() != ScalarType.BOOL
                && !Regions.isRare(choice)
                && less.op() == Op.LT
                && (less.a() == choice.b() && less.b() == choice.c() || less.a() == choice.c() && less.b() == choice.b());
    }

    private void binary(Instr instr, String operator) {
        binary(instr.a(), operator, instr.b(), instr.type());
    }

    private void binary(int a, String operator, int b, ScalarType type) {
        ClassDesc vector = Lanes.vector(type);
        push(a);
        code.getstatic(Lanes.OPERATORS, operator, associative(operator));
        push(b);
        code.invokevirtual(vector, "lanewise", MethodTypeDesc.of(vector, BINARY, Lanes.VECTOR));
    }

    /** {@code vector.lanewise(operator, vector)} with both on the stack. */
    void lanewise(ScalarType type, String operator) {
        ClassDesc vector = Lanes.vector(type);
        int b = code.allocateLocal(TypeKind.REFERENCE);
        code.astore(b)
                .getstatic(Lanes.OPERATORS, operator, associative(operator))
                .aload(b)
                .invokevirtual(vector, "lanewise", MethodTypeDesc.of(vector, BINARY, Lanes.VECTOR));
    }

    /** The declared type of the operator's constant. */
    private static ClassDesc associative(String operator) {
        return switch (operator) {
            case "ADD", "MUL", "AND", "OR", "XOR", "MIN", "MAX" -> ClassDesc.of(B + "Associative");
            default -> BINARY;
        };
    }

    private void shift(Instr instr, String operator) {
        Instr by = body.instr(instr.b());
        if (by.op() == Op.CONST) {
            push(instr.a());
            lanewise(instr.type(), operator, by.imm());
        } else {
            binary(instr, operator);
        }
    }

    private void compare(Instr instr) {
        ScalarType from = body.instr(instr.a()).type();
        push(instr.a());
        code.getstatic(Lanes.OPERATORS, instr.op().name(), COMPARISON);
        push(instr.b());
        code.invokevirtual(
                Lanes.vector(from), "compare", MethodTypeDesc.of(Lanes.MASK, COMPARISON, Lanes.VECTOR));
    }

    /** I32: the float64 quotient, truncated; a quotient of 32-bit integers is never rounded up to an integer. */
    private void quotient(Instr instr) {
        push(instr.a());
        convert("I2D", ScalarType.F64);
        push(instr.b());
        convert("I2D", ScalarType.F64);
        lanewise(ScalarType.F64, "DIV");
        convert("D2I", ScalarType.I32);
    }
}
