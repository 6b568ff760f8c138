package org.imbrex.host.node;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.StageChain;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.memory.Span;

/** A fleet whose tiles write to memory of their own, so that what is written once a tile is done is seen. */
final class WatchedFleet implements Backend, Device {
    private static final byte DONE = 0x5a;

    private final Fleet fleet;
    private final BufferPool pool;
    private final long tileBytes;
    private final List<BufferPool.Buffer> done = new ArrayList<>();

    /** @param tileBytes what a tile should touch */
    WatchedFleet(Fleet fleet, BufferPool pool, long tileBytes) {
        this.tileBytes = tileBytes;
        this.fleet = fleet;
        this.pool = pool;
    }

    @Override
    public String name() {
        return fleet.name();
    }

    @Override
    public Discovery discover() {
        Discovery found = fleet.discover();
        return new Discovery(found.devices().isEmpty() ? List.of() : List.of(this), found.notes());
    }

    @Override
    public DeviceInfo info() {
        return fleet.info();
    }

    @Override
    public int workers() {
        return fleet.workers();
    }

    @Override
    public long tileBytes() {
        return tileBytes;
    }

    @Override
    public boolean takes(Stage stage) {
        return fleet.takes(stage);
    }

    @Override
    public Optional<StageChain> chain(Program program, int from, int to) {
        return fleet.chain(program, from, to);
    }

    @Override
    public TileKernel kernel(Program program, int stage) {
        TileKernel kernel = fleet.kernel(program, stage);
        return new TileKernel() {
            @Override
            public String hash() {
                return kernel.hash();
            }

            @Override
            public TileTimes run(Tile tile, List<Span> loads, List<Span> stores) {
                List<MemorySegment> before = new ArrayList<>();
                List<BufferPool.Buffer> own = new ArrayList<>();
                List<Span> spans = new ArrayList<>();
                for (Span store : stores) {
                    BufferPool.Buffer buffer = pool.take(store.memory().byteSize());
                    buffer.memory().copyFrom(store.memory());
                    before.add(MemorySegment.ofArray(store.memory().toArray(ValueLayout.JAVA_BYTE)));
                    own.add(buffer);
                    spans.add(new Span(buffer.memory(), store.first()));
                }
                try {
                    TileKernel.TileTimes times = kernel.run(tile, loads, spans);
                    for (int k = 0; k < spans.size(); k++) {
                        hand(before.get(k), spans.get(k).memory(), stores.get(k).memory());
                    }
                    return times;
                } finally {
                    for (BufferPool.Buffer buffer : own) {
                        buffer.memory().fill(DONE);
                        done.add(buffer);
                    }
                }
            }
        };
    }

    /** What the tile has written, and nothing else: around it other tiles write. */
    private static void hand(MemorySegment before, MemorySegment after, MemorySegment to) {
        for (long at = before.mismatch(after); at >= 0; ) {
            to.set(ValueLayout.JAVA_BYTE, at, after.get(ValueLayout.JAVA_BYTE, at));
            long next = before.asSlice(at + 1).mismatch(after.asSlice(at + 1));
            at = next < 0 ? -1 : at + 1 + next;
        }
    }

    /** At the end of all: gives the memory back; whether nobody has touched it since its tile was done. */
    boolean isUntouched() {
        boolean untouched = true;
        for (BufferPool.Buffer buffer : done) {
            for (byte value : buffer.memory().toArray(ValueLayout.JAVA_BYTE)) {
                untouched &= value == DONE;
            }
            pool.give(buffer);
        }
        done.clear();
        return untouched;
    }

    @Override
    public void close() {
        fleet.close();
    }
}
