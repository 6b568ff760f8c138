package org.imbrex.kernels.matmul;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.imbrex.kernels.element.Walk;
import org.imbrex.kernels.opencl.Kernel;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.OpenClTarget;
import org.imbrex.kernels.opencl.Pointers;
import org.imbrex.kernels.opencl.SourceText;
import org.imbrex.kernels.opencl.Views;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.type.DType;

/**
 * Products in the one order: chains of fma over blocks of 256 of k, the blocks' values added in order. On a processor
 * an item computes 64 x 32 results from a packed panel of b, four rows at once in vector registers. On a GPU a group
 * computes 64 x 64 from slabs of 16 of k in local memory, an item 4 x 4 in registers.
 */
public final class MatMulOpenCl {
    private static final int BLOCK = MatMulStage.BLOCK;
    private static final int ROWS = 64;
    private static final int PANEL = 32;
    private static final int SIDE = 64;
    private static final int SLAB = 16;
    private static final int EACH = 4;
    private static final int GROUP = SIDE / EACH * (SIDE / EACH);

    private final MatMulStage stage;
    private final OpenClTarget target;
    private final Pointers loads;
    private final Pointers stores;
    private final Views views;
    private final int batch;
    private final boolean groups;
    private final String type;

    public MatMulOpenCl(MatMulStage stage, OpenClTarget target) {
        this.stage = stage;
        this.target = target;
        this.loads = Pointers.loads(stage.loads(), stage.stores());
        this.stores = Pointers.stores(stage.stores(), stage.loads(), loads.count());
        this.views = new Views(target, stage.loads(), loads);
        this.batch = stage.domain().length - 2;
        this.groups = !target.loops() && target.groupItems() >= GROUP;
        this.type = SourceText.type(stage.dtype());
    }

    public boolean fp64() {
        return stage.dtype() == DType.F64;
    }

    public long argumentBytes() {
        return Kernel.argumentBytes(pointers(), numbers());
    }

    private List<String> pointers() {
        List<String> pointers = new ArrayList<>(loads.declarations());
        pointers.addAll(stores.declarations());
        return pointers;
    }

    private List<String> numbers() {
        List<String> numbers = new ArrayList<>(List.of("inner"));
        for (int axis = 0; axis < batch + 2; axis++) {
            numbers.add("lo" + axis);
            numbers.add("n" + axis);
        }
        numbers.add("startC");
        for (int axis = 0; axis < batch + 2; axis++) {
            numbers.add("c" + axis);
        }
        numbers.addAll(views.numbers());
        return numbers;
    }

    // ---- text

    public String source() {
        SourceText out = new SourceText();
        if (groups) {
            out.line("__attribute__((reqd_work_group_size(%d, 1, 1)))", GROUP);
        }
        Kernel.open(out, target, "product", pointers(), numbers());
        out.line("const long rows = n%d;", batch);
        out.line("const long cols = n%d;", batch + 1);
        String rest = "(long)get_global_id(2)";
        for (int axis = batch - 1; axis >= 0; axis--) {
            out.line("const long q%d = %s / n%d;", axis, rest, axis);
            out.line("const long x%d = lo%d + %s - q%d * n%d;", axis, axis, rest, axis, axis);
            rest = "q" + axis;
        }
        if (groups) {
            group(out);
        } else {
            panel(out);
        }
        out.close();
        return Kernel.preamble(fp64(), stage.loads()) + out;
    }

    /** The statement that takes one more product into an accumulator. */
    private String step(String acc, String a, String b) {
        return stage.dtype().isFloat()
                ? "%1$s = fma(%2$s, %3$s, %1$s);".formatted(acc, a, b)
                : "%1$s = (%4$s)((u%4$s)%1$s + (u%4$s)%2$s * (u%4$s)%3$s);".formatted(acc, a, b, type);
    }

    private String sum(String first, String sum, String acc) {
        return stage.dtype().isFloat()
                ? "%2$s = %1$s ? %3$s : %2$s + %3$s;".formatted(first, sum, acc)
                : "%2$s = %1$s ? %3$s : (%4$s)((u%4$s)%2$s + (u%4$s)%3$s);".formatted(first, sum, acc, type);
    }

    private String readA(SourceText out, String row, String k) {
        return views.read(out, 0, axis -> axis == batch + 1 ? k : axis == batch ? "(lo" + axis + " + " + row + ")" : "x" + axis);
    }

    private String readB(SourceText out, String k, String col) {
        return views.read(out, 1, axis -> axis == batch ? k : axis == batch + 1 ? "(lo" + axis + " + " + col + ")" : "x" + axis);
    }

    private String storeC(String row, String col, String value) {
        IntFunction<String> index = axis ->
                axis < batch ? "x" + axis : "(lo" + axis + " + " + (axis == batch ? row : col) + ")";
        StringBuilder element = new StringBuilder("startC");
        for (int axis = 0; axis < batch + 2; axis++) {
            element.append(" + ").append(index.apply(axis)).append(" * c").append(axis);
        }
        return stores.store(0, element.toString(), value);
    }

    private void panel(SourceText out) {
        out.line("const long row0 = get_global_id(1) * %d;", ROWS);
        out.line("const long col0 = get_global_id(0) * %d;", PANEL);
        out.line("const int height = min(rows - row0, (long)%d);", ROWS);
        out.line("const int width = min(cols - col0, (long)%d);", PANEL);
        out.line("%s sums[%d][%d];", type, ROWS, PANEL);
        out.line("%s bs[%d][%d];", type, BLOCK, PANEL);
        out.line("%s as[%d][%d];", type, BLOCK, EACH);
        out.open("for (int i = 0; i < height; i++)");
        out.open("for (int j = 0; j < %d; j++)", PANEL);
        out.line("sums[i][j] = 0;");
        out.close();
        out.close();
        out.open("for (long k0 = 0; k0 < inner; k0 += %d)", BLOCK);
        out.line("const int depth = min(inner - k0, (long)%d);", BLOCK);
        out.open("for (int k = 0; k < depth; k++)");
        out.open("for (int j = 0; j < %d; j++)", PANEL);
        out.line("const int in = min(j, width - 1);");
        out.line("bs[k][j] = %s;", readB(out, "(k0 + k)", "col0 + in"));
        out.close();
        out.close();
        out.open("for (int i = 0; i < height; i += %d)", EACH);
        out.open("for (int r = 0; r < %d; r++)", EACH);
        out.line("const int in = min(i + r, height - 1);");
        out.open("for (int k = 0; k < depth; k++)");
        out.line("as[k][r] = %s;", readA(out, "row0 + in", "(k0 + k)"));
        out.close();
        out.close();
        out.line("%s acc[%d][%d];", type, EACH, PANEL);
        out.open("for (int r = 0; r < %d; r++)", EACH);
        out.open("for (int j = 0; j < %d; j++)", PANEL);
        out.line("acc[r][j] = 0;");
        out.close();
        out.close();
        out.open("for (int k = 0; k < depth; k++)");
        out.open("for (int r = 0; r < %d; r++)", EACH);
        out.open("for (int j = 0; j < %d; j++)", PANEL);
        out.line("%s", step("acc[r][j]", "as[k][r]", "bs[k][j]"));
        out.close();
        out.close();
        out.close();
        out.open("for (int r = 0; r < min(%d, height - i); r++)", EACH);
        out.open("for (int j = 0; j < %d; j++)", PANEL);
        out.line("%s", sum("k0 == 0", "sums[i + r][j]", "acc[r][j]"));
        out.close();
        out.close();
        out.close();
        out.close();
        out.open("for (int i = 0; i < height; i++)");
        out.open("for (int j = 0; j < width; j++)");
        out.line("%s", storeC("row0 + i", "col0 + j", "sums[i][j]"));
        out.close();
        out.close();
    }

    private void group(SourceText out) {
        int across = SIDE / EACH;
        out.line("__local %s as[%d][%d];", type, SLAB, SIDE);
        out.line("__local %s bs[%d][%d];", type, SLAB, SIDE);
        out.line("const int item = get_local_id(0);");
        out.line("const int ti = item / %d * %d;", across, EACH);
        out.line("const int tj = item %% %d * %d;", across, EACH);
        out.line("const long row0 = (long)get_global_id(1) * %d;", SIDE);
        out.line("const long col0 = (long)get_group_id(0) * %d;", SIDE);
        out.line("%s sums[%d][%d];", type, EACH, EACH);
        out.line("%s acc[%d][%d];", type, EACH, EACH);
        unrolled(out, "sums[i][j] = 0;");
        out.open("for (long k0 = 0; k0 < inner; k0 += %d)", SLAB);
        out.line("const int depth = min(inner - k0, (long)%d);", SLAB);
        out.open("if (k0 %% %d == 0)", BLOCK);
        unrolled(out, "acc[i][j] = 0;");
        out.close();
        out.open("for (int e = item; e < %d; e += %d)", SIDE * SLAB, GROUP);
        out.line("const int k = e %% %d;", SLAB);
        out.line("const int i = e / %d;", SLAB);
        out.open("if (k < depth && row0 + i < rows)");
        out.line("as[k][i] = %s;", readA(out, "row0 + i", "(k0 + k)"));
        out.close();
        out.close();
        out.open("for (int e = item; e < %d; e += %d)", SIDE * SLAB, GROUP);
        out.line("const int k = e / %d;", SIDE);
        out.line("const int j = e %% %d;", SIDE);
        out.open("if (k < depth && col0 + j < cols)");
        out.line("bs[k][j] = %s;", readB(out, "(k0 + k)", "col0 + j"));
        out.close();
        out.close();
        out.line("barrier(CLK_LOCAL_MEM_FENCE);");
        out.open("for (int k = 0; k < depth; k++)");
        unrolled(out, step("acc[i][j]", "as[k][ti + i]", "bs[k][tj + j]"));
        out.close();
        out.line("barrier(CLK_LOCAL_MEM_FENCE);");
        out.open("if ((k0 + %d) %% %d == 0 || k0 + %d >= inner)", SLAB, BLOCK, SLAB);
        unrolled(out, sum("k0 < " + BLOCK, "sums[i][j]", "acc[i][j]"));
        out.close();
        out.close();
        out.open("for (int i = 0; i < %d; i++)", EACH);
        out.open("for (int j = 0; j < %d; j++)", EACH);
        out.open("if (row0 + ti + i < rows && col0 + tj + j < cols)");
        out.line("%s", storeC("row0 + ti + i", "col0 + tj + j", "sums[i][j]"));
        out.close();
        out.close();
        out.close();
    }

    private static void unrolled(SourceText out, String statement) {
        out.line("#pragma unroll");
        out.open("for (int i = 0; i < %d; i++)", EACH);
        out.line("#pragma unroll");
        out.open("for (int j = 0; j < %d; j++)", EACH);
        out.line(statement);
        out.close();
        out.close();
    }

    // ---- launches

    public Launch.Sequence launches(Tile tile) {
        if (Walk.isEmpty(tile.lo(), tile.hi())) {
            return new Launch.Sequence(List.of(), List.of());
        }
        List<Long> numbers = new ArrayList<>(List.of(stage.inner()));
        long layers = 1;
        for (int axis = 0; axis < batch + 2; axis++) {
            long extent = tile.hi()[axis] - tile.lo()[axis];
            numbers.add(tile.lo()[axis]);
            numbers.add(extent);
            layers *= axis < batch ? extent : 1;
        }
        int startC = numbers.size();
        numbers.add(stage.c().offset());
        for (long stride : stage.c().strides()) {
            numbers.add(stride);
        }
        int[] read = views.relative();
        for (long value : views.values()) {
            numbers.add(value);
        }
        int[] relative = new int[numbers.size()];
        Arrays.fill(relative, -1);
        relative[startC] = stores.position(0);
        System.arraycopy(read, 0, relative, relative.length - read.length, read.length);
        List<Launch.Memory> memory = new ArrayList<>(loads.memory());
        memory.addAll(stores.memory());
        long rows = tile.hi()[batch] - tile.lo()[batch];
        long cols = tile.hi()[batch + 1] - tile.lo()[batch + 1];
        long[] items = groups
                ? new long[] {Math.ceilDiv(cols, SIDE) * GROUP, Math.ceilDiv(rows, SIDE), layers}
                : new long[] {Math.ceilDiv(cols, PANEL), Math.ceilDiv(rows, ROWS), layers};
        long[] group = {groups ? GROUP : 1, 1, 1};
        long[] values = numbers.stream().mapToLong(Long::longValue).toArray();
        return new Launch.Sequence(List.of(), List.of(new Launch("product", items, group, memory, values, relative)));
    }
}
