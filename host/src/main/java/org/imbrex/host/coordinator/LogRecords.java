package org.imbrex.host.coordinator;

import java.util.List;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.WireException;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.tile.Tiling;

/** Tiles and tilings as a journal's records hold them. */
final class LogRecords {
    private static final int RANK = 32;
    static final int STAGES = 4096;

    private LogRecords() {}

    static Encoder encode(Encoder to, Tile tile) {
        return to.u16(tile.stage()).longs(tile.lo()).longs(tile.hi()).i64(tile.leafFrom()).i64(tile.leafTo());
    }

    static Tile tile(Decoder from) throws WireException {
        return new Tile(from.u16(), from.longs(RANK), from.longs(RANK), from.i64(), from.i64());
    }

    static Encoder encode(Encoder to, List<Tiling> tilings) {
        return to.list(tilings, (e, tiling) -> e.u16(tiling.stage())
                .longs(tiling.domain())
                .longs(tiling.box())
                .i64(tiling.leaves())
                .i64(tiling.run()));
    }

    static List<Tiling> tilings(Decoder from) throws WireException {
        return from.list(
                STAGES, d -> new Tiling(d.u16(), d.longs(RANK), d.longs(RANK), d.i64(), d.i64()));
    }
}
