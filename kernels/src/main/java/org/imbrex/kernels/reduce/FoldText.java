package org.imbrex.kernels.reduce;

import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.opencl.Kernel;
import org.imbrex.kernels.opencl.Nest;
import org.imbrex.kernels.opencl.OpenClTarget;
import org.imbrex.kernels.opencl.Pointers;
import org.imbrex.kernels.opencl.SourceText;
import org.imbrex.kernels.stage.ReduceStage;

/** The kernels that combine nodes along the canonical tree, named as {@link ReduceText}'s. */
final class FoldText {
    /** Levels of a stack that holds {@link ReduceOpenCl#NARROW} nodes. */
    private static final int LEVELS = 7;

    private final ReduceStage stage;
    private final OpenClTarget target;
    private final ReduceText text;
    private final int accumulators;

    FoldText(ReduceStage stage, OpenClTarget target, ReduceText text) {
        this.stage = stage;
        this.target = target;
        this.text = text;
        this.accumulators = stage.combines().size();
    }

    /** Of each output's {@code count} nodes every 64 become one. */
    void narrow(SourceText out) {
        List<String> pointers = new ArrayList<>(text.nodes("N", false));
        pointers.addAll(text.nodes("A", true));
        Kernel.open(out, target, "narrow", pointers, List.of("total", "count", "left"));
        out.open("for (long g = get_global_id(0); g < total; g += get_global_size(0))");
        out.line("const long begin = g %% left * %d;", ReduceOpenCl.NARROW);
        out.line("const long nodes = min(count - begin, (long)%d);", ReduceOpenCl.NARROW);
        out.line("const long from = g / left * count + begin;");
        combined(out, "from");
        text.each(j -> out.line("A%d[g] = node%d;", j, j));
        out.close();
        out.close();
        out.line("");
    }

    /** An item combines all of a result's nodes, at most 64. */
    void fold(SourceText out, String name, Nest nest, boolean ends) {
        List<String> pointers = new ArrayList<>(text.nodes("N", false));
        Pointers stores = Pointers.stores(stage.stores(), stage.loads(), accumulators);
        pointers.addAll(ends ? stores.declarations() : text.nodes("A", true));
        List<String> numbers = new ArrayList<>(nest.numbers());
        numbers.add("nodes");
        Kernel.open(out, target, name, pointers, numbers);
        nest.openRows(out);
        nest.openRow(out);
        out.line("const long from = %s;", nest.at("N"));
        combined(out, "from");
        text.end(out, nest, ends ? stores : null, "");
        out.close();
        out.close();
        out.close();
        out.line("");
    }

    /** Combines {@code nodes} nodes, a power of two or all that are left, into {@code node0} and so on. */
    private void combined(SourceText out, String from) {
        text.each(j -> out.line("%s s%d[%d];", text.type(j), j, LEVELS));
        text.each(j -> out.line("%s node%d;", text.type(j), j));
        out.open("for (long node = 0; node < nodes; node++)");
        text.each(j -> out.line("node%d = N%d[%s + node];", j, j, from));
        out.line("int level = 0;");
        out.open("for (long full = node; full & 1; full >>= 1, level++)");
        text.each(j -> out.line("node%1$d = combine%1$d(s%1$d[level], node%1$d);", j));
        out.close();
        text.each(j -> out.line("s%d[level] = node%d;", j, j));
        out.close();
        out.line("int level = 0;");
        out.open("while (!((nodes >> level) & 1))");
        out.line("level++;");
        out.close();
        text.each(j -> out.line("node%1$d = s%1$d[level];", j));
        out.open("for (level++; (nodes >> level) != 0; level++)");
        out.open("if ((nodes >> level) & 1)");
        text.each(j -> out.line("node%1$d = combine%1$d(s%1$d[level], node%1$d);", j));
        out.close();
        out.close();
    }
}
