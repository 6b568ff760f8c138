package org.imbrex.runtime.host;

import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.matmul.ProductBlocks;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.Tuning;
import org.imbrex.runtime.device.Tunings;

/** This machine's cores and their vector units, through the Vector API: always there. */
public final class VectorBackend implements Backend {
    /** Tiles that a usual second-level cache holds about, and streams of twice as much. */
    static final Tuning USUAL = Tuning.usual(2L << 20, 4L << 20);

    private final int threads;
    private final Tunings tunings;

    public VectorBackend(int threads) {
        this(threads, Tunings.NONE);
    }

    /** @param tunings what has been measured */
    public VectorBackend(int threads, Tunings tunings) {
        this.threads = threads;
        this.tunings = tunings;
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
        DeviceInfo info = HostFacts.info("vector", how, threads);
        Tunings.Found found = tunings.of(info);
        int ways = HostFacts.firstLevelWays().orElse(Lowerings.USUAL_WAYS);
        Device device = new HostDevice(
                info,
                threads,
                (stage, tuning) -> Lowerings.vector(stage, tuning.products(), ways),
                () -> notes(found.notes()),
                found.tuning().orElse(USUAL.withProducts(ProductBlocks.usual(info.cacheBytes()))));
        return new Discovery(List.of(device), found.notes());
    }

    private static List<String> notes(List<String> ofTuning) {
        int loops = Lowerings.loopsThatStayScalar();
        if (loops == 0) {
            return ofTuning;
        }
        List<String> notes = new ArrayList<>(ofTuning);
        notes.add("vector: " + loops + (loops == 1 ? " loop of this process runs" : " loops of this process run")
                        + " as scalar code, as the JIT made no fast code of the vector version");
        return notes;
    }
}
