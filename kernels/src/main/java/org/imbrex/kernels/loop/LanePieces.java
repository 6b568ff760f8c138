package org.imbrex.kernels.loop;

import static java.lang.constant.ConstantDescs.CD_int;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import java.util.function.IntConsumer;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.type.DType;

/** Accumulators in vectors, a row of lanes in one or more of them, and what is done with them in a slot. */
final class LanePieces {
    private static final ClassDesc SHUFFLE = ClassDesc.of("jdk.incubator.vector.VectorShuffle");
    private static final ClassDesc SHUFFLES = ClassDesc.of(LanePieces.class.getPackageName(), "Shuffles");

    private final LaneSlots slots;
    private final CodeBuilder code;
    private final boolean[] moving;
    private final int[] at;
    private final int element;
    private final VectorMemory memory;
    private final int[][] accumulator;
    private final int[] held;
    private final int lanes;

    LanePieces(LaneSlots slots, boolean[] moving, int[] at, int element, VectorMemory memory, int parts, int lanes) {
        this(slots, moving, at, element, memory, parts, lanes, new int[slots.frame.loads()]);
        Arrays.setAll(held, load -> moving[load] ? -1 : code.allocateLocal(TypeKind.REFERENCE));
    }

    private LanePieces(
            LaneSlots slots,
            boolean[] moving,
            int[] at,
            int element,
            VectorMemory memory,
            int parts,
            int lanes,
            int[] held) {
        this.slots = slots;
        this.code = slots.code;
        this.moving = moving;
        this.at = at;
        this.element = element;
        this.memory = memory;
        this.accumulator = new int[parts][slots.dense.size()];
        this.lanes = lanes;
        this.held = held;
        for (int[] part : accumulator) {
            Arrays.setAll(part, k -> code.allocateLocal(TypeKind.REFERENCE));
        }
    }

    /** The same elements' pieces with accumulators of their own. */
    LanePieces beside() {
        return new LanePieces(slots, moving, at, element, memory, accumulator.length, lanes, held);
    }

    void store(int part, int k, Runnable address) {
        code.aload(accumulator[part][k]);
        memory.store(slots.dense.get(k), address);
    }

    /** Reads what is the same in all elements of a slot: C2 gives up on a leaf of many reads. */
    void hold() {
        VectorCode vector = new VectorCode(code, slots.step, lanes, (v, leaf) -> {});
        for (int load = 0; load < held.length; load++) {
            if (!moving[load]) {
                DType dtype = slots.spec.loads().get(load);
                code.lload(at[load]);
                VectorMemory.read(code, dtype);
                vector.broadcast(dtype.scalar());
                code.astore(held[load]);
            }
        }
    }

    void identities() {
        VectorCode vector = new VectorCode(code, slots.step, lanes, (v, leaf) -> {});
        for (int[] part : accumulator) {
            for (int k = 0; k < part.length; k++) {
                ScalarType type = slots.dense.get(k).scalar();
                ScalarCode.constant(code, type, slots.spec.combines().get(k).identity(type));
                vector.broadcast(type);
                code.astore(part[k]);
            }
        }
    }

    /** One vector of elements, at {@code offset} elements from the slot's start and the loop's element. */
    void step(int part, int offset, boolean loop) {
        step(slots.step, part, offset, loop);
    }

    /** The first vector of elements, combined with nothing: an identity would change nothing. */
    void first(int part, int offset) {
        step(slots.alone, part, offset, false);
    }

    private void step(Body of, int part, int offset, boolean loop) {
        VectorCode body = new VectorCode(code, of, lanes, (vector, leaf) -> leaf(vector, leaf, part, offset, loop));
        body.emit();
        for (int k = 0; k < accumulator[part].length; k++) {
            body.push(of.results().get(k));
            code.astore(accumulator[part][k]);
        }
    }

    private void leaf(VectorCode vector, Instr leaf, int part, int offset, boolean loop) {
        if (leaf.op() == Op.INDEX) {
            int number = slots.frame.index(Arrays.binarySearch(slots.axes, (int) leaf.imm()));
            code.lload(at[number]);
            if (moving[number]) {
                elements(offset, loop, 1);
            }
            MapBytecode.index(vector, code, leaf.type(), moving[number]);
        } else if (leaf.imm() >= slots.frame.loads()) {
            int k = (int) leaf.imm() - slots.frame.loads();
            code.aload(accumulator[part][k]);
            Known.vector(code, slots.dense.get(k).scalar(), lanes);
        } else {
            int slot = (int) leaf.imm();
            DType dtype = slots.spec.loads().get(slot);
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
            code.iload(element);
            Range.element(code, bytes);
        }
    }

    /** Each lane of a run of a leaf's rows with that of the next run. */
    void join(LanePieces second) {
        Body pairs = Bodies.pairs(slots.spec::combine, slots.spec.types());
        for (int part = 0; part < accumulator.length; part++) {
            int[] right = second.accumulator[part];
            combine(pairs, accumulator[part], k -> code.aload(right[k]));
        }
    }

    /** From the lanes to the leaf's value by halves, as vectors, which have no branches to predict. */
    void fold(int[] out) {
        Body pairs = Bodies.pairs(slots.spec::combine, slots.spec.types());
        for (int half = accumulator.length / 2; half >= 1; half /= 2) {
            for (int part = 0; part < half; part++) {
                int[] left = accumulator[part];
                int[] right = accumulator[part + half];
                combine(pairs, left, k -> code.aload(right[k]));
            }
        }
        int[] all = accumulator[0];
        for (int by = lanes / 2; by >= 1; by /= 2) {
            int moved = by;
            combine(pairs, all, k -> {
                ScalarType type = slots.dense.get(k).scalar();
                ClassDesc vector = Lanes.vector(type);
                code.aload(all[k])
                        .getstatic(SHUFFLES, type + "_" + lanes + "_" + moved, SHUFFLE)
                        .invokevirtual(vector, "rearrange", MethodTypeDesc.of(vector, SHUFFLE));
            });
        }
        for (int k = 0; k < out.length; k++) {
            ScalarType type = slots.dense.get(k).scalar();
            code.aload(all[k])
                    .iconst_0()
                    .invokevirtual(
                            Lanes.vector(type), "lane", MethodTypeDesc.of(VectorCode.scalar(type), CD_int));
            code.lload(out[k]);
            VectorMemory.write(code, slots.dense.get(k));
        }
    }

    /** {@code left = combine(left, right)} for each accumulator. */
    private void combine(Body pairs, int[] left, IntConsumer pushRight) {
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
}
