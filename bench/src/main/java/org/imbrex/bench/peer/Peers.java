package org.imbrex.bench.peer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.imbrex.bench.limit.CLoops;

/** The peers that are installed, and a line for each that is not. */
public final class Peers implements AutoCloseable {
    private final List<Peer> found = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();
    private Optional<PythonPeers> python = Optional.empty();
    /** Held, or its level would be forgotten: netlib logs which of its parts it takes. */
    private static final Logger NETLIB = Logger.getLogger("dev.ludovic.netlib");

    /** How to get each of {@link PythonPeers#NAMES}. */
    private static final Map<String, String> PYTHON_HOW = Map.of(
            "numpy", "'apt-get install python3-numpy'",
            "numexpr", "'apt-get install python3-numexpr'",
            "torch", "'pip install torch'",
            "cupy", "'pip install cupy-cuda12x' for NVIDIA GPUs");

    private static final String ONE_THREAD = "one thread";

    private Peers() {}

    /**
     * Looks for all of them.
     *
     * @param loops what gcc made, empty where there is no gcc
     */
    public static Peers find(Optional<CLoops> loops) {
        Peers peers = new Peers();
        NETLIB.setLevel(Level.WARNING);
        // in the order in which a work's time goes to them: those that cost least to prepare and tell most first
        peers.add("openblas", OpenBlas.find(), "no libopenblas.so.0; 'apt-get install libopenblas0' brings it");
        peers.add("fftw", Fftw.find(), "no libfftw3.so.3; 'apt-get install libfftw3-double3' brings it");
        peers.add("c", loops.map(PlainC::new), "no gcc; 'apt-get install gcc' brings it");
        peers.library("org.jtransforms.fft.DoubleFFT_1D",
                new JvmPeer("jtransforms", "JTransforms 3.2", "", Set.of("fft"), JvmTransforms::jtransforms));
        peers.library("java.util.Arrays",
                new JvmPeer("parallelSort", "java.util.Arrays", "", Set.of("sort"), JvmTransforms::parallelSort));
        peers.python();
        peers.add("clblast", ClBlast.find(), "no libclblast.so.1, or no OpenCL device; 'apt-get install libclblast1' brings"
                + " it, pocl-opencl-icd a device");
        Set<String> products = Set.of("matmul", "matvec");
        peers.library("org.ejml.dense.row.CommonOps_DDRM",
                new JvmPeer("ejml", "EJML 0.46.1", "", products, JvmProducts::ejml));
        peers.library("org.ojalgo.matrix.store.R064Store",
                new JvmPeer("ojalgo", "ojAlgo 57.1.0", "", Set.of("matmul"), JvmProducts::ojalgo));
        peers.library("dev.ludovic.netlib.blas.JavaBLAS",
                new JvmPeer("netlib", "netlib 3.2.0, its pure Java", ONE_THREAD, products, JvmProducts::netlib));
        peers.library("org.apache.commons.math3.linear.BlockRealMatrix",
                new JvmPeer("commonsmath", "Commons Math 3.6.1", ONE_THREAD, Set.of("matmul", "fft"),
                        (work, inputs, threads) -> JvmProducts.commonsMath(work, inputs, threads)
                                .or(() -> JvmTransforms.commonsMath(work, inputs, threads))));
        peers.library("org.nd4j.linalg.factory.Nd4j",
                new JvmPeer("nd4j", "ND4J 1.0.0-M2.1", "its own number of threads", Set.of("matmul"), Nd4j::trial));
        return peers;
    }

    private void python() {
        python = PythonPeers.find();
        List<Peer> there = python.map(PythonPeers::peers).orElse(List.of());
        found.addAll(there);
        for (String name : PythonPeers.NAMES) {
            if (there.stream().noneMatch(peer -> peer.name().equals(name))) {
                missing.add(name + ": no " + (python.isEmpty() ? "Python with NumPy" : "such module in the Python used") + "; "
                        + PYTHON_HOW.get(name) + ", or IMBREX_PYTHON names a Python that has it");
            }
        }
    }

    private void add(String name, Optional<? extends Peer> peer, String why) {
        peer.ifPresentOrElse(found::add, () -> missing.add(name + ": " + why));
    }

    /** A library of this module's own class path; its classes are loaded only where they are there. */
    private void library(String needs, JvmPeer peer) {
        try {
            Class.forName(needs, false, Peers.class.getClassLoader());
            found.add(peer);
        } catch (ClassNotFoundException absent) {
            missing.add(peer.name() + ": not on the class path; "
                    + (peer.name().equals("nd4j")
                            ? "'rm -f dist/bench.built; IMBREX_PROFILE=nd4j ./imbrex bench' builds with its 134 MB"
                            : "'rm -f dist/bench.built; ./imbrex bench' builds with it"));
        }
    }

    public List<Peer> found() {
        return List.copyOf(found);
    }

    /** One line each: the name, a colon, why and what would help. */
    public List<String> missing() {
        return List.copyOf(missing);
    }

    @Override
    public void close() {
        python.ifPresent(PythonPeers::close);
    }
}
