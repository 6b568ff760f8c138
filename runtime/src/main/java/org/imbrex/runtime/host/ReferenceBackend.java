package org.imbrex.runtime.host;

import java.util.List;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.runtime.device.Backend;

/** The scalar reference, the oracle: on request, and to verify the others. */
public final class ReferenceBackend implements Backend {
    private final int threads;

    public ReferenceBackend(int threads) {
        this.threads = threads;
    }

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public Discovery discover() {
        return new Discovery(
                List.of(new HostDevice(
                        HostFacts.info("reference", "plain scalar Java", threads), threads,
                        (stage, tuning) -> Lowerings.reference(stage), List::of, VectorBackend.USUAL)),
                List.of());
    }
}
