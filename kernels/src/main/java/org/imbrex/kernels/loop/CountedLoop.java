package org.imbrex.kernels.loop;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;

/**
 * Loops with one test before them and the other at their end, as javac makes none, but for {@link #emitSome}. C2
 * supposes of a loop that it runs at least once; with its one test at the top, the first call that has nothing to do
 * proves it wrong, and from then on C2 neither unrolls the loop nor moves checks out of it.
 */
final class CountedLoop {
    private CountedLoop() {}

    /**
     * Emits the loop.
     *
     * @param counter an int local that has its first value
     * @param limit pushes the int that the counter stays below
     */
    static void emit(CodeBuilder code, int counter, Runnable limit, int step, Runnable body) {
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.iload(counter);
        limit.run();
        code.branch(Opcode.IF_ICMPGE, end).labelBinding(top);
        body.run();
        code.iinc(counter, step).iload(counter);
        limit.run();
        code.branch(Opcode.IF_ICMPLT, top).labelBinding(end);
    }

    /**
     * Emits a loop with its one test at the top, whose counter is less than the limit, an int local, at first: with nothing to do
     * it does nothing, but then C2 counts it no more. C2 turns such a loop round by itself, and moves checks of array
     * indices out of it, which in the other form it does for some only.
     */
    static void emitSome(CodeBuilder code, int counter, int limit, int step, Runnable body) {
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.labelBinding(top).iload(counter).iload(limit).branch(Opcode.IF_ICMPGE, end);
        body.run();
        code.iinc(counter, step).branch(Opcode.GOTO, top).labelBinding(end);
    }

    /** {@link #emit(CodeBuilder, int, Runnable, int, Runnable)} below an int local. */
    static void emit(CodeBuilder code, int counter, int limit, int step, Runnable body) {
        emit(code, counter, () -> code.iload(limit), step, body);
    }
}
