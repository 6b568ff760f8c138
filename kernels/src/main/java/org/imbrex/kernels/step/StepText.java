package org.imbrex.kernels.step;

import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.stage.Tile;

/** One way to do time steps in OpenCL C. */
sealed interface StepText permits StepLaunches, StepInBoxes {

    boolean fp64();

    long argumentBytes();

    String source();

    Launch.Sequence launches(Tile tile);
}
