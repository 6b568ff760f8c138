package org.imbrex.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imbrex.bench.limit.CLoops;
import org.imbrex.bench.measure.Trial;
import org.imbrex.bench.peer.Peer;
import org.imbrex.bench.peer.Peers;
import org.imbrex.bench.work.Inputs;
import org.imbrex.bench.work.Suite;
import org.imbrex.bench.work.Unit;
import org.imbrex.bench.work.Work;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.runtime.schedule.RunOptions;
import org.junit.jupiter.api.Test;

/** The suite is what it says: its names, the same bits as the reference, and peers that do the same work. */
class SuiteTest {
    private static final double SCALE = 2e-4;

    @Test
    void worksAreNamedAsInTheTableOfTargets() {
        List<String> names = Suite.works(1).stream().map(Work::name).toList();
        assertThat(names).doesNotHaveDuplicates().contains(
                "fma3", "sqrt-exp", "sin-axpy", "sum", "mean", "min", "mean-axis0", "mean-axis1", "var-axis0", "blockmean",
                "blockmean-seed", "heat5", "heat5-64steps", "matmul-f32-256", "matmul-f64-2048", "matvec", "fft-2^10",
                "fft-2^22", "sort", "quantile");
    }

    @Test
    void inputsAreSharedByWorksThatFollowEachOther() {
        try (Inputs inputs = new Inputs()) {
            List<Work> works = Suite.works(SCALE);
            Map<String, MemorySegment> first = inputs.of(works.get(0));
            assertThat(inputs.of(works.get(1))).isEqualTo(first);
        }
    }

    @Test
    void theVectorBackendGivesTheBitsOfTheReference() {
        try (Engine engine = Engine.open();
                Inputs inputs = new Inputs()) {
            for (Work work : Suite.works(SCALE)) {
                Map<String, Array> arrays = inputs.arrays(work);
                if (has(engine, work, arrays)) {
                    double[] ours = values(engine, work, arrays, "vector");
                    assertThat(ours).as(work.name()).isEqualTo(values(engine, work, arrays, "reference"));
                }
            }
        }
    }

    private static double[] values(Engine engine, Work work, Map<String, Array> arrays, String device) {
        try (Array result = engine.run(work.expression(), arrays, RunOptions.defaults().withDevice(device)).result()) {
            return result.toDoubleArray();
        }
    }

    /** Works whose functions this engine has not got are skipped by a run too. */
    private static boolean has(Engine engine, Work work, Map<String, Array> arrays) {
        try {
            engine.typeOf(Parser.parse(work.expression()), arrays);
            return true;
        } catch (ImbrexException unknown) {
            return false;
        }
    }

    @Test
    void peersComputeWhatTheEngineComputes() throws InterruptedException {
        try (Engine engine = Engine.open();
                Inputs inputs = new Inputs();
                Peers peers = Peers.find(loops())) {
            for (Work work : Suite.works(SCALE)) {
                Map<String, Array> arrays = inputs.arrays(work);
                boolean known = has(engine, work, arrays);
                double ours = known ? Arrays.stream(values(engine, work, arrays, "reference")).sum() : Double.NaN;
                for (Peer peer : peers.found()) {
                    // what has no choice of threads takes part only where all cores do
                    Optional<Trial> trial = peer.trial(work, inputs.of(work), 1)
                            .or(() -> peer.trial(work, inputs.of(work), Runtime.getRuntime().availableProcessors()));
                    if (trial.isEmpty()) {
                        continue;
                    }
                    assertThat(trial.get().seconds(1)).as(work.name() + " by " + peer.name()).isPositive();
                    double theirs = trial.get().check();
                    if (Double.isNaN(ours)) {
                        ours = theirs;
                    }
                    // stencils differ at the edge, where NumPy's leaves the result as it is
                    boolean loose = work.family().startsWith("heat5") && !(known && peer.name().equals("c"));
                    double share = loose ? 0.2 : 1e-4;
                    assertThat(theirs).as(work.name() + " by " + peer.name()).isCloseTo(ours, within(share * Math.abs(ours) + 1e-3));
                }
            }
        }
    }

    private static Optional<CLoops> loops() throws InterruptedException {
        try {
            return Optional.of(CLoops.build());
        } catch (java.io.IOException missing) {
            return Optional.empty();
        }
    }

    @Test
    void aPeerThatIsNotInstalledIsTold() throws InterruptedException {
        try (Peers peers = Peers.find(Optional.empty())) {
            assertThat(peers.missing()).contains("c: no gcc; 'apt-get install gcc' brings it");
            assertThat(peers.missing()).allMatch(line -> line.contains("; "));
            List<String> found = peers.found().stream().map(Peer::name).toList();
            for (String name : List.of("numpy", "numexpr", "openblas", "fftw", "clblast", "torch", "cupy", "ejml", "ojalgo", "netlib", "jtransforms", "nd4j")) {
                assertThat(found.contains(name)).as(name).isNotEqualTo(
                        peers.missing().stream().anyMatch(line -> line.startsWith(name + ":")));
            }
        }
    }

    @Test
    void ratesGrowAndTimesShrinkWithSpeed() {
        assertThat(Unit.GBYTES.value(16e9, 0.5)).isEqualTo(32);
        assertThat(Unit.MICROS.value(1, 2e-6)).isCloseTo(2, within(1e-12));
        assertThat(Unit.MICROS.isTime()).isTrue();
    }
}
