package org.imbrex.runtime.schedule;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.runtime.memory.Span;

/**
 * What a tile writes, as runs of memory: store by store, or accumulator by accumulator where it is partial.
 *
 * @param stores where each of them lies
 */
record Written(Stage stage, Tile tile, boolean partial, List<Span> stores) implements TileLog.Memory {
    @Override
    public long bytes() {
        long bytes = 0;
        for (int k = 0; k < stores.size(); k++) {
            bytes += partial
                    ? stores.get(k).memory().byteSize()
                    : tile.elements() * stage.stores().get(k).dtype().bytes();
        }
        return bytes;
    }

    @Override
    public void each(Consumer<MemorySegment> run) {
        for (int k = 0; k < stores.size(); k++) {
            if (partial) {
                run.accept(stores.get(k).memory());
            } else {
                View view = stage.stores().get(k);
                Rows.each(view, tile, stores.get(k), (first, count, memory) -> run.accept(memory));
            }
        }
    }
}
