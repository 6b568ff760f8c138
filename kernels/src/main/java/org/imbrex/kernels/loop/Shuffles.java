package org.imbrex.kernels.loop;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Constants that bring lane i + n to lane i: {@code TYPE_lanes_n}. */
final class Shuffles {
    static final VectorShuffle<Integer> I32_2_1 = by(IntVector.SPECIES_64, 1);
    static final VectorShuffle<Integer> I32_4_2 = by(IntVector.SPECIES_128, 2);
    static final VectorShuffle<Integer> I32_4_1 = by(IntVector.SPECIES_128, 1);
    static final VectorShuffle<Integer> I32_8_4 = by(IntVector.SPECIES_256, 4);
    static final VectorShuffle<Integer> I32_8_2 = by(IntVector.SPECIES_256, 2);
    static final VectorShuffle<Integer> I32_8_1 = by(IntVector.SPECIES_256, 1);
    static final VectorShuffle<Long> I64_2_1 = by(LongVector.SPECIES_128, 1);
    static final VectorShuffle<Long> I64_4_2 = by(LongVector.SPECIES_256, 2);
    static final VectorShuffle<Long> I64_4_1 = by(LongVector.SPECIES_256, 1);
    static final VectorShuffle<Long> I64_8_4 = by(LongVector.SPECIES_512, 4);
    static final VectorShuffle<Long> I64_8_2 = by(LongVector.SPECIES_512, 2);
    static final VectorShuffle<Long> I64_8_1 = by(LongVector.SPECIES_512, 1);
    static final VectorShuffle<Float> F32_2_1 = by(FloatVector.SPECIES_64, 1);
    static final VectorShuffle<Float> F32_4_2 = by(FloatVector.SPECIES_128, 2);
    static final VectorShuffle<Float> F32_4_1 = by(FloatVector.SPECIES_128, 1);
    static final VectorShuffle<Float> F32_8_4 = by(FloatVector.SPECIES_256, 4);
    static final VectorShuffle<Float> F32_8_2 = by(FloatVector.SPECIES_256, 2);
    static final VectorShuffle<Float> F32_8_1 = by(FloatVector.SPECIES_256, 1);
    static final VectorShuffle<Double> F64_2_1 = by(DoubleVector.SPECIES_128, 1);
    static final VectorShuffle<Double> F64_4_2 = by(DoubleVector.SPECIES_256, 2);
    static final VectorShuffle<Double> F64_4_1 = by(DoubleVector.SPECIES_256, 1);
    static final VectorShuffle<Double> F64_8_4 = by(DoubleVector.SPECIES_512, 4);
    static final VectorShuffle<Double> F64_8_2 = by(DoubleVector.SPECIES_512, 2);
    static final VectorShuffle<Double> F64_8_1 = by(DoubleVector.SPECIES_512, 1);

    private Shuffles() {}

    private static <E> VectorShuffle<E> by(VectorSpecies<E> species, int lanes) {
        return VectorShuffle.iota(species, lanes, 1, true);
    }
}
