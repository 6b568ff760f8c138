package org.imbrex.kernels.fuse;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.typing.Node;

/** Turns checked expressions into a program of fused stages. */
public final class Fuser {
    private Fuser() {}

    /**
     * The program that computes the results, in their order, each in a buffer of its own.
     *
     * @param inputs each input that a node names, with how it lies in memory, in the order in which they are given when
     *     the program runs
     */
    public static Program fuse(List<Node> results, Map<String, Program.Buffer> inputs) {
        List<Node> roots = Decompose.rewrite(results);
        Assembly assembly = new Assembly(inputs, roots);
        Program fused = assembled(assembly, roots);
        return new Program(ProgramText.id(fused), fused.buffers(), fused.inputs(), fused.stages(), fused.results());
    }

    /** The stages of roots that {@link Decompose} has rewritten, without an id. */
    static Program assembled(Assembly assembly, List<Node> roots) {
        Nodes.order(roots).forEach(assembly::prepare);
        List<Integer> buffers = new ArrayList<>();
        for (Node root : roots) {
            buffers.add(assembly.result(root, buffers));
        }
        List<Stage> stages = Finishing.of(Siblings.merge(assembly.stages()), buffers);
        return Unused.without(new Program("", assembly.buffers(), assembly.inputs(), stages, buffers));
    }
}
