package org.imbrex.kernels.tornado;

import static java.lang.constant.ConstantDescs.CD_Integer;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.imbrex.kernels.loop.ScalarCode;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.tornado.TornadoKernel.Parameter;
import org.imbrex.kernels.type.DType;

/**
 * The code of one kernel's method: named local variables, numbers, elements of arrays, loops, and bodies. What is said
 * to be pushed lies on the operand stack.
 */
public final class KernelCode {
    private static final int CONTEXT = 0;
    private static final int NUMBERS = 1;
    private static final int FIRST_ARRAY = 2;
    private static final String PACKAGE = "org.imbrex.tornado";

    private final CodeBuilder code;
    private final TornadoTypes types;
    private final ClassDesc own;
    private final List<Parameter> parameters;
    private final Set<Soft> used;
    private final Label start;
    private final List<Named> named = new ArrayList<>();
    private final int zero;
    private int minusZero;
    private int infinity = -1;

    private record Named(int slot, String name, ClassDesc type) {}

    /** The operations that are methods of the class. */
    private enum Soft {
        FMA_F32,
        FMA_F64,
        BITS_F32,
        BITS_F64,
        BITS_I32,
        BITS_I64;

        static Soft of(Instr instr, ScalarType from) {
            return valueOf((instr.op() == Op.FMA ? "FMA_" : "BITS_") + from);
        }

        ScalarType from() {
            return ScalarType.valueOf(name().substring(name().indexOf('_') + 1));
        }

        Body body() {
            return PlainBody.of(this == FMA_F32 || this == FMA_F64 ? SoftFloat.fma(from()) : SoftFloat.bitcast(from()));
        }

        String method() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', 'O');
        }

        /** The last parameter is -0, for {@link Contraction}. */
        MethodTypeDesc type() {
            ClassDesc a = primitive(from());
            if (this == FMA_F32 || this == FMA_F64) {
                return MethodTypeDesc.of(a, a, a, a, CD_double);
            }
            ScalarType to = switch (from()) {
                case F32 -> ScalarType.I32;
                case F64 -> ScalarType.I64;
                case I32 -> ScalarType.F32;
                default -> ScalarType.F64;
            };
            return MethodTypeDesc.of(primitive(to), a, CD_double);
        }
    }

    private KernelCode(
            CodeBuilder code, TornadoTypes types, ClassDesc own, List<Parameter> parameters, Set<Soft> used, int numbers) {
        this.code = code;
        this.types = types;
        this.own = own;
        this.parameters = parameters;
        this.used = used;
        this.start = code.startLabel();
        this.zero = numbers;
        named.add(new Named(CONTEXT, "context", types.context()));
        named.add(new Named(NUMBERS, "numbers", types.array(DType.I64)));
        for (int k = 0; k < parameters.size(); k++) {
            Parameter p = parameters.get(k);
            named.add(new Named(
                    FIRST_ARRAY + k,
                    p.role().name().toLowerCase(java.util.Locale.ROOT) + p.dtype(),
                    types.array(p.dtype())));
        }
    }

    /**
     * Makes a kernel.
     *
     * @param numbers how many numbers the text reads; one more, always 0, is passed after them
     * @param text writes the method
     */
    public static TornadoKernel make(
            TornadoTypes types, String name, int numbers, List<Parameter> parameters, Consumer<KernelCode> text) {
        if (parameters.size() + FIRST_ARRAY > TornadoTypes.MOST_PARAMETERS) {
            throw new IllegalArgumentException("a kernel of " + parameters.size() + " arrays");
        }
        String simple = "Kernel" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
        ClassDesc own = ClassDesc.of(PACKAGE, simple);
        ClassDesc[] all = new ClassDesc[FIRST_ARRAY + parameters.size()];
        all[CONTEXT] = types.context();
        all[NUMBERS] = types.array(DType.I64);
        for (int k = 0; k < parameters.size(); k++) {
            all[FIRST_ARRAY + k] = types.array(parameters.get(k).dtype());
        }
        MethodTypeDesc kernel = MethodTypeDesc.of(CD_void, all);
        Set<Soft> used = EnumSet.noneOf(Soft.class);
        ClassFile file = ClassFile.of(ClassFile.StackMapsOption.STACK_MAPS_WHEN_REQUIRED);
        int access = ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC;
        byte[] bytes = file.build(own, type -> {
            types.task().ifPresent(task -> type.withInterfaceSymbols(ClassDesc.of(task + all.length)));
            type.withFlags(ClassFile.ACC_PUBLIC | ClassFile.ACC_FINAL)
                    .withMethodBody(ConstantDescs.INIT_NAME, ConstantDescs.MTD_void, ClassFile.ACC_PUBLIC, c -> c.aload(0)
                            .invokespecial(CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                            .return_())
                    .withMethodBody(name, kernel, access, c -> {
                        KernelCode made = new KernelCode(c, types, own, parameters, used, numbers);
                        made.zeros();
                        text.accept(made);
                        c.return_();
                        made.table(c.newBoundLabel());
                    });
            // each may use another
            Set<Soft> written = EnumSet.noneOf(Soft.class);
            while (!written.containsAll(used)) {
                for (Soft soft : List.copyOf(used)) {
                    if (written.add(soft)) {
                        type.withMethodBody(soft.method(), soft.type(), access, c -> soft(c, types, own, soft, used));
                    }
                }
            }
            ClassDesc[] objects = Collections.nCopies(all.length, CD_Object).toArray(ClassDesc[]::new);
            type.withMethodBody("apply", MethodTypeDesc.of(CD_void, objects), ClassFile.ACC_PUBLIC, c -> {
                for (int k = 0; k < all.length; k++) {
                    c.aload(1 + k).checkcast(all[k]);
                }
                c.invokestatic(own, name, kernel).return_();
            });
        });
        return new TornadoKernel(PACKAGE + "." + simple, name, bytes, numbers + 1, List.copyOf(parameters));
    }

    /** -0, in a way that no compiler knows it for a constant. */
    private void zeros() {
        minusZero = local("minusZero", ScalarType.F64);
        pushNumber(zero);
        code.l2d().dneg().dstore(minusZero);
    }

    private static void soft(CodeBuilder c, TornadoTypes types, ClassDesc own, Soft soft, Set<Soft> used) {
        KernelCode made = new KernelCode(c, types, own, List.of(), used, 0);
        made.named.clear();
        int[] slots = new int[soft.type().parameterCount()];
        TypeKind kind = ScalarCode.kind(soft.from());
        for (int k = 0; k < slots.length; k++) {
            slots[k] = c.parameterSlot(k);
            made.named.add(new Named(slots[k], "a" + k, soft.type().parameterType(k)));
        }
        made.minusZero = slots[slots.length - 1];
        ScalarCode scalar = made.body(soft.body(), load -> c.loadLocal(kind, slots[load]), axis -> {});
        scalar.push(soft.body().results().getFirst());
        c.return_(TypeKind.from(soft.type().returnType()));
        made.table(c.newBoundLabel());
    }

    static ClassDesc primitive(ScalarType type) {
        return TypeKind.from(TornadoTypes.element(org.imbrex.kernels.element.Elements.dense(type))) == TypeKind.BYTE
                ? CD_int
                : TornadoTypes.element(org.imbrex.kernels.element.Elements.dense(type));
    }

    private void table(Label end) {
        for (Named variable : named) {
            code.localVariable(variable.slot, variable.name, variable.type, start, end);
        }
    }

    // ---- values

    public CodeBuilder code() {
        return code;
    }

    /** A new local variable, which holds 0 until it is set. */
    public int local(String name, ScalarType type) {
        int slot = code.allocateLocal(ScalarCode.kind(type));
        ScalarCode.constant(code, type, 0);
        code.storeLocal(ScalarCode.kind(type), slot);
        named.add(new Named(slot, name, primitive(type)));
        return slot;
    }

    public int longLocal(String name) {
        return local(name, ScalarType.I64);
    }

    public int intLocal(String name) {
        return local(name, ScalarType.I32);
    }

    /** A new array of the work item's own. */
    public int array(String name, ScalarType type, int length) {
        int slot = code.allocateLocal(TypeKind.REFERENCE);
        code.loadConstant(length).newarray(arrayKind(type)).astore(slot);
        named.add(new Named(slot, name, primitive(type).arrayType()));
        return slot;
    }

    private static TypeKind arrayKind(ScalarType type) {
        return ScalarCode.kind(type);
    }

    /** Pushes an element of an array of the work item's own, whose index has been pushed as an int after it. */
    public void fromArray(ScalarType type) {
        code.arrayLoad(arrayKind(type));
    }

    public void toArray(ScalarType type) {
        code.arrayStore(arrayKind(type));
    }

    /** Pushes the work item's number, a long. */
    public void pushItem() {
        code.aload(CONTEXT)
                .getfield(types.context(), "globalIdx", CD_Integer)
                .invokevirtual(CD_Integer, "intValue", MethodTypeDesc.of(CD_int))
                .i2l();
    }

    /** Pushes a number. */
    public void pushNumber(int number) {
        code.aload(NUMBERS)
                .loadConstant(number)
                .invokevirtual(types.array(DType.I64), "get", MethodTypeDesc.of(CD_long, CD_int));
    }

    private int parameter(Parameter parameter) {
        int at = parameters.indexOf(parameter);
        if (at < 0) {
            throw new IllegalStateException("no " + parameter + " among " + parameters);
        }
        return FIRST_ARRAY + at;
    }

    /** Pushes an element's value, in its scalar type; {@code index} pushes where, a long. */
    public void read(TornadoKernel.Role role, DType dtype, Runnable index) {
        code.aload(parameter(new Parameter(role, dtype)));
        index.run();
        code.l2i()
                .invokevirtual(types.array(dtype), "get", MethodTypeDesc.of(TornadoTypes.element(dtype), CD_int));
        switch (dtype) {
            case BOOL -> isNotZero();
            case U8 -> code.loadConstant(0xff).iand();
            default -> {}
        }
    }

    private void isNotZero() {
        Label yes = code.newLabel();
        Label end = code.newLabel();
        code.ifne(yes).iconst_0().goto_(end).labelBinding(yes).iconst_1().labelBinding(end);
    }

    /** Writes what {@code value} pushes, its low bits; {@code index} pushes where, a long. */
    public void write(TornadoKernel.Role role, DType dtype, Runnable index, Runnable value) {
        code.aload(parameter(new Parameter(role, dtype)));
        index.run();
        code.l2i();
        value.run();
        switch (dtype) {
            case BOOL, I8, U8 -> code.i2b();
            case I16 -> code.i2s();
            default -> {}
        }
        ClassDesc element = TornadoTypes.element(dtype);
        code.invokevirtual(types.array(dtype), "set", MethodTypeDesc.of(CD_void, CD_int, element));
    }

    // ---- control

    /** {@code for (variable = from; variable < to; variable++)} over longs; both bounds are pushed. */
    public void loop(int variable, Runnable from, Runnable to, Runnable text) {
        from.run();
        code.lstore(variable);
        whileTrue(
                () -> {
                    code.lload(variable);
                    to.run();
                    code.lcmp();
                },
                Opcode.IFGE,
                () -> {
                    text.run();
                    code.lload(variable).lconst_1().ladd().lstore(variable);
                });
    }

    /** {@code while} the pushed int does not meet {@code leaves}. */
    public void whileTrue(Runnable test, Opcode leaves, Runnable text) {
        Label again = code.newBoundLabel();
        Label end = code.newLabel();
        test.run();
        code.branch(leaves, end);
        text.run();
        code.goto_(again).labelBinding(end);
    }

    /** {@code if} the pushed int does not meet {@code skips}. */
    public void when(Runnable test, Opcode skips, Runnable text) {
        Label end = code.newLabel();
        test.run();
        code.branch(skips, end);
        text.run();
        code.labelBinding(end);
    }

    // ---- bodies

    /** Makes ready for a body; to be called where every element is reached from. */
    public void prepare(Body body) {
        if (infinity < 0 && PlainBody.usesInfinity(PlainBody.of(body))) {
            infinity = local("infinity", ScalarType.F64);
            code.dconst_1();
            pushNumber(zero);
            code.l2d().ddiv().dstore(infinity);
        }
    }

    /**
     * Writes a body; what is returned pushes its results by {@link #push}.
     *
     * @param load pushes the value of a load slot
     * @param index pushes the index along an axis, a long
     */
    public Results apply(Body body, IntConsumer load, IntConsumer index) {
        Body plain = PlainBody.of(body);
        return new Results(body(plain, load, index), plain);
    }

    /** Pushes the results of a body. */
    public record Results(ScalarCode scalar, Body body) {
        public void push(int result) {
            scalar.push(body.results().get(result));
        }
    }

    private ScalarCode body(Body plain, IntConsumer load, IntConsumer index) {
        Contraction contraction = new Contraction(code, types.fma(), minusZero, plain);
        ScalarCode scalar = new ScalarCode(
                code,
                plain,
                instr -> {
                    if (instr.op() == Op.INDEX) {
                        index.accept((int) instr.imm());
                    } else if (instr.imm() == PlainBody.INFINITY) {
                        code.dload(infinity);
                    } else {
                        load.accept((int) instr.imm());
                    }
                },
                instr -> {
                    if (contraction.emit(instr)) {
                        return true;
                    }
                    if (instr.op() != Op.FMA && instr.op() != Op.BITCAST) {
                        return false;
                    }
                    Soft soft = Soft.of(instr, plain.instr(instr.a()).type());
                    used.add(soft);
                    code.dload(minusZero);
                    code.invokestatic(own, soft.method(), soft.type());
                    return true;
                });
        scalar.emit();
        return scalar;
    }
}
