package org.imbrex.runtime.device;

import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;

/** One thing that a backend can drive. Its methods may be called by several threads. */
public interface Device extends AutoCloseable {

    DeviceInfo info();

    /** How many tiles it works on at once; each has a worker of its own that pulls tiles. */
    int workers();

    /**
     * About what a tile should touch on it: enough that the cost of handing it over vanishes, and no more than keeps the
     * other devices busy to the end.
     */
    default long tileBytes() {
        return tuning().tileBytes();
    }

    /**
     * What a tile should touch where each element is read once and in place: nothing has to stay in a cache for later, and
     * longer runs of memory leave less to the starts of tiles.
     */
    default long streamBytes() {
        return tuning().streamBytes();
    }

    /** How many tiles are in flight for each worker where arrays are brought and written in parts. */
    default int depth() {
        return tuning().depth();
    }

    /** The sizes that it goes by: a processor's tiles stay in its cache, others hide what handing them over costs. */
    default Tuning tuning() {
        return info().hostCpu() ? Tuning.usual(2L << 20, 4L << 20) : Tuning.usual(64L << 20, 64L << 20);
    }

    /** Whether a probe may choose its sizes. */
    default boolean isTunable() {
        return with(tuning()).isPresent();
    }

    /** The same device going by other sizes, to try them; empty where it has no choice. Closing it closes nothing. */
    default Optional<Device> with(Tuning other) {
        return Optional.empty();
    }

    /** Whether it has kernels for stages of such a kind. */
    default boolean takes(Stage stage) {
        return true;
    }

    /** What users should know of how it does its work since it was found; told in each run's summary. */
    default List<String> notes() {
        return List.of();
    }

    /**
     * The kernel for a stage, compiled now or found in a cache.
     *
     * @throws DeviceException UNSUPPORTED where it does not build or needs what the device lacks
     */
    TileKernel kernel(Program program, int stage);

    /** What runs stages [from, to), time steps of the same fields, as one; empty where they are run one by one. */
    default Optional<StageChain> chain(Program program, int from, int to) {
        return Optional.empty();
    }

    /** Of the stage's tiles none is left: what was kept for them of arrays other than inputs is of no use. */
    default void stageEnded(long run, int stage) {}

    /** The run is over: what was kept for its tiles is of no use. */
    default void runEnded(long run) {}

    @Override
    void close();
}
