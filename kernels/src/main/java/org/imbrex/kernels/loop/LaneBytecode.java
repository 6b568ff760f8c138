package org.imbrex.kernels.loop;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.type.DType;

/**
 * The bytecode of loops over slots, each a leaf or a part of one whose lanes are combined. A slot may have several
 * columns, whose elements lie together in rows: then element e of the slot belongs to place e mod width, where width
 * is 8 times the columns.
 */
final class LaneBytecode {
    private static final int ROWS = CanonicalTree.LEAF / CanonicalTree.LANES;
    /** Instructions of a leaf that is written out row by row; C2 stops inlining in longer ones, and calls instead. */
    private static final int UNROLLED = 320;

    /** Instructions of vectors beside each other. */
    private static final int SMALL = 80;

    /** Vectors of places beside each other, so that memory comes in runs of several cache lines. */
    private static final int WIDE = 4;

    /** Leaves in flight where a combination is several instructions that wait for each other, as MIN is. */
    private static final int TOGETHER = 4;

    private static final ClassDesc SHUFFLE = ClassDesc.of("jdk.incubator.vector.VectorShuffle");
    private static final ClassDesc SHUFFLES = ClassDesc.of(LaneBytecode.class.getPackageName(), "Shuffles");
    private static final ClassDesc HERE = ClassDesc.of(LaneBytecode.class.getPackageName(), "LaneBytecode");

    private final CodeBuilder code;
    private final LaneSpec spec;
    private final LaneFrame frame;
    private final int[] axes;
    private final Body step;
    private final List<DType> dense;

    private LaneBytecode(CodeBuilder code, LaneSpec spec, boolean vector) {
        this.code = code;
        this.spec = spec;
        this.axes = LoopSpec.axes(spec.body());
        this.frame = new LaneFrame(spec.loads().size(), axes.length, spec.combines().size());
        this.step = vector ? Legal.of(spec.step()) : spec.step();
        this.dense = spec.dense();
    }

    /** Lanes in memory, any steps; starts them at the identity where the first element is 0, and goes on elsewhere. */
    static Loop scalar(LaneSpec spec) {
        return HiddenLoop.define("ScalarLanes", null, code -> new LaneBytecode(code, spec, false).scalar());
    }

    /** Whole leaves, one column: lanes in registers, and the leaf's value written. */
    static Loop leaves(LaneSpec spec, boolean[] moving) {
        return HiddenLoop.define("VectorLeaves", null, code -> new LaneBytecode(code, spec, true).leaves(moving));
    }

    /** Rows of any width, any number of them: lanes in registers, one vector of the width after another. */
    static Loop lanes(LaneSpec spec, boolean[] moving) {
        return HiddenLoop.define("VectorLanes", null, code -> new LaneBytecode(code, spec, true).lanes(moving));
    }

    /** Sets {@code count} elements of 4 or 8 bytes. */
    static void fill(long address, int count, int bytes, long bits) {
        for (int i = 0; i < count; i++) {
            if (bytes == 4) {
                Memory.put32((int) bits, address + 4L * i);
            } else {
                Memory.put64(bits, address + 8L * i);
            }
        }
    }

    // ---- scalar

    private void scalar() {
        int[] start = new int[frame.loads() + frame.indices()];
        int[] at = new int[start.length];
        int[] next = new int[start.length];
        int[] by = new int[start.length];
        for (int k = 0; k < start.length; k++) {
            next[k] = MapBytecode.longFromFrame(code, frame.slotStep(k));
            by[k] = MapBytecode.longFromFrame(code, frame.elementStep(k));
            start[k] = slotStart(k, next[k]);
            at[k] = code.allocateLocal(TypeKind.LONG);
        }
        int[] out = outs();
        int first = intFromFrame(frame.fromElement());
        int last = intFromFrame(frame.toElement());
        int width = intFromFrame(frame.width());
        int element = code.allocateLocal(TypeKind.INT);
        int lane = code.allocateLocal(TypeKind.INT);
        slots(() -> {
            Label goesOn = code.newLabel();
            code.iload(first).branch(Opcode.IFNE, goesOn);
            for (int k = 0; k < out.length; k++) {
                ScalarType type = dense.get(k).scalar();
                code.lload(out[k])
                        .iload(width)
                        .loadConstant(type.bytes())
                        .loadConstant(spec.combines().get(k).identity(type))
                        .invokestatic(HERE, "fill", MethodTypeDesc.of(CD_void, CD_long, CD_int, CD_int, CD_long));
            }
            code.labelBinding(goesOn);
            for (int k = 0; k < at.length; k++) {
                code.lload(start[k]).iload(first).i2l().lload(by[k]).lmul().ladd().lstore(at[k]);
            }
            code.iload(first).istore(element);
            code.iload(first).iload(width).irem().istore(lane);
            CountedLoop.emit(code, element, last, 1, () -> {
                ScalarCode body = new ScalarCode(code, step, leaf -> {
                    if (leaf.op() == Op.INDEX) {
                        code.lload(at[frame.index(Arrays.binarySearch(axes, (int) leaf.imm()))]);
                    } else if (leaf.imm() < frame.loads()) {
                        code.lload(at[(int) leaf.imm()]);
                        MapBytecode.read(code, spec.loads().get((int) leaf.imm()));
                    } else {
                        int k = (int) leaf.imm() - frame.loads();
                        place(out[k], lane, dense.get(k));
                        MapBytecode.read(code, dense.get(k));
                    }
                });
                body.emit();
                for (int k = 0; k < out.length; k++) {
                    body.push(step.results().get(k));
                    place(out[k], lane, dense.get(k));
                    MapBytecode.write(code, dense.get(k));
                }
                for (int k = 0; k < at.length; k++) {
                    code.lload(at[k]).lload(by[k]).ladd().lstore(at[k]);
                }
                Label same = code.newLabel();
                code.iinc(lane, 1).iload(lane).iload(width).branch(Opcode.IF_ICMPLT, same);
                code.iconst_0().istore(lane).labelBinding(same);
            });
            advance(start, next);
            advance(out);
        });
    }

    private void place(int pointer, int lane, DType dtype) {
        code.lload(pointer).iload(lane).loadConstant(dtype.bytes()).imul().i2l().ladd();
    }

    // ---- vectors

    private void leaves(boolean[] moving) {
        int lanes = lanes(spec);
        int[] next = new int[frame.loads() + frame.indices()];
        int[] at = starts(next);
        int[] out = outs();
        boolean waits = spec.combines().contains(Combine.MIN) || spec.combines().contains(Combine.MAX);
        if (waits && !spec.guarded() && CanonicalTree.LANES / lanes * spec.combines().size() <= 2) {
            leaves(moving, lanes, at, next, out, TOGETHER);
        }
        leaves(moving, lanes, at, next, out, 1);
    }

    /** {@code together} leaves at a time, their rows in turn: one's combination need not wait for the one before. */
    private void leaves(boolean[] moving, int lanes, int[] at, int[] next, int[] out, int together) {
        int parts = CanonicalTree.LANES / lanes;
        int element = code.allocateLocal(TypeKind.INT);
        VectorMemory memory = new VectorMemory(code, lanes);
        int[][] starts = new int[together][];
        Pieces[] leaf = new Pieces[together];
        for (int i = 0; i < together; i++) {
            starts[i] = i == 0 ? at : new int[at.length];
            for (int k = 0; k < at.length && i > 0; k++) {
                starts[i][k] = code.allocateLocal(TypeKind.LONG);
            }
            leaf[i] = new Pieces(moving, starts[i], element, memory, parts, lanes);
        }
        // without NaN, the order of MIN and MAX tells only between zeros: halves may run beside each other
        boolean unrolled = together == 1
                && spec.guarded()
                && dense.size() <= 2
                && CanonicalTree.LEAF / lanes * step.instrs().size() <= UNROLLED;
        Pieces rest = unrolled ? new Pieces(moving, at, element, memory, parts, lanes) : leaf[0];
        slots(together, () -> {
            if (rest != leaf[0]) {
                rest.begin();
            }
            for (int i = 0; i < together; i++) {
                for (int k = 0; k < at.length && i > 0; k++) {
                    code.lload(starts[i - 1][k]).lload(next[k]).ladd().lstore(starts[i][k]);
                }
                leaf[i].begin();
            }
            if (unrolled) {
                for (int row = 0; row < ROWS; row++) {
                    for (int part = 0; part < parts; part++) {
                        Pieces of = row < ROWS / 2 ? leaf[0] : rest;
                        of.step(part, row * CanonicalTree.LANES + part * lanes, false);
                    }
                }
                if (rest != leaf[0]) {
                    joined(leaf[0].accumulator, rest.accumulator, lanes);
                }
            } else {
                code.iconst_0().istore(element);
                CountedLoop.emit(
                        code, element, () -> code.loadConstant(CanonicalTree.LEAF), CanonicalTree.LANES, () -> {
                            for (Pieces one : leaf) {
                                for (int part = 0; part < parts; part++) {
                                    one.step(part, part * lanes, true);
                                }
                            }
                        });
            }
            for (Pieces one : leaf) {
                fold(one.accumulator, out, lanes);
                advance(at, next);
                advance(out);
            }
        });
    }

    private void lanes(boolean[] moving) {
        int lanes = lanes(spec);
        int[] next = new int[frame.loads() + frame.indices()];
        int[] at = starts(next);
        int[] out = outs();
        int last = intFromFrame(frame.toElement());
        int width = intFromFrame(frame.width());
        int rows = code.allocateLocal(TypeKind.INT);
        code.iload(last).iload(width).idiv().istore(rows);
        int place = code.allocateLocal(TypeKind.INT);
        int element = code.allocateLocal(TypeKind.INT);
        VectorMemory memory = new VectorMemory(code, lanes);
        Pieces one = new Pieces(moving, at, element, memory, 1, lanes);
        boolean small = WIDE * step.instrs().size() <= SMALL && dense.size() <= 2;
        Pieces several = new Pieces(moving, at, element, memory, WIDE, lanes);
        slots(() -> {
            code.iconst_0().istore(place);
            if (small) {
                places(several, WIDE, lanes, place, width, element, rows, out);
            }
            places(one, 1, lanes, place, width, element, rows, out);
            advance(at, next);
            advance(out);
        });
    }

    /** So many vectors of places beside each other, as long as there are: memory comes in longer runs. */
    private void places(Pieces pieces, int wide, int lanes, int place, int width, int element, int rows, int[] out) {
        int limit = code.allocateLocal(TypeKind.INT);
        int row = code.allocateLocal(TypeKind.INT);
        code.iload(width).loadConstant(wide * lanes - 1).isub().istore(limit);
        CountedLoop.emit(code, place, limit, wide * lanes, () -> {
            pieces.begin();
            code.iload(place).istore(element).iconst_0().istore(row);
            CountedLoop.emit(code, row, rows, 1, () -> {
                for (int part = 0; part < wide; part++) {
                    pieces.step(part, part * lanes, true);
                }
                code.iload(element).iload(width).iadd().istore(element);
            });
            for (int part = 0; part < wide; part++) {
                int shift = part * lanes;
                for (int k = 0; k < out.length; k++) {
                    int accumulator = k;
                    pieces.store(part, k, () -> {
                        place(out[accumulator], place, dense.get(accumulator));
                        code.loadConstant((long) shift * dense.get(accumulator).bytes()).ladd();
                    });
                }
            }
        });
    }

    /** Locals with each entry's start, and in {@code next} its step from slot to slot. */
    private int[] starts(int[] next) {
        int[] at = new int[next.length];
        for (int k = 0; k < at.length; k++) {
            next[k] = MapBytecode.longFromFrame(code, frame.slotStep(k));
            at[k] = slotStart(k, next[k]);
        }
        return at;
    }

    /** At most 8, so that a row of lanes is whole vectors. */
    static int lanes(LaneSpec spec) {
        return Math.min(CanonicalTree.LANES, Lanes.of(List.of(spec.step()), spec.loads(), spec.dense()));
    }

    private final class Pieces {
        private final boolean[] moving;
        private final int[] at;
        private final int element;
        private final VectorMemory memory;
        private final int[][] accumulator;
        private final int[] held;
        private final int lanes;

        Pieces(boolean[] moving, int[] at, int element, VectorMemory memory, int parts, int lanes) {
            this.moving = moving;
            this.at = at;
            this.element = element;
            this.memory = memory;
            this.accumulator = new int[parts][dense.size()];
            this.lanes = lanes;
            for (int[] part : accumulator) {
                Arrays.setAll(part, k -> code.allocateLocal(TypeKind.REFERENCE));
            }
            this.held = new int[frame.loads()];
            Arrays.setAll(held, load -> moving[load] ? -1 : code.allocateLocal(TypeKind.REFERENCE));
        }

        void store(int part, int k, Runnable address) {
            code.aload(accumulator[part][k]);
            memory.store(dense.get(k), address);
        }

        /** Identities, and what is the same in all elements of a slot: C2 gives up on a leaf of many reads. */
        void begin() {
            VectorCode vector = new VectorCode(code, step, lanes, (v, leaf) -> {});
            for (int load = 0; load < held.length; load++) {
                if (!moving[load]) {
                    DType dtype = spec.loads().get(load);
                    code.lload(at[load]);
                    MapBytecode.read(code, dtype);
                    vector.broadcast(dtype.scalar());
                    code.astore(held[load]);
                }
            }
            for (int[] part : accumulator) {
                for (int k = 0; k < part.length; k++) {
                    ScalarType type = dense.get(k).scalar();
                    ScalarCode.constant(code, type, spec.combines().get(k).identity(type));
                    vector.broadcast(type);
                    code.astore(part[k]);
                }
            }
        }

        /** One vector of elements, at {@code offset} elements from the slot's start and the loop's element. */
        void step(int part, int offset, boolean loop) {
            VectorCode body = new VectorCode(code, step, lanes, (vector, leaf) -> leaf(vector, leaf, part, offset, loop));
            body.emit();
            for (int k = 0; k < accumulator[part].length; k++) {
                body.push(step.results().get(k));
                code.astore(accumulator[part][k]);
            }
        }

        private void leaf(VectorCode vector, Instr leaf, int part, int offset, boolean loop) {
            if (leaf.op() == Op.INDEX) {
                int number = frame.index(Arrays.binarySearch(axes, (int) leaf.imm()));
                code.lload(at[number]);
                if (moving[number]) {
                    elements(offset, loop, 1);
                }
                MapBytecode.index(vector, code, moving[number]);
            } else if (leaf.imm() >= frame.loads()) {
                code.aload(accumulator[part][(int) leaf.imm() - frame.loads()]);
            } else {
                int slot = (int) leaf.imm();
                DType dtype = spec.loads().get(slot);
                if (moving[slot]) {
                    memory.load(vector, dtype, () -> {
                        code.lload(at[slot]);
                        elements(offset, loop, dtype.bytes());
                    });
                } else {
                    code.aload(held[slot]);
                }
            }
        }

        private void elements(int offset, boolean loop, int bytes) {
            code.loadConstant((long) offset * bytes).ladd();
            if (loop) {
                code.iload(element).i2l().loadConstant((long) bytes).lmul().ladd();
            }
        }
    }

    /** Each lane of the first half of a leaf's rows with that of the second half. */
    private void joined(int[][] first, int[][] second, int lanes) {
        Body pairs = Bodies.pairs(spec::combine, spec.types());
        for (int part = 0; part < first.length; part++) {
            int[] right = second[part];
            combine(pairs, first[part], lanes, k -> code.aload(right[k]));
        }
    }

    /** From the lanes to the leaf's value by halves, as vectors, which have no branches to predict. */
    private void fold(int[][] accumulator, int[] out, int lanes) {
        Body pairs = Bodies.pairs(spec::combine, spec.types());
        for (int half = accumulator.length / 2; half >= 1; half /= 2) {
            for (int part = 0; part < half; part++) {
                int[] left = accumulator[part];
                int[] right = accumulator[part + half];
                combine(pairs, left, lanes, k -> code.aload(right[k]));
            }
        }
        int[] all = accumulator[0];
        for (int by = lanes / 2; by >= 1; by /= 2) {
            int moved = by;
            combine(pairs, all, lanes, k -> {
                ScalarType type = dense.get(k).scalar();
                ClassDesc vector = Lanes.vector(type);
                code.aload(all[k])
                        .getstatic(SHUFFLES, type + "_" + lanes + "_" + moved, SHUFFLE)
                        .invokevirtual(vector, "rearrange", MethodTypeDesc.of(vector, SHUFFLE));
            });
        }
        for (int k = 0; k < out.length; k++) {
            ScalarType type = dense.get(k).scalar();
            code.aload(all[k])
                    .iconst_0()
                    .invokevirtual(
                            Lanes.vector(type), "lane", MethodTypeDesc.of(VectorCode.scalar(type), CD_int));
            code.lload(out[k]);
            MapBytecode.write(code, dense.get(k));
        }
    }

    /** {@code left = combine(left, right)} for each accumulator. */
    private void combine(Body pairs, int[] left, int lanes, IntConsumer pushRight) {
        VectorCode body = new VectorCode(code, pairs, lanes, (vector, leaf) -> {
            int k = (int) leaf.imm() % left.length;
            if (leaf.imm() < left.length) {
                code.aload(left[k]);
            } else {
                pushRight.accept(k);
            }
        });
        body.emit();
        for (int k = 0; k < left.length; k++) {
            body.push(pairs.results().get(k));
            code.astore(left[k]);
        }
    }

    // ---- pieces

    private void slots(Runnable slot) {
        slots(1, slot);
    }

    /** As long as there are {@code count} more. */
    private void slots(int count, Runnable slot) {
        int limit = code.allocateLocal(TypeKind.INT);
        code.iload(HiddenLoop.TO).loadConstant(count - 1).isub().istore(limit);
        CountedLoop.emit(code, HiddenLoop.FROM, limit, count, slot);
    }

    /** A local with an entry's start in the slot {@code from}. */
    private int slotStart(int entry, int step) {
        int local = code.allocateLocal(TypeKind.LONG);
        MapBytecode.pushFrame(code, entry);
        code.iload(HiddenLoop.FROM).i2l().lload(step).lmul().ladd().lstore(local);
        return local;
    }

    private int[] outs() {
        int[] out = new int[frame.accumulators()];
        for (int k = 0; k < out.length; k++) {
            int step = MapBytecode.longFromFrame(code, frame.outStep(k));
            out[k] = slotStart(frame.out(k), step);
        }
        return out;
    }

    private void advance(int[] at, int[] step) {
        for (int k = 0; k < at.length; k++) {
            code.lload(at[k]).lload(step[k]).ladd().lstore(at[k]);
        }
    }

    private void advance(int[] out) {
        IntConsumer one = k -> {
            code.lload(out[k]);
            MapBytecode.pushFrame(code, frame.outStep(k));
            code.ladd().lstore(out[k]);
        };
        for (int k = 0; k < out.length; k++) {
            one.accept(k);
        }
    }

    private int intFromFrame(int entry) {
        int local = code.allocateLocal(TypeKind.INT);
        MapBytecode.pushFrame(code, entry);
        code.l2i().istore(local);
        return local;
    }
}
