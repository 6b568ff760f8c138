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
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.type.DType;

/**
 * The bytecode of {@link MatVecLoop} for rows whose elements lie together. The order of a sum forbids vectors along a
 * row, so {@code lanes} rows times as many columns or half as many are turned in registers at a time, and rows are lanes.
 * Pairs of rows change halves, quarters, … With half as many columns the halves cost no permutation: a row of the upper half
 * is loaded half a vector early, so that its elements are in their lanes at once. What is loaded beyond the columns that a
 * turn takes lies in the same row, as the first half vector of columns and the last few belong to scalar code. Where
 * no instruction selects from two vectors, a change is a permutation, or for neighbours of four bytes a shift, and a blend.
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

    /**
     * How rows are turned.
     *
     * @param lanes rows at a time
     * @param whole whether there are as many columns as lanes
     * @param selects whether an instruction selects from two vectors, which AVX-512 has
     */
    record Turn(DType dtype, int lanes, boolean whole, boolean selects) {
        int columns() {
            return whole ? lanes : lanes / 2;
        }

        /** What elements are while they change lanes: where an instruction selects, integers. */
        DType moved() {
            return !selects ? dtype : dtype.bytes() == 8 ? DType.I64 : DType.I32;
        }

        /** The column that the first turn begins at. */
        int first() {
            return lanes - columns();
        }
    }

    private TurnedBytecode(CodeBuilder code, DType dtype, int lanes) {
        this.code = code;
        this.dtype = dtype;
        this.lanes = lanes;
        this.chains = new ChainCode(code, dtype, lanes);
        this.kind = chains.kind();
        this.vector = Lanes.vector(dtype.scalar());
    }

    /**
     * {@code groups} times the turn's rows times the vector in a, from the turn's first column on, where b has the chains
     * so far. Ends within a block: b takes the chains, then the sums of the blocks before.
     */
    static PanelCode turned(Turn turn, int groups) {
        List<Object> constants = new ArrayList<>();
        for (int distance = turn.lanes / 2; distance > 0; distance /= 2) {
            boolean early = !turn.whole && distance == turn.lanes / 2;
            constants.addAll(turn.selects && !early ? selections(turn, distance) : exchanges(turn, distance));
        }
        return PanelCode.define(
                "TurnedDot", constants, code -> new TurnedBytecode(code, turn.dtype, turn.lanes).turn(turn, groups));
    }

    /** Where in two rows, the second one behind the first, what they hold after the change comes from. */
    private static List<Object> selections(Turn turn, int distance) {
        long[] low = new long[turn.lanes];
        long[] high = new long[turn.lanes];
        for (int lane = 0; lane < turn.lanes; lane++) {
            boolean upper = (lane & distance) != 0;
            low[lane] = upper ? turn.lanes + lane - distance : lane;
            high[lane] = upper ? turn.lanes + lane : lane + distance;
        }
        VectorSpecies<?> integers = species(turn.moved(), turn.lanes);
        return List.of(places(integers, low), places(integers, high));
    }

    private static Object places(VectorSpecies<?> integers, long[] places) {
        return integers.elementType() == long.class
                ? LongVector.fromArray(integers.check(long.class), places, 0)
                : IntVector.fromArray(
                        integers.check(int.class), Arrays.stream(places).mapToInt(Math::toIntExact).toArray(), 0);
    }

    private static List<Object> exchanges(Turn turn, int distance) {
        boolean[] upper = new boolean[turn.lanes];
        for (int lane = 0; lane < turn.lanes; lane++) {
            upper[lane] = (lane & distance) != 0;
        }
        VectorSpecies<?> species = species(turn.moved(), turn.lanes);
        return List.of(
                VectorShuffle.fromOp(species, lane -> lane ^ distance), VectorMask.fromArray(species, upper, 0));
    }

    private static VectorSpecies<?> species(DType dtype, int lanes) {
        VectorShape shape = VectorShape.forBitSize(lanes * dtype.bytes() * 8);
        return switch (dtype.scalar()) {
            case F32 -> VectorSpecies.of(float.class, shape);
            case F64 -> VectorSpecies.of(double.class, shape);
            case I32 -> VectorSpecies.of(int.class, shape);
            default -> VectorSpecies.of(long.class, shape);
        };
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

    private void turn(Turn turn, int groups) {
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
            boolean upper = row % lanes >= lanes / 2;
            code.lload(m).loadConstant(upper ? (long) turn.first() * dtype.bytes() : 0L).lsub();
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
        code.iconst_0().istore(from).loadConstant(turn.first()).istore(k);
        Label block = code.newLabel();
        Label done = code.newLabel();
        code.labelBinding(block).iload(count).iload(from).loadConstant(MatMulStage.BLOCK).iadd();
        code.invokestatic(ClassDesc.of("java.lang.Math"), "min", MethodTypeDesc.of(CD_int, CD_int, CD_int));
        code.istore(end);
        CountedLoop.emit(code, k, end, turn.columns(), () -> {
            for (int group = 0; group < groups; group++) {
                int[] columns = columns(turn, rows, group * lanes, k);
                for (int column = 0; column < columns.length; column++) {
                    PanelLoops.element(code, dtype, x, k, column);
                    chains.broadcast();
                    chains.multiplyAdd(columns[column], stored(), chain[group]);
                }
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

    /** The next columns of a group of rows, in locals. */
    private int[] columns(Turn turn, int[] rows, int first, int k) {
        ClassDesc type = Lanes.vector(turn.moved().scalar());
        int[] square = new int[turn.columns()];
        for (int row = 0; row < square.length; row++) {
            load(turn.moved(), rows[first + row], k);
            if (!turn.whole) {
                load(turn.moved(), rows[first + row + lanes / 2], k);
                blend(type, 0);
            }
            square[row] = stored();
        }
        int constants = turn.whole ? 0 : 2;
        for (int distance = square.length / 2; distance > 0; distance /= 2) {
            for (int row = 0; row < square.length; row++) {
                if ((row & distance) == 0) {
                    int low = square[row];
                    int high = square[row | distance];
                    if (turn.selects) {
                        square[row] = selected(type, constants, low, high);
                        square[row | distance] = selected(type, constants + 1, low, high);
                    } else {
                        square[row] = exchanged(constants, distance, low, high, true);
                        square[row | distance] = exchanged(constants, distance, low, high, false);
                    }
                }
            }
            constants += 2;
        }
        if (!type.equals(vector)) {
            String back = dtype == DType.F32 ? "reinterpretAsFloats" : "reinterpretAsDoubles";
            for (int column = 0; column < square.length; column++) {
                code.aload(square[column]).invokevirtual(type, back, MethodTypeDesc.of(vector)).astore(square[column]);
            }
        }
        return square;
    }

    /** Of two rows, the elements at the places that a constant says. */
    private int selected(ClassDesc type, int constant, int low, int high) {
        code.loadConstant(PanelCode.constant(constant, type))
                .aload(low)
                .aload(high)
                .invokevirtual(type, "selectFrom", MethodTypeDesc.of(type, Lanes.VECTOR, Lanes.VECTOR));
        return stored();
    }

    /** One of two rows after they have changed lanes by permutation: the other's that come are moved, then blended in. */
    private int exchanged(int constants, int distance, int low, int high, boolean first) {
        code.aload(low);
        if (first) {
            code.aload(high);
            move(distance, constants, "LSHL");
        } else {
            move(distance, constants, "LSHR");
            code.aload(high);
        }
        blend(vector, constants);
        return stored();
    }

    private void load(DType as, int row, int k) {
        new VectorMemory(code, lanes).load(null, as, () -> {
            code.lload(row).iload(k);
            Range.element(code, as.bytes());
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
    private void blend(ClassDesc type, int constants) {
        code.loadConstant(PanelCode.constant(constants + 1, Lanes.MASK))
                .invokevirtual(type, "blend", MethodTypeDesc.of(type, Lanes.VECTOR, Lanes.MASK));
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
