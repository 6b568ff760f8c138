package org.imbrex.bench.peer;

import static org.imbrex.bench.peer.JvmPeer.doubles;
import static org.imbrex.bench.peer.JvmPeer.floats;
import static org.imbrex.bench.peer.JvmPeer.sum;
import static org.imbrex.bench.peer.JvmPeer.trial;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.math3.transform.DftNormalization;
import org.apache.commons.math3.transform.FastFourierTransformer;
import org.apache.commons.math3.transform.TransformType;
import org.imbrex.bench.measure.Trial;
import org.imbrex.bench.work.Work;
import org.jtransforms.fft.DoubleFFT_1D;
import org.visnow.jlargearrays.ConcurrencyUtils;

/** Fourier transforms and sorting on the JVM. They work in place: each run starts from a copy, made outside its time. */
final class JvmTransforms {
    private JvmTransforms() {}

    static Optional<Trial> jtransforms(Work work, Map<String, MemorySegment> inputs, int threads) {
        if (!work.family().equals("fft")) {
            return Optional.empty();
        }
        double[] given = doubles(inputs.get("z"));
        double[] data = new double[given.length];
        ConcurrencyUtils.setNumberOfThreads(threads);
        DoubleFFT_1D fft = new DoubleFFT_1D(given.length / 2);
        return trial(() -> System.arraycopy(given, 0, data, 0, data.length), () -> fft.complexForward(data), () -> sum(data));
    }

    static Optional<Trial> commonsMath(Work work, Map<String, MemorySegment> inputs, int threads) {
        if (!work.family().equals("fft")) {
            return Optional.empty();
        }
        double[] pairs = doubles(inputs.get("z"));
        double[][] given = new double[2][pairs.length / 2];
        for (int i = 0; i < pairs.length; i++) {
            given[i % 2][i / 2] = pairs[i];
        }
        double[][] data = {given[0].clone(), given[1].clone()};
        return trial(
                () -> {
                    System.arraycopy(given[0], 0, data[0], 0, data[0].length);
                    System.arraycopy(given[1], 0, data[1], 0, data[1].length);
                },
                () -> FastFourierTransformer.transformInPlace(data, DftNormalization.STANDARD, TransformType.FORWARD),
                () -> sum(data[0]) + sum(data[1]));
    }

    static Optional<Trial> parallelSort(Work work, Map<String, MemorySegment> inputs, int threads) {
        if (!work.family().equals("sort")) {
            return Optional.empty();
        }
        float[] given = floats(inputs.get("s"));
        float[] data = given.clone();
        Runnable copy = () -> System.arraycopy(given, 0, data, 0, data.length);
        return threads == 1
                ? trial(copy, () -> Arrays.sort(data), () -> sum(data))
                : trial(copy, () -> Arrays.parallelSort(data), () -> sum(data));
    }
}
