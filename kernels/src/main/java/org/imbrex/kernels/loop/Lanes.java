package org.imbrex.kernels.loop;

import java.lang.constant.ClassDesc;
import java.util.List;
import jdk.incubator.vector.VectorShape;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Instr;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.type.DType;

/** How many lanes a kernel has: as many as its widest type has in this machine's widest vectors. */
final class Lanes {
    /** In a class of its own, so that a short job need not load the Vector API. */
    private static final class Hardware {
        static final int BITS = Math.min(512, VectorShape.preferredShape().vectorBitSize());
    }

    static final ClassDesc SPECIES = ClassDesc.of("jdk.incubator.vector.VectorSpecies");
    static final ClassDesc VECTOR = ClassDesc.of("jdk.incubator.vector.Vector");
    static final ClassDesc MASK = ClassDesc.of("jdk.incubator.vector.VectorMask");
    static final ClassDesc OPERATORS = ClassDesc.of("jdk.incubator.vector.VectorOperators");
    static final ClassDesc BYTES = ClassDesc.of("jdk.incubator.vector.ByteVector");
    static final ClassDesc SHORTS = ClassDesc.of("jdk.incubator.vector.ShortVector");

    private Lanes() {}

    /** Bits of a vector; below 128 the Vector API has no hardware to run on. */
    static int bits() {
        return Hardware.BITS;
    }

    static boolean areThere() {
        return bits() >= 128;
    }

    /** Lanes of a kernel: {@link #bits} over the width of its widest type. */
    static int of(List<Body> bodies, List<DType> loads, List<DType> stores) {
        boolean wide = loads.stream().anyMatch(d -> d.bytes() == 8)
                || stores.stream().anyMatch(d -> d.bytes() == 8)
                || bodies.stream().anyMatch(Lanes::isWide);
        return bits() / (wide ? 64 : 32);
    }

    private static boolean isWide(Body body) {
        Regions regions = new Regions(body);
        for (int id = 0; id < body.instrs().size(); id++) {
            Instr i = body.instr(id);
            boolean dividesIntegers = i.type() == ScalarType.I32 && (i.op() == Op.DIV || i.op() == Op.REM);
            if (regions.of(id) == Regions.ALWAYS && (i.type().bytes() == 8 || dividesIntegers)) {
                return true;
            }
        }
        return false;
    }

    /** The vector class of a type; BOOL has none of its own. */
    static ClassDesc vector(ScalarType type) {
        return ClassDesc.of("jdk.incubator.vector."
                + switch (type) {
                    case I32 -> "IntVector";
                    case I64 -> "LongVector";
                    case F32 -> "FloatVector";
                    case F64 -> "DoubleVector";
                    case BOOL -> throw new IllegalArgumentException("a bool is a mask");
                });
    }

    /** The name of the constant that holds the species of {@code lanes} elements of that size. */
    static String species(int bytes, int lanes) {
        return "SPECIES_" + bytes * 8 * lanes;
    }
}
