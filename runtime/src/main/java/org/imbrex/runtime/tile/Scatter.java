package org.imbrex.runtime.tile;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;

/** Puts a tile's elements from a copy of the store's range to their places, and touches nothing between them. */
public final class Scatter {
    private final Stage stage;
    private final Map<Integer, HostKernel> copies = new HashMap<>();

    public Scatter(Stage stage) {
        this.stage = stage;
    }

    /** Both bases are where element 0 of the buffer would lie. */
    public void run(int store, Tile tile, long fromBase, long toBase) {
        HostKernel copy;
        synchronized (this) {
            copy = copies.computeIfAbsent(store, this::lower);
        }
        copy.run(tile, new long[] {fromBase}, new long[] {toBase});
    }

    private HostKernel lower(int store) {
        View view = stage.stores().get(store);
        Code code = new Code();
        return Lowerings.vector(new MapStage(
                stage.domain(), List.of(view), code.body(code.load(view.dtype().scalar(), 0)), List.of(view)));
    }
}
