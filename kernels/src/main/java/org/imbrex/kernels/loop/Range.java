package org.imbrex.kernels.loop;

import java.lang.classfile.CodeBuilder;

/**
 * Tells C2 in what range the addresses and places of a vector loop are, so that it need not check each access against the
 * ends of memory: a comparison and a branch for each load and store, and addresses that are kept for them. Sums of what is
 * in range stay in range; what an unknown step was added to is to be told again.
 */
public final class Range {
    /** No process has addresses beyond, and no array that begins below ends beyond the largest long. */
    private static final long ADDRESSES = (1L << 62) - 1;

    /**
     * Elements of a loop at most. Their bytes are an int's then, which C2 takes as the index of a load or store in place of
     * an addition before it.
     */
    static final int MOST = 1 << 28;

    private Range() {}

    /** Of the address on the stack. */
    public static void address(CodeBuilder code) {
        code.loadConstant(ADDRESSES).land();
    }

    /** Moves an address by a step, both locals. */
    static void move(CodeBuilder code, int address, int step) {
        code.lload(address).lload(step).ladd();
        address(code);
        code.lstore(address);
    }

    /** Of an address and a place on the stack, an int from 0 and less than {@link #MOST}, the address of the element there. */
    static void element(CodeBuilder code, int bytes) {
        code.loadConstant(MOST - 1).iand().i2l().loadConstant((long) bytes).lmul().ladd();
    }
}
