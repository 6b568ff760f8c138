package org.imbrex.kernels.line;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static org.imbrex.kernels.line.StripVector.LANES;
import static org.imbrex.kernels.line.StripVector.PART;
import static org.imbrex.kernels.line.StripVector.UNIT;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.imbrex.kernels.loop.Range;

/** Makes the bytecode of {@link StripPass}es. */
final class StripBytecode {
    /** What a pass reads. */
    enum In {
        PARTS,
        PAIRS,
        SWAPPED
    }

    /** What becomes of what a pass makes. */
    enum Out {
        /** Nothing. */
        PARTS,
        /** Multiplied by the pass's roots, but for p = 0. */
        TURNED,
        /** Multiplied by the roots between the steps. */
        PRODUCT,
        /** Multiplied by those, each a product of a row's and a unit's. */
        BLOCKS,
        PAIRS,
        /** Multiplied by the scale, to pairs whose parts change places. */
        SWAPPED
    }

    /** A pass of radix 2 or 4; or of 8, radices 4 and 2 at the end in one; or of 1, which turns squares about. */
    private record Kind(int radix, In in, Out out) {}

    /** The locals that hold a vector's parts. */
    private record Parts(int re, int im) {}

    private static final Map<Kind, StripPass> MADE = new ConcurrentHashMap<>();
    private static final ClassDesc PASS = ClassDesc.of(StripPass.class.getName());
    private static final MethodTypeDesc RUN = MethodTypeDesc.of(
            CD_void, CD_long, CD_int, CD_long, CD_long, CD_long, CD_int, CD_long, CD_long, CD_long,
            CD_double.arrayType(), CD_double, CD_int);
    /** Whatever is a distance has these bits only, so that addresses stay in their {@link Range}. */
    private static final long DISTANCES = (1L << 48) - 1;
    private static final int X = 1;
    private static final int Y = 8;
    private static final int BETWEEN = 15;
    private static final int ROOTS = 17;
    private static final int SCALE = 18;
    private static final int COUNT = 20;
    private static final int TURN = 1;

    private final CodeBuilder code;
    private final StripCode vectors;
    private final Kind kind;
    private final int t;
    private final int from;
    private final int to;
    private final int root;
    private final int[] rowsFrom;
    private final int[] rowsTo;
    private final int between;

    private StripBytecode(CodeBuilder code, Kind kind) {
        this.code = code;
        this.vectors = new StripCode(code);
        this.kind = kind;
        this.t = code.allocateLocal(TypeKind.INT);
        this.from = code.allocateLocal(TypeKind.LONG);
        this.to = code.allocateLocal(TypeKind.LONG);
        this.root = code.allocateLocal(TypeKind.INT);
        this.rowsFrom = rows(X + 5);
        this.rowsTo = rows(Y + 5);
        this.between = code.allocateLocal(TypeKind.LONG);
    }

    static StripPass of(int radix, In in, Out out) {
        return MADE.computeIfAbsent(new Kind(radix, in, out), StripBytecode::define);
    }

    /** Turns squares of as many rows as a vector has lanes about, one part of a unit after the other. */
    static StripPass turn() {
        return of(TURN, In.PARTS, Out.PARTS);
    }

    private static StripPass define(Kind kind) {
        ClassDesc name = ClassDesc.of(StripPass.class.getPackageName(), "Strip" + kind.radix + kind.in + kind.out);
        byte[] bytes = ClassFile.of().build(name, type -> type.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC)
                .withInterfaceSymbols(PASS)
                .withMethodBody(ConstantDescs.INIT_NAME, ConstantDescs.MTD_void, 0, code -> code.aload(0)
                        .invokespecial(CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                        .return_())
                .withMethodBody("run", RUN, ClassFile.ACC_PUBLIC | ClassFile.ACC_FINAL, code -> {
                    new StripBytecode(code, kind).body();
                    code.return_();
                }));
        try {
            MethodHandles.Lookup made = MethodHandles.lookup().defineHiddenClass(bytes, true);
            return (StripPass) made.findConstructor(made.lookupClass(), MethodType.methodType(void.class))
                    .invoke();
        } catch (Throwable e) {
            throw new LinkageError("the generated pass " + kind + " does not link", e);
        }
    }

    private void body() {
        code.iconst_0().istore(t);
        if (kind.out == Out.TURNED) {
            code.iconst_1().iload(Y + 2).ishl().istore(root);
            loop(() -> code.iload(root), false);
            loop(() -> code.iload(COUNT), true);
        } else {
            loop(() -> code.iload(COUNT), false);
        }
    }

    /** With its test at the end: a loop that C2 counts runs at least once. */
    private void loop(Runnable limit, boolean turned) {
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.iload(t);
        limit.run();
        code.branch(Opcode.IF_ICMPGE, end).labelBinding(top);
        place(X, kind.in == In.PARTS && kind.radix != TURN, from);
        place(Y, kind.out == Out.PARTS && kind.radix != TURN || kind.out == Out.PRODUCT || kind.out == Out.BLOCKS, to);
        if (kind.out == Out.PRODUCT || kind.out == Out.BLOCKS) {
            place(BETWEEN, true, between);
        }
        if (kind.radix == TURN) {
            square();
        } else {
            butterfly(turned);
        }
        code.iinc(t, 1).iload(t);
        limit.run();
        code.branch(Opcode.IF_ICMPLT, top).labelBinding(end);
    }

    /** The address of butterfly t, by the four parameters from a local on, or where units follow one another. */
    private void place(int base, boolean together, int into) {
        long unit = kind.radix == TURN ? PART : UNIT;
        code.lload(base);
        if (together) {
            code.iload(t).i2l().loadConstant(unit).lmul().ladd();
        } else {
            code.iload(t).iload(base + 2).ishr().i2l().lload(base + 3).lmul().ladd()
                    .iload(t).iconst_1().iload(base + 2).ishl().iconst_1().isub().iand().i2l()
                    .loadConstant(unit).lmul().ladd();
        }
        Range.address(code);
        code.lstore(into);
    }

    /** How far each row is from the first, by the parameter from a local on. */
    private int[] rows(int apart) {
        int[] rows = new int[Math.max(kind.radix, LANES)];
        for (int row = 1; row < rows.length; row++) {
            rows[row] = code.allocateLocal(TypeKind.LONG);
            code.lload(apart).loadConstant(DISTANCES).land().loadConstant((long) row).lmul().lstore(rows[row]);
        }
        return rows;
    }

    /** Pushes the address of a row, from a butterfly's place on. */
    private void address(int place, int[] rows, int row) {
        code.lload(place);
        if (row > 0) {
            code.lload(rows[row]).ladd();
        }
    }

    /** A local with the address of a row. */
    private int local(int place, int[] rows, int row) {
        address(place, rows, row);
        int local = code.allocateLocal(TypeKind.LONG);
        code.lstore(local);
        return local;
    }

    private Runnable second(int address) {
        return () -> code.lload(address).loadConstant((long) PART).ladd();
    }

    private void butterfly(boolean turned) {
        if (kind.radix == 4) {
            if (turned) {
                code.iload(t).iload(Y + 2).ishr().bipush(StripVector.ROOTS).imul().istore(root);
            }
            Parts[] made = four(read(0), read(1), read(2), read(3));
            for (int k = 0; k < 4; k++) {
                if (turned && k > 0) {
                    int first = 3 * (k - 1);
                    made[k] = product(made[k], number(true, first), number(true, first + 1), number(true, first + 2));
                }
                write(made[k], k);
            }
            return;
        }
        if (kind.radix == 2) {
            Parts a = read(0);
            Parts b = read(1);
            write(new Parts(vectors.add(a.re, b.re), vectors.add(a.im, b.im)), 0);
            write(new Parts(vectors.sub(a.re, b.re), vectors.sub(a.im, b.im)), 1);
            return;
        }
        Parts[] even = four(read(0), read(2), read(4), read(6));
        Parts[] odd = four(read(1), read(3), read(5), read(7));
        for (int k = 0; k < 4; k++) {
            int first = 3 * (k - 1);
            Parts b = k == 0
                    ? odd[0]
                    : product(odd[k], number(false, first), number(false, first + 1), number(false, first + 2));
            write(new Parts(vectors.add(even[k].re, b.re), vectors.add(even[k].im, b.im)), k);
            write(new Parts(vectors.sub(even[k].re, b.re), vectors.sub(even[k].im, b.im)), k + 4);
        }
    }

    private Parts[] four(Parts a, Parts b, Parts c, Parts d) {
        Parts sum = new Parts(vectors.add(a.re, c.re), vectors.add(a.im, c.im));
        Parts difference = new Parts(vectors.sub(a.re, c.re), vectors.sub(a.im, c.im));
        Parts otherSum = new Parts(vectors.add(b.re, d.re), vectors.add(b.im, d.im));
        Parts other = new Parts(vectors.sub(b.re, d.re), vectors.sub(b.im, d.im));
        return new Parts[] {
            new Parts(vectors.add(sum.re, otherSum.re), vectors.add(sum.im, otherSum.im)),
            new Parts(vectors.add(difference.re, other.im), vectors.sub(difference.im, other.re)),
            new Parts(vectors.sub(sum.re, otherSum.re), vectors.sub(sum.im, otherSum.im)),
            new Parts(vectors.sub(difference.re, other.im), vectors.add(difference.im, other.re))
        };
    }

    /** One of the pass's numbers in all lanes, from the butterfly's root on or from the first. */
    private int number(boolean own, int at) {
        return vectors.broadcast(() -> {
            code.aload(ROOTS);
            if (own) {
                code.iload(root).loadConstant(at).iadd();
            } else {
                code.loadConstant(at);
            }
            code.daload();
        });
    }

    private Parts product(Parts z, int re, int im, int minus) {
        return new Parts(
                vectors.fma(z.im, minus, vectors.mul(z.re, re)), vectors.fma(z.re, im, vectors.mul(z.im, re)));
    }

    private Parts read(int row) {
        int at = local(from, rowsFrom, row);
        int a = vectors.load(() -> code.lload(at));
        int b = vectors.load(second(at));
        return switch (kind.in) {
            case PARTS -> new Parts(a, b);
            case PAIRS -> new Parts(vectors.lower(a, b, 1), vectors.upper(a, b, 1));
            case SWAPPED -> new Parts(vectors.upper(a, b, 1), vectors.lower(a, b, 1));
        };
    }

    private void write(Parts z, int row) {
        switch (kind.out) {
            case PARTS, TURNED -> store(z.re, z.im, row);
            case PRODUCT, BLOCKS -> {
                Parts root = root(row);
                Parts product = product(z, root.re, root.im, vectors.neg(root.im));
                store(product.re, product.im, row);
            }
            case PAIRS -> store(vectors.lower(z.re, z.im, 1), vectors.upper(z.re, z.im, 1), row);
            case SWAPPED -> {
                int scale = vectors.broadcast(() -> code.dload(SCALE));
                int re = vectors.mul(z.im, scale);
                int im = vectors.mul(z.re, scale);
                store(vectors.lower(re, im, 1), vectors.upper(re, im, 1), row);
            }
        }
    }

    /** The roots between the steps for what is written to a row. */
    private Parts root(int row) {
        int at = local(between, rowsTo, row);
        Parts unit = new Parts(vectors.load(() -> code.lload(at)), vectors.load(second(at)));
        if (kind.out == Out.PRODUCT) {
            return unit;
        }
        // the row's: butterfly t makes every so many-th row from t on
        code.iload(t).iload(COUNT).loadConstant(row).imul().iadd().iload(X + 2).ishr().iconst_3().imul().istore(root);
        int re = number(true, 0);
        return new Parts(
                vectors.fma(unit.im, number(true, 2), vectors.mul(unit.re, re)),
                vectors.fma(unit.im, re, vectors.mul(unit.re, number(true, 1))));
    }

    private void store(int a, int b, int row) {
        int at = local(to, rowsTo, row);
        vectors.store(a, () -> code.lload(at));
        vectors.store(b, second(at));
    }

    /** In steps, each of which exchanges what two vectors have in lanes that differ in one bit. */
    private void square() {
        int[] rows = new int[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            int row = StripVector.column(lane);
            rows[lane] = vectors.load(() -> address(from, rowsFrom, row));
        }
        for (int bit = LANES / 2; bit > 0; bit /= 2) {
            for (int lane = 0; lane < LANES; lane++) {
                if ((lane & bit) == 0) {
                    int a = rows[lane];
                    int b = rows[lane + bit];
                    rows[lane] = vectors.lower(a, b, bit);
                    rows[lane + bit] = vectors.upper(a, b, bit);
                }
            }
        }
        for (int lane = 0; lane < LANES; lane++) {
            int row = StripVector.column(lane);
            vectors.store(rows[lane], () -> address(to, rowsTo, row));
        }
    }
}
