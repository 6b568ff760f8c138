package org.imbrex.kernels.loop;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.util.Arrays;
import java.util.List;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.stage.Combine;

/** Loops over slots by vectors: whole leaves of one column, one or many, or rows of lanes of several columns. */
final class LaneVectors {
    private static final int ROWS = CanonicalTree.LEAF / CanonicalTree.LANES;
    /** Instructions of a leaf that is written out row by row; C2 stops inlining in longer ones, and calls instead. */
    private static final int UNROLLED = 320;

    /** Instructions of vectors beside each other. */
    private static final int SMALL = 80;

    /** Vectors of places beside each other, so that memory comes in runs of several cache lines. */
    private static final int WIDE = 4;

    /** Leaves in flight where a combination is several instructions that wait for each other, as MIN is. */
    private static final int TOGETHER = 4;
    /** Instructions of a method, all its loops together: see {@link LaneLoop#takes}. */
    private static final int WRITTEN = 200;

    /** Vectors of accumulators, unless there are more results, where any order does: twelve leave too few of 16 registers. */
    private static final int ACCUMULATORS = 6;

    /** Instructions of a turn, where any order does. */
    private static final int TURN = 120;

    /** Runs of a leaf's rows beside each other, where their order does not tell. */
    private static final int RUNS = 4;

    private final CodeBuilder code;
    private final LaneSlots slots;
    private final boolean[] moving;
    private final int lanes;

    /** Loops to be emitted; {@code moving} tells which loads and indices move by one from element to element. */
    LaneVectors(CodeBuilder code, LaneSpec spec, boolean[] moving) {
        this.code = code;
        this.slots = new LaneSlots(code, spec, true);
        this.moving = moving;
        this.lanes = lanes(spec);
    }

    /** At most 8, so that a row of lanes is whole vectors. */
    static int lanes(LaneSpec spec) {
        return Math.min(CanonicalTree.LANES, Lanes.of(List.of(spec.step()), spec.loads(), spec.dense()));
    }

    /** Slots of any number of whole leaves, their elements in any order. */
    void anyOrder() {
        int[] next = new int[slots.frame.loads() + slots.frame.indices()];
        int[] at = slots.starts(next);
        int[] out = slots.outs();
        int end = MapBytecode.intFromFrame(code, slots.frame.toElement());
        int element = code.allocateLocal(TypeKind.INT);
        VectorMemory memory = new VectorMemory(code, lanes);
        int vectors = CanonicalTree.LEAF / lanes;
        while (vectors > 1 && vectors * slots.step.instrs().size() > TURN) {
            vectors /= 2;
        }
        LanePieces[] runs = new LanePieces[Math.clamp(ACCUMULATORS / out.length, 1, Math.min(RUNS, vectors))];
        Arrays.setAll(runs, i -> i == 0
                ? new LanePieces(slots, moving, at, element, memory, 1, lanes)
                : runs[0].beside());
        int turn = vectors * lanes; // divides a leaf
        slots.slots(() -> {
            runs[0].hold();
            for (LanePieces run : runs) {
                run.identities();
            }
            code.iconst_0().istore(element);
            CountedLoop.emit(code, element, end, turn, () -> {
                for (int v = 0; v < turn / lanes; v++) {
                    runs[v % runs.length].step(0, v * lanes, true);
                }
            });
            for (int i = 1; i < runs.length; i++) {
                runs[0].join(runs[i]);
            }
            runs[0].fold(out);
            slots.advance(at, next);
            slots.advance(out);
        });
    }

    void leaves() {
        int[] next = new int[slots.frame.loads() + slots.frame.indices()];
        int[] at = slots.starts(next);
        int[] out = slots.outs();
        boolean waits = slots.spec.combines().contains(Combine.MIN) || slots.spec.combines().contains(Combine.MAX);
        int parts = CanonicalTree.LANES / lanes;
        boolean fits = (TOGETHER + 1) * parts * slots.step.instrs().size() <= WRITTEN;
        if (waits && fits && !slots.spec.guarded() && parts * slots.spec.combines().size() <= 2) {
            leaves(at, next, out, TOGETHER);
        }
        leaves(at, next, out, 1);
    }

    /** {@code together} leaves at a time, their rows in turn: one's combination need not wait for the one before. */
    private void leaves(int[] at, int[] next, int[] out, int together) {
        int parts = CanonicalTree.LANES / lanes;
        int element = code.allocateLocal(TypeKind.INT);
        VectorMemory memory = new VectorMemory(code, lanes);
        int[][] starts = new int[together][];
        LanePieces[] leaf = new LanePieces[together];
        for (int i = 0; i < together; i++) {
            starts[i] = i == 0 ? at : new int[at.length];
            for (int k = 0; k < at.length && i > 0; k++) {
                starts[i][k] = code.allocateLocal(TypeKind.LONG);
            }
            leaf[i] = new LanePieces(slots, moving, starts[i], element, memory, parts, lanes);
        }
        // without NaN, the order of MIN and MAX tells only between zeros: runs of rows may go beside each other
        boolean unrolled = together == 1
                && slots.spec.guarded()
                && slots.dense.size() <= 2
                && CanonicalTree.LEAF / lanes * slots.step.instrs().size() <= UNROLLED;
        LanePieces[] runs = new LanePieces[unrolled ? RUNS : 1];
        Arrays.setAll(runs, i -> i == 0 ? leaf[0] : leaf[0].beside());
        slots.slots(together, () -> {
            for (int i = 0; i < together; i++) {
                for (int k = 0; k < at.length && i > 0; k++) {
                    code.lload(starts[i - 1][k]).lload(next[k]).ladd();
                    Range.address(code);
                    code.lstore(starts[i][k]);
                }
                leaf[i].hold();
            }
            if (unrolled) {
                for (int row = 0; row < ROWS; row++) {
                    LanePieces of = runs[row * RUNS / ROWS];
                    for (int part = 0; part < parts; part++) {
                        int offset = row * CanonicalTree.LANES + part * lanes;
                        if (row % (ROWS / RUNS) == 0) {
                            of.first(part, offset);
                        } else {
                            of.step(part, offset, false);
                        }
                    }
                }
                for (int by = 1; by < RUNS; by *= 2) {
                    for (int i = 0; i < RUNS; i += 2 * by) {
                        runs[i].join(runs[i + by]);
                    }
                }
            } else {
                for (LanePieces one : leaf) {
                    one.identities();
                }
                code.iconst_0().istore(element);
                CountedLoop.emit(
                        code, element, () -> code.loadConstant(CanonicalTree.LEAF), CanonicalTree.LANES, () -> {
                            for (LanePieces one : leaf) {
                                for (int part = 0; part < parts; part++) {
                                    one.step(part, part * lanes, true);
                                }
                            }
                            Rising.here(code);
                        });
            }
            for (LanePieces one : leaf) {
                one.fold(out);
                slots.advance(at, next);
                slots.advance(out);
            }
        });
    }

    void lanes() {
        int[] next = new int[slots.frame.loads() + slots.frame.indices()];
        int[] at = slots.starts(next);
        int[] out = slots.outs();
        int last = MapBytecode.intFromFrame(code, slots.frame.toElement());
        int width = MapBytecode.intFromFrame(code, slots.frame.width());
        int rows = code.allocateLocal(TypeKind.INT);
        code.iload(last).iload(width).idiv().istore(rows);
        int place = code.allocateLocal(TypeKind.INT);
        int element = code.allocateLocal(TypeKind.INT);
        VectorMemory memory = new VectorMemory(code, lanes);
        LanePieces one = new LanePieces(slots, moving, at, element, memory, 1, lanes);
        boolean small = WIDE * slots.step.instrs().size() <= SMALL && slots.dense.size() <= 2;
        LanePieces several = new LanePieces(slots, moving, at, element, memory, WIDE, lanes);
        slots.slots(() -> {
            code.iconst_0().istore(place);
            if (small) {
                places(several, WIDE, place, width, element, rows, out);
            }
            places(one, 1, place, width, element, rows, out);
            slots.advance(at, next);
            slots.advance(out);
        });
    }

    /** So many vectors of places beside each other, as long as there are: memory comes in longer runs. */
    private void places(LanePieces pieces, int wide, int place, int width, int element, int rows, int[] out) {
        int limit = code.allocateLocal(TypeKind.INT);
        int row = code.allocateLocal(TypeKind.INT);
        code.iload(width).loadConstant(wide * lanes - 1).isub().istore(limit);
        CountedLoop.emit(code, place, limit, wide * lanes, () -> {
            pieces.hold();
            pieces.identities();
            code.iload(place).istore(element).iconst_0().istore(row);
            CountedLoop.emit(code, row, rows, 1, () -> {
                for (int part = 0; part < wide; part++) {
                    pieces.step(part, part * lanes, true);
                }
                Rising.here(code);
                code.iload(element).iload(width).iadd().istore(element);
            });
            for (int part = 0; part < wide; part++) {
                int shift = part * lanes;
                for (int k = 0; k < out.length; k++) {
                    int accumulator = k;
                    pieces.store(part, k, () -> {
                        slots.place(out[accumulator], place, slots.dense.get(accumulator));
                        code.loadConstant((long) shift * slots.dense.get(accumulator).bytes()).ladd();
                    });
                }
            }
        });
    }
}
