package org.imbrex.kernels.fuse;

import java.util.List;
import java.util.Map;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.typing.Node;

/** Turns checked expressions into a program of fused stages. */
public final class Fuser {
    private Fuser() {}

    /**
     * The program that computes the results, in their order.
     *
     * @param inputs each input that a node names, with how it lies in memory
     */
    public static Program fuse(List<Node> results, Map<String, Program.Buffer> inputs) {
        throw new IllegalArgumentException("no stages for " + results + inputs);
    }
}
