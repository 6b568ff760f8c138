package org.imbrex.runtime.host;

import java.util.List;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.runtime.device.Backend;

/** This machine's cores and their vector units, through the Vector API: always there. */
public final class VectorBackend implements Backend {
    private final int threads;

    public VectorBackend(int threads) {
        this.threads = threads;
    }

    @Override
    public String name() {
        return "vector";
    }

    @Override
    public Discovery discover() {
        String how = Lowerings.vectorBits() >= 128
                ? "Vector API, " + Lowerings.vectorBits() + " bits"
                : "compiled scalar loops, as the Vector API finds no vector unit";
        return new Discovery(
                List.of(new HostDevice(
                        HostFacts.info("vector", how, threads), threads, Lowerings::vector, VectorBackend::notes)),
                List.of());
    }

    private static List<String> notes() {
        int loops = Lowerings.loopsThatStayScalar();
        return loops == 0
                ? List.of()
                : List.of("vector: " + loops + (loops == 1 ? " loop of this process runs" : " loops of this process run")
                        + " as scalar code, as the JIT made no fast code of the vector version");
    }
}
