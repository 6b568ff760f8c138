package org.imbrex.kernels.matmul;

import java.util.List;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.SourceText;
import org.imbrex.kernels.stage.Tile;

/** One way to compute a product on an OpenCL device: a kernel named {@code product}. */
sealed interface ProductKernel permits ProductPanels, ProductVectors, ProductGroups {

    /** The names of its numbers beside those that all have. */
    List<String> numbers();

    /** Whether it takes working memory. */
    boolean scratch();

    void write(SourceText out);

    /** For a tile that is not empty. */
    Launch.Sequence launches(Tile tile);
}
