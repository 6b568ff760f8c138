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

    /** Of the place in an array on the stack, an int: makes it a long that is not negative. */
    static void place(CodeBuilder code) {
        code.loadConstant(Integer.MAX_VALUE).iand().i2l();
    }
}
