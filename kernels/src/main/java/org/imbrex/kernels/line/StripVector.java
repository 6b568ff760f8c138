package org.imbrex.kernels.line;

import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.imbrex.kernels.element.Elements;

/**
 * The vectors of strips. A strip is rows of units, a unit a vector of real and one of imaginary parts. Pairs come apart
 * by one exchange of neighbours and a blend for each part, which leaves the columns of a unit in the order {@link
 * #column} says.
 */
final class StripVector {
    static final VectorSpecies<Double> SPECIES = ButterflyVector.SPECIES;
    static final int LANES = ButterflyVector.LANES;
    /** Bytes of a unit's one part. */
    static final int PART = 8 * LANES;

    static final int UNIT = 2 * PART;
    /** Of a pass of radix 4 for each p: re, im and -im for each of three. */
    static final int ROOTS = 9;

    static final ByteOrder NATIVE = ByteOrder.nativeOrder();
    static final Class<?> KNOWN = SPECIES.vectorType();
    static final VectorShuffle<Double> BY_1 = by(1);
    static final VectorShuffle<Double> BY_2 = by(2);
    static final VectorShuffle<Double> BY_4 = by(4);
    static final VectorMask<Double> HAVE_1 = have(0xaa);
    static final VectorMask<Double> HAVE_2 = have(0xcc);
    static final VectorMask<Double> HAVE_4 = have(0xf0);

    private StripVector() {}

    private static VectorShuffle<Double> by(int lanes) {
        return VectorShuffle.fromOp(SPECIES, i -> (i ^ lanes) % LANES);
    }

    private static VectorMask<Double> have(long lanes) {
        return VectorMask.fromLong(SPECIES, lanes & (1L << LANES) - 1);
    }

    /** Which of a unit's columns a lane holds. */
    static int column(int lane) {
        return lane / 2 + lane % 2 * (LANES / 2);
    }

    private static DoubleVector known(DoubleVector v) {
        if (v.getClass() != KNOWN) {
            throw new IllegalStateException();
        }
        return v;
    }

    private static DoubleVector at(long address) {
        return known(DoubleVector.fromMemorySegment(SPECIES, Elements.ALL, address, NATIVE));
    }

    private static void put(DoubleVector v, long address) {
        known(v).intoMemorySegment(Elements.ALL, address, NATIVE);
    }

    /** Row 0 of what a last pass makes, as it is without roots between the steps. */
    static void firstRow(int radix, long x, long y, long apart, int units) {
        for (long at = x, to = y; at < x + (long) units * UNIT; at += PART, to += PART) {
            DoubleVector sum = known(at(at).add(at(at + (radix == 4 ? 2 : 1) * apart)));
            put(radix == 2 ? sum : sum.add(known(at(at + apart).add(at(at + 3 * apart)))), to);
        }
    }
}
