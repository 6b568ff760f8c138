package org.imbrex.kernels.loop;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.type.DType;

/**
 * The bytecode of {@link MatVecLoop} for rows whose elements lie together. The order of a sum forbids vectors along a
 * row, so {@code lanes} rows times {@code lanes / 2} columns are turned in registers at a time, and rows are lanes.
 * Pairs of rows change halves, quarters, … The halves cost no permutation: a row of the upper half is loaded half a
 * vector early, so that its elements are in their lanes at once. Neighbours of four bytes change places by shifts.
 * What is loaded beyond the columns that a turn takes lies in the same row, as the first half vector of columns and the
 * last few belong to scalar code.
 */
final class TurnedBytecode {
    private static final ClassDesc LONGS = ClassDesc.of("jdk.incubator.vector.LongVector");
    private static final ClassDesc SHUFFLE = ClassDesc.of("jdk.incubator.vector.VectorShuffle");
    private static final ClassDesc BINARY = ClassDesc.of("jdk.incubator.vector.VectorOperators$Binary");

    private final CodeBuilder code;
    private final DType dtype;
    private final int lanes;
    private final TypeKind kind;
    private final ChainCode chains;
    private final ClassDesc vector;

    private TurnedBytecode(CodeBuilder code, DType dtype, int lanes) {
        this.code = code;
        this.dtype = dtype;
        this.lanes = lanes;
        this.chains = new ChainCode(code, dtype, lanes);
        this.kind = chains.kind();
        this.vector = Lanes.vector(dtype.scalar());
    }

    /**
     * {@code groups} times {@code lanes} rows times the vector in a, from column {@code lanes / 2} on, where b has the
     * chains so far. Ends within a block: b takes the chains, then the sums of the blocks before.
     */
    static PanelCode turned(DType dtype, int lanes, int groups) {
        VectorShape shape = VectorShape.forBitSize(lanes * dtype.bytes() * 8);
        VectorSpecies<?> species = switch (dtype.scalar()) {
            case F32 -> VectorSpecies.of(float.class, shape);
            case F64 -> VectorSpecies.of(double.class, shape);
            case I32 -> VectorSpecies.of(int.class, shape);
            default -> VectorSpecies.of(long.class, shape);
        };
        List<Object> constants = new ArrayList<>();
        for (int distance = lanes / 2; distance > 0; distance /= 2) {
            int d = distance;
            boolean[] upper = new boolean[lanes];
            for (int lane = 0; lane < lanes; lane++) {
                upper[lane] = (lane & d) != 0;
            }
            constants.add(VectorShuffle.fromOp(species, lane -> lane ^ d));
            constants.add(VectorMask.fromArray(species, upper, 0));
        }
        return PanelCode.define("TurnedDot", constants, code -> new TurnedBytecode(code, dtype, lanes).turned(groups));
    }

    /** The first COUNT columns of {@code rows} rows times the vector in a: b takes the chains. */
    static PanelCode start(DType dtype, int rows) {
        return PanelCode.define("StartDot", code -> new TurnedBytecode(code, dtype, 1).start(rows));
    }

    /**
     * The columns from FIRST to COUNT for {@code rows} rows times the vector in a, from what {@link #turned} leaves in
     * b; a block of k ends at FOLD or at COUNT.
     */
    static PanelCode finish(DType dtype, int rows) {
        return PanelCode.define("FinishDot", code -> new TurnedBytecode(code, dtype, 1).finish(rows));
    }

    private void turned(int groups) {
        int m = MapBytecode.longFromFrame(code, MatVecLoop.M);
        int pitch = MapBytecode.longFromFrame(code, MatVecLoop.PITCH);
        int count = MapBytecode.intFromFrame(code, MatVecLoop.COUNT);
        int x = PanelLoops.array(code, dtype, PanelCode.FIRST);
        int state = PanelLoops.array(code, dtype, PanelCode.SECOND);
        int[] sum = new int[groups];
        int[] chain = new int[groups];
        int[] rows = new int[groups * lanes];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = code.allocateLocal(TypeKind.LONG);
            boolean early = row % lanes >= lanes / 2;
            code.lload(m).loadConstant(early ? (long) lanes / 2 * dtype.bytes() : 0L).lsub();
            Range.address(code);
            code.lstore(rows[row]);
            code.lload(m).lload(pitch).ladd().lstore(m);
        }
        for (int group = 0; group < groups; group++) {
            sum[group] = chains.constant(ChainCode.neutral(dtype));
            chain[group] = code.allocateLocal(TypeKind.REFERENCE);
            int at = group * lanes;
            PanelLoops.fromArray(code, dtype, lanes, state, () -> code.loadConstant(at));
            code.astore(chain[group]);
        }
        int from = code.allocateLocal(TypeKind.INT);
        int k = code.allocateLocal(TypeKind.INT);
        int end = code.allocateLocal(TypeKind.INT);
        code.iconst_0().istore(from).loadConstant(lanes / 2).istore(k);
        Label block = code.newLabel();
        Label done = code.newLabel();
        code.labelBinding(block).iload(count).iload(from).loadConstant(MatMulStage.BLOCK).iadd();
        code.invokestatic(ClassDesc.of("java.lang.Math"), "min", MethodTypeDesc.of(CD_int, CD_int, CD_int));
        code.istore(end);
        CountedLoop.emit(code, k, end, lanes / 2, () -> {
            for (int group = 0; group < groups; group++) {
                group(rows, group * lanes, k, x, chain[group]);
            }
        });
        code.iload(end).istore(from).iload(end).iload(count).branch(Opcode.IF_ICMPGE, done);
        for (int group = 0; group < groups; group++) {
            chains.add(sum[group], chain[group]);
            chains.set(chain[group], 0);
        }
        code.branch(Opcode.GOTO, block).labelBinding(done);
        for (int group = 0; group < groups; group++) {
            int at = group * lanes;
            code.aload(chain[group]);
            PanelLoops.toArray(code, dtype, lanes, state, () -> code.loadConstant(at));
            code.aload(sum[group]);
            PanelLoops.toArray(code, dtype, lanes, state, () -> code.loadConstant(groups * lanes + at));
        }
    }

    /** Takes the next {@code lanes / 2} columns of a group of rows into its chain. */
    private void group(int[] rows, int first, int k, int x, int chain) {
        int[] square = new int[lanes / 2];
        for (int row = 0; row < square.length; row++) {
            load(rows[first + row], k);
            load(rows[first + row + lanes / 2], k);
            blend(0);
            square[row] = stored();
        }
        int constants = 2;
        for (int distance = lanes / 4; distance > 0; distance /= 2) {
            for (int row = 0; row < square.length; row++) {
                if ((row & distance) == 0) {
                    int low = square[row];
                    int high = square[row | distance];
                    code.aload(low).aload(high);
                    move(distance, constants, "LSHL");
                    blend(constants);
                    square[row] = stored();
                    code.aload(low);
                    move(distance, constants, "LSHR");
                    code.aload(high);
                    blend(constants);
                    square[row | distance] = stored();
                }
            }
            constants += 2;
        }
        for (int column = 0; column < square.length; column++) {
            PanelLoops.element(code, dtype, x, k, column);
            chains.broadcast();
            chains.multiplyAdd(square[column], stored(), chain);
        }
    }

    private void load(int row, int k) {
        new VectorMemory(code, lanes).load(null, dtype, () -> {
            code.lload(row).iload(k);
            Range.place(code);
            code.loadConstant((long) dtype.bytes()).lmul().ladd();
        });
    }

    private int stored() {
        int local = code.allocateLocal(TypeKind.REFERENCE);
        code.astore(local);
        return local;
    }

    /** Moves what is to be blended by a distance: where the two lanes are a long, by a shift, which is cheaper. */
    private void move(int distance, int constants, String shift) {
        if (distance > 1 || dtype.bytes() == 8) {
            code.loadConstant(PanelCode.constant(constants, SHUFFLE))
                    .invokevirtual(vector, "rearrange", MethodTypeDesc.of(vector, SHUFFLE));
            return;
        }
        String back = dtype == DType.F32 ? "reinterpretAsFloats" : "reinterpretAsInts";
        code.invokevirtual(vector, "reinterpretAsLongs", MethodTypeDesc.of(LONGS))
                .getstatic(Lanes.OPERATORS, shift, BINARY)
                .loadConstant(32L)
                .invokevirtual(LONGS, "lanewise", MethodTypeDesc.of(LONGS, BINARY, CD_long))
                .invokevirtual(LONGS, back, MethodTypeDesc.of(vector));
    }

    /** Of two vectors on the stack, the second's lanes where the mask of that number is set. */
    private void blend(int constants) {
        code.loadConstant(PanelCode.constant(constants + 1, Lanes.MASK))
                .invokevirtual(vector, "blend", MethodTypeDesc.of(vector, Lanes.VECTOR, Lanes.MASK));
    }

    private void start(int rows) {
        int m = MapBytecode.longFromFrame(code, MatVecLoop.M);
        int pitch = MapBytecode.longFromFrame(code, MatVecLoop.PITCH);
        int step = MapBytecode.longFromFrame(code, MatVecLoop.STEP);
        int count = MapBytecode.intFromFrame(code, MatVecLoop.COUNT);
        int x = PanelLoops.array(code, dtype, PanelCode.FIRST);
        int state = PanelLoops.array(code, dtype, PanelCode.SECOND);
        int chain = code.allocateLocal(kind);
        int k = code.allocateLocal(TypeKind.INT);
        rows(rows, row -> {
            chains.set(chain, 0);
            code.iconst_0().istore(k);
            chain(m, step, k, count, x, chain);
            code.aload(state).iload(row).loadLocal(kind, chain).arrayStore(kind);
            code.lload(m).lload(pitch).ladd().lstore(m);
        });
    }

    private void finish(int rows) {
        int m = MapBytecode.longFromFrame(code, MatVecLoop.M);
        int pitch = MapBytecode.longFromFrame(code, MatVecLoop.PITCH);
        int step = MapBytecode.longFromFrame(code, MatVecLoop.STEP);
        int fold = MapBytecode.intFromFrame(code, MatVecLoop.FOLD);
        int first = MapBytecode.intFromFrame(code, MatVecLoop.FIRST);
        int count = MapBytecode.intFromFrame(code, MatVecLoop.COUNT);
        int c = MapBytecode.longFromFrame(code, MatVecLoop.C);
        int cStep = MapBytecode.longFromFrame(code, MatVecLoop.C_STEP);
        int x = PanelLoops.array(code, dtype, PanelCode.FIRST);
        int state = PanelLoops.array(code, dtype, PanelCode.SECOND);
        int chain = code.allocateLocal(kind);
        int sum = code.allocateLocal(kind);
        int k = code.allocateLocal(TypeKind.INT);
        rows(rows, row -> {
            PanelLoops.element(code, dtype, state, row, 0);
            code.storeLocal(kind, chain).iload(first).istore(k);
            PanelLoops.element(code, dtype, state, row, rows);
            code.storeLocal(kind, sum);
            chain(m, step, k, fold, x, chain);
            Label within = code.newLabel();
            code.iload(fold).iload(count).branch(Opcode.IF_ICMPGE, within);
            chains.add(sum, chain);
            chains.set(chain, 0);
            chain(m, step, k, count, x, chain);
            code.labelBinding(within);
            chains.add(sum, chain);
            code.loadLocal(kind, sum).lload(c);
            VectorMemory.write(code, dtype);
            code.lload(c).lload(cStep).ladd().lstore(c);
            code.lload(m).lload(pitch).ladd().lstore(m);
        });
    }

    private void rows(int count, java.util.function.IntConsumer body) {
        int row = code.allocateLocal(TypeKind.INT);
        int all = code.allocateLocal(TypeKind.INT);
        code.loadConstant(count).istore(all).iconst_0().istore(row);
        CountedLoop.emit(code, row, all, 1, () -> body.accept(row));
    }

    /** Takes columns from k up to {@code count} of the row at m into its chain. */
    private void chain(int m, int step, int k, int count, int x, int chain) {
        int factor = code.allocateLocal(kind);
        int element = code.allocateLocal(kind);
        CountedLoop.emit(code, k, count, 1, () -> {
            PanelLoops.element(code, dtype, x, k, 0);
            code.storeLocal(kind, factor)
                    .lload(m)
                    .iload(k)
                    .i2l()
                    .lload(step)
                    .lmul()
                    .ladd();
            VectorMemory.read(code, dtype);
            code.storeLocal(kind, element);
            chains.multiplyAdd(element, factor, chain);
        });
    }
}
