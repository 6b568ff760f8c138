package org.imbrex.kernels.step;

import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.OpenClTarget;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.Tile;

/**
 * Time steps: on a processor an item takes boxes that fit in cache through all steps, where the step's views allow it;
 * otherwise each step is launches over the whole tile.
 */
public final class StepOpenCl {
    private final StepText text;

    public StepOpenCl(IterateStage stage, OpenClTarget target) {
        this.text = StepInBoxes.suits(stage, target) ? new StepInBoxes(stage, target) : new StepLaunches(stage, target);
    }

    public boolean fp64() {
        return text.fp64();
    }

    public long argumentBytes() {
        return text.argumentBytes();
    }

    public String source() {
        return text.source();
    }

    public Launch.Sequence launches(Tile tile) {
        return text.launches(tile);
    }
}
