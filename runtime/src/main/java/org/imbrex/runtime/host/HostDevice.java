package org.imbrex.runtime.host;

import java.lang.ref.Reference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.imbrex.kernels.lower.Lowering;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.device.Tuning;
import org.imbrex.runtime.memory.Span;

/** Runs a host lowering in this process. */
final class HostDevice implements Device {
    private static final int MOST_KERNELS = 256;

    private final DeviceInfo info;
    private final int workers;
    private final BiFunction<Stage, Tuning, Lowering> lowering;
    private final Supplier<List<String>> notes;
    private final Tuning tuning;

    /** Kernels by program and stage, the latest used: a warm call lowers nothing. */
    private final Map<String, TileKernel> kernels = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TileKernel> eldest) {
            return size() > MOST_KERNELS;
        }
    };

    HostDevice(
            DeviceInfo info, int workers, BiFunction<Stage, Tuning, Lowering> lowering, Supplier<List<String>> notes,
            Tuning tuning) {
        this.info = info;
        this.workers = workers;
        this.lowering = lowering;
        this.notes = notes;
        this.tuning = tuning;
    }

    @Override
    public DeviceInfo info() {
        return info;
    }

    @Override
    public int workers() {
        return workers;
    }

    @Override
    public Tuning tuning() {
        return tuning;
    }

    @Override
    public Optional<Device> with(Tuning other) {
        return info.backend().equals("reference")
                ? Optional.empty() // the oracle has no speed to gain
                : Optional.of(new HostDevice(info, workers, lowering, notes, other));
    }

    @Override
    public List<String> notes() {
        return notes.get();
    }

    @Override
    public TileKernel kernel(Program program, int stage) {
        String key = program.id() + "/" + stage;
        synchronized (kernels) {
            TileKernel known = kernels.get(key);
            if (known != null) {
                return known;
            }
        }
        Stage lowered = program.stages().get(stage);
        TileKernel kernel = new Kernel(lowered, lowering.apply(lowered, tuning));
        synchronized (kernels) {
            kernels.put(key, kernel);
        }
        return kernel;
    }

    @Override
    public void close() {}

    private static final class Kernel implements TileKernel {
        private final Stage stage;
        private final Lowering lowering;
        private final int[] loadBytes;
        private final int[] storeBytes;

        Kernel(Stage stage, Lowering lowering) {
            this.stage = stage;
            this.lowering = lowering;
            this.loadBytes =
                    stage.loads().stream().mapToInt(view -> view.dtype().bytes()).toArray();
            this.storeBytes =
                    stage.stores().stream().mapToInt(view -> view.dtype().bytes()).toArray();
        }

        @Override
        public String hash() {
            return lowering.hash();
        }

        @Override
        public TileTimes run(Tile tile, List<Span> loads, List<Span> stores) {
            return run(tile, loads, stores, (from, to) -> lowering.kernel().run(tile, from, to));
        }

        @Override
        public TileTimes run(Tile tile, List<Span> loads, List<Span> stores, Span work, int threads) {
            try {
                return run(
                        tile,
                        loads,
                        stores,
                        (from, to) -> lowering.kernel().run(tile, from, to, work.memory().address(), threads));
            } finally {
                Reference.reachabilityFence(work);
            }
        }

        private TileTimes run(
                Tile tile, List<Span> loads, List<Span> stores, BiConsumer<long[], long[]> kernel) {
            long began = System.nanoTime();
            long[] from = new long[loads.size()];
            for (int load = 0; load < from.length; load++) {
                from[load] = loads.get(load).base(loadBytes[load]);
            }
            long[] to = new long[stores.size()];
            boolean partial = stage instanceof ReduceStage && tile.isPartial(stage);
            for (int store = 0; store < to.length; store++) {
                Span span = stores.get(store);
                to[store] = partial ? span.memory().address() : span.base(storeBytes[store]);
            }
            try {
                kernel.accept(from, to);
            } finally {
                Reference.reachabilityFence(loads);
                Reference.reachabilityFence(stores);
            }
            return TileTimes.kernel(System.nanoTime() - began);
        }
    }
}
