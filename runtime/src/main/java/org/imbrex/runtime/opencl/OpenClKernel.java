package org.imbrex.runtime.opencl;

import java.util.List;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.OpenClLowering;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.device.LaunchedKernel;
import org.imbrex.runtime.device.TileKernel.TileTimes;
import org.imbrex.runtime.memory.Span;
import org.imbrex.runtime.tile.Scatter;

/** A stage on an OpenCL device. */
final class OpenClKernel implements LaunchedKernel.Work {
    private final OpenClDevice device;
    private final Stage stage;
    private final OpenClLowering lowering;
    private final Scatter scatter;

    OpenClKernel(OpenClDevice device, Stage stage, OpenClLowering lowering) {
        this.device = device;
        this.stage = stage;
        this.lowering = lowering;
        this.scatter = new Scatter(stage);
    }

    @Override
    public TileTimes run(Launch.Sequence sequence, Tile tile, List<Span> loads, List<Span> stores) {
        OpenClDevice.Opened open = device.open();
        OpenClDevice.Lane lane = OpenClDevice.take(open);
        try (Programs.Built program = open.programs().use(lowering)) {
            TileRun run = new TileRun(device, open, lane, stage, tile, loads, stores, scatter);
            return run.run(program, sequence);
        } finally {
            open.idle().add(lane);
        }
    }
}
