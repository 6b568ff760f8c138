package org.imbrex.kernels.loop;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.util.List;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.type.DType;

/** What all loops over slots are made of: their frame's entries in locals, from slot to slot. */
final class LaneSlots {
    final CodeBuilder code;
    final LaneSpec spec;
    final LaneFrame frame;
    /** The axes whose indices the body asks for. */
    final int[] axes;
    /** An element and its combination with the accumulators. */
    final Body step;
    /** The element alone. */
    final Body alone;

    final List<DType> dense;

    LaneSlots(CodeBuilder code, LaneSpec spec, boolean vector) {
        this.code = code;
        this.spec = spec;
        this.axes = LoopSpec.axes(spec.body());
        this.frame = new LaneFrame(spec.loads().size(), axes.length, spec.combines().size());
        this.step = vector ? Legal.of(spec.step()) : spec.step();
        this.alone = vector ? Legal.of(spec.body()) : spec.body();
        this.dense = spec.dense();
    }

    /** One slot after another. */
    void slots(Runnable slot) {
        slots(1, slot);
    }

    /** As long as there are {@code count} more. */
    void slots(int count, Runnable slot) {
        int limit = code.allocateLocal(TypeKind.INT);
        code.iload(HiddenLoop.TO).loadConstant(count - 1).isub().istore(limit);
        CountedLoop.emit(code, HiddenLoop.FROM, limit, count, slot);
    }

    /** A local with an entry's start in the slot {@code from}. */
    int slotStart(int entry, int step) {
        int local = code.allocateLocal(TypeKind.LONG);
        MapBytecode.pushFrame(code, entry);
        code.iload(HiddenLoop.FROM).i2l().lload(step).lmul().ladd();
        Range.address(code); // where it is an index, that is in range as well
        code.lstore(local);
        return local;
    }

    /** Locals with each accumulator's place in the slot {@code from}. */
    int[] outs() {
        int[] out = new int[frame.accumulators()];
        for (int k = 0; k < out.length; k++) {
            int step = MapBytecode.longFromFrame(code, frame.outStep(k));
            out[k] = slotStart(frame.out(k), step);
        }
        return out;
    }

    /** On to the next slot's elements. */
    void advance(int[] at, int[] step) {
        for (int k = 0; k < at.length; k++) {
            Range.move(code, at[k], step[k]);
        }
    }

    /** On to the next slot's accumulators. */
    void advance(int[] out) {
        for (int k = 0; k < out.length; k++) {
            code.lload(out[k]);
            MapBytecode.pushFrame(code, frame.outStep(k));
            code.ladd();
            Range.address(code);
            code.lstore(out[k]);
        }
    }

    /** Pushes the address of one of an accumulator's places. */
    void place(int pointer, int place, DType dtype) {
        code.lload(pointer).iload(place);
        Range.element(code, dtype.bytes());
    }

    /** Locals with each entry's start, and in {@code next} its step from slot to slot. */
    int[] starts(int[] next) {
        int[] at = new int[next.length];
        for (int k = 0; k < at.length; k++) {
            next[k] = MapBytecode.longFromFrame(code, frame.slotStep(k));
            at[k] = slotStart(k, next[k]);
        }
        return at;
    }
}
