package org.imbrex.runtime.schedule;

import java.util.List;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.tile.Tiling;

/** Keeps nothing. */
record NoLog() implements TileLog {
    @Override
    public List<Tiling> tilings() {
        return List.of();
    }

    @Override
    public void begin(List<Tiling> tilings) {}

    @Override
    public boolean isOver(int stage) {
        return false;
    }

    @Override
    public boolean isCut(Tile tile) {
        return false;
    }

    @Override
    public void cut(Tile tile) {}

    @Override
    public boolean has(Tile tile) {
        return false;
    }

    @Override
    public boolean restore(Tile tile, Memory into) {
        return false;
    }

    @Override
    public void keep(Tile tile, String place, Memory from) {}

    @Override
    public void ended(int stage) {}
}
