package org.imbrex.bench.peer;

import static org.imbrex.bench.peer.JvmPeer.doubles;
import static org.imbrex.bench.peer.JvmPeer.floats;
import static org.imbrex.bench.peer.JvmPeer.side;
import static org.imbrex.bench.peer.JvmPeer.sum;
import static org.imbrex.bench.peer.JvmPeer.trial;

import dev.ludovic.netlib.blas.JavaBLAS;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.math3.linear.BlockRealMatrix;
import org.ejml.concurrency.EjmlConcurrency;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.CommonOps_FDRM;
import org.ejml.dense.row.CommonOps_MT_DDRM;
import org.ejml.dense.row.CommonOps_MT_FDRM;
import org.imbrex.bench.measure.Trial;
import org.imbrex.bench.work.Work;
import org.imbrex.kernels.type.DType;
import org.ojalgo.OjAlgoUtils;
import org.ojalgo.machine.VirtualMachine;
import org.ojalgo.matrix.store.R032Store;
import org.ojalgo.matrix.store.R064Store;

/** Products of matrices, and of a matrix and a vector, by libraries on the JVM. */
final class JvmProducts {
    /** Larger products would take this one minutes. */
    private static final int COMMONS_MOST = 1536;

    private JvmProducts() {}

    static Optional<Trial> ejml(Work work, Map<String, MemorySegment> inputs, int threads) {
        boolean product = work.family().equals("matmul");
        if (!product && !work.family().equals("matvec")) {
            return Optional.empty();
        }
        int n = side(work);
        EjmlConcurrency.setMaxThreads(threads);
        boolean several = threads > 1 && product;
        int cols = product ? n : 1;
        if (work.dtype() == DType.F32) {
            FMatrixRMaj a = FMatrixRMaj.wrap(n, n, floats(inputs.get(product ? "p" : "m")));
            FMatrixRMaj b = FMatrixRMaj.wrap(n, cols, floats(inputs.get(product ? "q" : "v")));
            FMatrixRMaj c = new FMatrixRMaj(n, cols);
            return several
                    ? trial(() -> CommonOps_MT_FDRM.mult(a, b, c), () -> sum(c.data))
                    : trial(() -> CommonOps_FDRM.mult(a, b, c), () -> sum(c.data));
        }
        DMatrixRMaj a = DMatrixRMaj.wrap(n, n, doubles(inputs.get("p")));
        DMatrixRMaj b = DMatrixRMaj.wrap(n, n, doubles(inputs.get("q")));
        DMatrixRMaj c = new DMatrixRMaj(n, n);
        return several
                ? trial(() -> CommonOps_MT_DDRM.mult(a, b, c), () -> sum(c.data))
                : trial(() -> CommonOps_DDRM.mult(a, b, c), () -> sum(c.data));
    }

    /** Its matrices are column-major: the product of the transposes in the other order is the transpose of ours. */
    static Optional<Trial> ojalgo(Work work, Map<String, MemorySegment> inputs, int threads) {
        if (!work.family().equals("matmul")) {
            return Optional.empty();
        }
        int n = side(work);
        VirtualMachine whole = OjAlgoUtils.ENVIRONMENT;
        Runnable limit = () -> {
            OjAlgoUtils.ENVIRONMENT = whole;
            OjAlgoUtils.limitThreadsTo(threads);
        };
        Trial inner;
        if (work.dtype() == DType.F32) {
            R032Store a = R032Store.wrap(floats(inputs.get("p")), n);
            R032Store b = R032Store.wrap(floats(inputs.get("q")), n);
            R032Store c = R032Store.FACTORY.make(n, n);
            inner = trial(() -> c.fillByMultiplying(b, a), () -> sum(c.data)).orElseThrow();
        } else {
            R064Store a = R064Store.wrap(doubles(inputs.get("p")), n);
            R064Store b = R064Store.wrap(doubles(inputs.get("q")), n);
            R064Store c = R064Store.FACTORY.make(n, n);
            inner = trial(() -> c.fillByMultiplying(b, a), () -> sum(c.data)).orElseThrow();
        }
        return Optional.of(new Trial() {
            @Override
            public double seconds(int times) {
                limit.run();
                double seconds = inner.seconds(times);
                OjAlgoUtils.ENVIRONMENT = whole;
                return seconds;
            }

            @Override
            public double check() {
                return inner.check();
            }
        });
    }

    /** The pure Java one, by the Vector API where that is there; on one thread always. Column-major too. */
    static Optional<Trial> netlib(Work work, Map<String, MemorySegment> inputs, int threads) {
        boolean product = work.family().equals("matmul");
        if (!product && !work.family().equals("matvec")) {
            return Optional.empty();
        }
        JavaBLAS blas = JavaBLAS.getInstance();
        int n = side(work);
        if (!product) {
            float[] m = floats(inputs.get("m"));
            float[] v = floats(inputs.get("v"));
            float[] y = new float[n];
            return trial(() -> blas.sgemv("T", n, n, 1, m, n, v, 1, 0, y, 1), () -> sum(y));
        }
        if (work.dtype() == DType.F32) {
            float[] a = floats(inputs.get("p"));
            float[] b = floats(inputs.get("q"));
            float[] c = new float[n * n];
            return trial(() -> blas.sgemm("N", "N", n, n, n, 1, b, n, a, n, 0, c, n), () -> sum(c));
        }
        double[] a = doubles(inputs.get("p"));
        double[] b = doubles(inputs.get("q"));
        double[] c = new double[n * n];
        return trial(() -> blas.dgemm("N", "N", n, n, n, 1, b, n, a, n, 0, c, n), () -> sum(c));
    }

    static Optional<Trial> commonsMath(Work work, Map<String, MemorySegment> inputs, int threads) {
        if (!work.family().equals("matmul") || work.dtype() != DType.F64 || side(work) > COMMONS_MOST) {
            return Optional.empty();
        }
        BlockRealMatrix a = matrix(doubles(inputs.get("p")), side(work));
        BlockRealMatrix b = matrix(doubles(inputs.get("q")), side(work));
        BlockRealMatrix[] c = new BlockRealMatrix[1];
        return trial(() -> c[0] = a.multiply(b), () -> {
            double sum = 0;
            for (double[] row : c[0].getData()) {
                sum += sum(row);
            }
            return sum;
        });
    }

    private static BlockRealMatrix matrix(double[] elements, int n) {
        double[][] rows = new double[n][];
        for (int i = 0; i < n; i++) {
            rows[i] = java.util.Arrays.copyOfRange(elements, i * n, i * n + n);
        }
        return new BlockRealMatrix(rows);
    }
}
