package org.imbrex.kernels.matmul;

import java.util.List;
import org.imbrex.kernels.element.Walk;
import org.imbrex.kernels.opencl.BodyText;
import org.imbrex.kernels.opencl.Kernel;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.OpenClTarget;
import org.imbrex.kernels.opencl.SourceText;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Tile;

/**
 * Products in the one order: chains of fma over blocks of 256 of k, the blocks' values added in order. On a processor
 * items work with packed panels, or with vectors of a matrix's rows where the other operand is one; on a GPU groups share
 * slabs in local memory.
 */
public final class MatMulOpenCl {
    private final MatMulStage stage;
    private final ProductText text;
    private final ProductKernel kernel;

    public MatMulOpenCl(MatMulStage stage, OpenClTarget target) {
        this.stage = stage;
        this.text = new ProductText(stage, target);
        this.kernel = !target.loops()
                ? new ProductGroups(stage, target, text)
                : ProductVectors.suits(stage, target)
                        ? new ProductVectors(stage, target, text)
                        : new ProductPanels(stage, target, text);
    }

    public boolean fp64() {
        return BodyText.usesF64(stage.epilogue())
                || Kernel.anyF64(stage.loads())
                || Kernel.anyF64(stage.stores());
    }

    public long argumentBytes() {
        return text.argumentBytes(kernel.numbers(), kernel.scratch());
    }

    public String source() {
        SourceText out = new SourceText();
        kernel.write(out);
        return Kernel.preamble(fp64(), stage.loads()) + out;
    }

    public Launch.Sequence launches(Tile tile) {
        return Walk.isEmpty(tile.lo(), tile.hi())
                ? new Launch.Sequence(List.of(), List.of())
                : kernel.launches(tile);
    }
}
