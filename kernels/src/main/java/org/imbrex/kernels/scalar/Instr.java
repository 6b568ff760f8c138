package org.imbrex.kernels.scalar;

/**
 * One instruction. {@code type} is the result's type; {@code a}, {@code b}, {@code c} are the numbers of earlier
 * instructions, -1 where the operation takes fewer; {@code imm} is a constant's raw bits (F32 and I32 sign-extended
 * from 32 bits, BOOL 0 or 1), a load's slot, an axis, or 1 for a SELECT whose condition is seldom true.
 */
public record Instr(Op op, ScalarType type, int a, int b, int c, long imm) {

    int arg(int i) {
        return switch (i) {
            case 0 -> a;
            case 1 -> b;
            default -> c;
        };
    }
}
