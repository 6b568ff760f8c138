package org.imbrex.runtime.device;

import java.util.List;
import org.imbrex.runtime.device.TileKernel.TileTimes;
import org.imbrex.runtime.memory.Span;

/**
 * Stages that follow one another over one index space, each reading what the one before has written: a device may keep
 * that where it was computed.
 */
public interface StageChain extends AutoCloseable {

    /**
     * Runs stages [from, to), which begin where the last call ended or are run again.
     *
     * @param loads whole buffers, one for each load of the first stage
     * @param stores whole buffers, one for each store of the last stage
     * @param check throws where the run is to end
     * @return what each tile cost
     * @throws DeviceException where the device cannot, and the stages are to be run one by one
     */
    List<TileTimes> run(int from, int to, List<Span> loads, List<Span> stores, Runnable check);

    /** Frees what is kept. */
    @Override
    void close();
}
