package org.imbrex.kernels.reduce;

import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.opencl.BodyText.Rare;
import org.imbrex.kernels.opencl.Kernel;
import org.imbrex.kernels.opencl.Nest;
import org.imbrex.kernels.opencl.OpenClTarget;
import org.imbrex.kernels.opencl.Pointers;
import org.imbrex.kernels.opencl.SourceText;
import org.imbrex.kernels.stage.CanonicalTree;

/** GPUs' kernel for contiguous leaves: a group for up to 16, an item for each lane of each, the tree in local memory. */
final class LanesText {
    private static final int LEAF = CanonicalTree.LEAF;
    private static final int LANES = CanonicalTree.LANES;

    private final OpenClTarget target;
    private final Pointers loads;
    private final ReduceText text;

    LanesText(OpenClTarget target, Pointers loads, ReduceText text) {
        this.target = target;
        this.loads = loads;
        this.text = text;
    }

    /** Writes the kernel. */
    void write(SourceText out, Nest nest) {
        List<String> pointers = new ArrayList<>(loads.declarations());
        pointers.addAll(text.nodes("A", true));
        List<String> numbers = new ArrayList<>(nest.numbers());
        numbers.addAll(text.numbers());
        out.line("__attribute__((reqd_work_group_size(%d, 1, 1)))", LANES * ReduceOpenCl.GROUP_LEAVES);
        Kernel.open(out, target, "lanes", pointers, numbers);
        text.each(j -> out.line("__local %s t%d[%d][%d];", text.type(j), j, ReduceOpenCl.GROUP_LEAVES, LANES));
        out.line("const int l = get_local_id(0) %% %d;", LANES);
        out.line("const int t = get_local_id(0) / %d;", LANES);
        out.line("const long q = get_group_id(0);");
        out.line("const long first = leafFrom + q * %d;", ReduceOpenCl.GROUP_LEAVES);
        out.line("const int leaves = min(leafTo - first, (long)%d);", ReduceOpenCl.GROUP_LEAVES);
        out.line("const long outputs = %s;", String.join(" * ", nest.extents()));
        out.open("for (long output = get_global_id(1); output < outputs; output += get_global_size(1))");
        out.line("const long row = output / %s;", nest.row());
        out.line("const long x = output - row * %s;", nest.row());
        nest.offsets(out);
        text.each(j -> out.line("%s a%d = %s;", text.type(j), j, text.identity(j)));
        out.line("const long k0 = (first + t) * %d + l;", LEAF);
        out.line("const long kEnd = t < leaves ? min(m, (first + t + 1) * %d) : 0;", LEAF);
        out.open("for (long k = k0; k < kEnd; k += %d)", LANES);
        text.element(out, nest, Rare.BRANCH, j -> "a" + j);
        out.close();
        text.each(j -> out.line("t%d[t][l] = a%d;", j, j));
        out.line("barrier(CLK_LOCAL_MEM_FENCE);");
        out.open("for (int across = %d; across >= 1; across /= 2)", LANES / 2);
        out.open("if (l < across)");
        text.each(j -> out.line("a%1$d = combine%1$d(a%1$d, t%1$d[t][l + across]);", j));
        out.close();
        out.line("barrier(CLK_LOCAL_MEM_FENCE);");
        text.each(j -> out.line("t%d[t][l] = a%d;", j, j));
        out.line("barrier(CLK_LOCAL_MEM_FENCE);");
        out.close();
        out.open("for (int n = leaves; n > 1; n = (n + 1) / 2)");
        out.open("if (l == 0 && 2 * t < n)");
        text.each(j -> out.line(
                "a%1$d = 2 * t + 1 < n ? combine%1$d(t%1$d[2 * t][0], t%1$d[2 * t + 1][0]) : t%1$d[2 * t][0];", j));
        out.close();
        out.line("barrier(CLK_LOCAL_MEM_FENCE);");
        out.open("if (l == 0 && 2 * t < n)");
        text.each(j -> out.line("t%1$d[t][0] = a%1$d;", j));
        out.close();
        out.line("barrier(CLK_LOCAL_MEM_FENCE);");
        out.close();
        out.open("if (l == 0 && t == 0)");
        text.each(j -> out.line("A%d[%s + q] = t%d[0][0];", j, nest.at("D" + j), j));
        out.close();
        out.line("barrier(CLK_LOCAL_MEM_FENCE);");
        out.close();
        out.close();
        out.line("");
    }
}
