package org.imbrex.kernels.map;

import org.imbrex.kernels.element.Interpreter;
import org.imbrex.kernels.element.Walk;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Tile;

/** The oracle: reads, computes and writes one index at a time. */
public record MapReference(MapStage stage) implements HostKernel {
    @Override
    public void run(Tile tile, long[] loads, long[] stores) {
        if (Walk.isEmpty(tile.lo(), tile.hi())) {
            return;
        }
        Interpreter body = new Interpreter(stage.body());
        long[] read = new long[stage.loads().size()];
        long[] index = tile.lo().clone();
        do {
            Walk.read(stage.loads(), loads, index, read);
            body.run(index, read);
            Walk.write(stage.stores(), stores, index, body);
        } while (Walk.next(index, tile.lo(), tile.hi()));
    }
}
