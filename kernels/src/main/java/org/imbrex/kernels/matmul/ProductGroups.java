package org.imbrex.kernels.matmul;

import java.util.List;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.OpenClTarget;
import org.imbrex.kernels.opencl.SourceText;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Tile;

/**
 * Products on GPUs: a group computes a square of c from slabs of a and b in local memory, an item a smaller square in
 * registers. The sizes are the largest that the device's local memory and groups hold and that leave all its units work.
 */
final class ProductGroups implements ProductKernel {
    private static final int K = MatMulStage.BLOCK;

    /**
     * Sizes of the squares.
     *
     * @param side of a group's
     * @param each of an item's
     * @param slab how many k are in local memory at once, a divisor of a block of k
     */
    record Sizes(int side, int each, int slab) {
        int items() {
            return side / each * (side / each);
        }

        /** One more column of a keeps the items that store it on different banks. */
        long localBytes(int bytes) {
            return (long) slab * (2 * side + 1) * bytes;
        }
    }

    /** Each item of the first holds 128 sums and chains, which fit a GPU's registers where they are 32 bits wide. */
    private static final List<Sizes> SIZES = List.of(
            new Sizes(128, 8, 16), new Sizes(128, 8, 8), new Sizes(64, 4, 16), new Sizes(32, 4, 16), new Sizes(32, 4, 8),
            new Sizes(16, 2, 16), new Sizes(8, 2, 8), new Sizes(4, 4, 4));

    private final MatMulStage stage;
    private final ProductText text;
    private final String type;
    private final Sizes sizes;

    ProductGroups(MatMulStage stage, OpenClTarget target, ProductText text) {
        this.stage = stage;
        this.text = text;
        this.type = text.type();
        this.sizes = sizes(stage, target);
    }

    static Sizes sizes(MatMulStage stage, OpenClTarget target) {
        int batch = stage.domain().length - 2;
        int bytes = stage.dtype().bytes();
        Sizes chosen = SIZES.getLast();
        for (Sizes sizes : SIZES.reversed()) {
            boolean fits = sizes.items() <= target.groupItems()
                    && sizes.localBytes(bytes) <= target.localBytes()
                    && (bytes == 4 || sizes.each < 8);
            double groups = 1;
            for (int axis = 0; axis < batch + 2; axis++) {
                long extent = stage.domain()[axis];
                groups *= axis < batch ? extent : Math.ceilDiv(extent, sizes.side);
            }
            boolean enough = sizes.side <= 32 || !target.specialise() || groups >= 2.0 * target.units();
            if (fits && enough) {
                chosen = sizes;
            }
        }
        return chosen;
    }

    @Override
    public List<String> numbers() {
        return List.of();
    }

    @Override
    public boolean scratch() {
        return false;
    }

    // ---- text

    @Override
    public void write(SourceText out) {
        int side = sizes.side;
        int slab = sizes.slab;
        int each = sizes.each;
        int items = sizes.items();
        int across = side / each;
        int batch = stage.domain().length - 2;
        out.line("__attribute__((reqd_work_group_size(%d, 1, 1)))", items);
        text.open(out, numbers(), false);
        text.layer(out, "(long)get_group_id(2)");
        out.line("__local %s as[%d][%d];", type, slab, side + 1);
        out.line("__local %s bs[%d][%d];", type, slab, side);
        out.line("const int item = get_local_id(0);");
        out.line("const int ti = item / %d;", across);
        out.line("const int tj = item %% %d;", across);
        out.line("const long row0 = (long)get_group_id(1) * %d;", side);
        out.line("const long col0 = (long)get_group_id(0) * %d;", side);
        out.line("%s sums[%d][%d];", type, each, each);
        out.line("%s acc[%d][%d];", type, each, each);
        unrolled(out, "sums[i][j] = 0;");
        out.open("for (long k0 = 0; k0 < inner; k0 += %d)", slab);
        out.line("const int depth = min(inner - k0, (long)%d);", slab);
        out.open("if (k0 %% %d == 0)", K);
        unrolled(out, "acc[i][j] = 0;");
        out.close();
        // neighbouring items read neighbouring elements
        bring(out, "i", text.isContiguous(0, batch), "row0 + i < rows", () -> out.line(
                "as[k][i] = %s;", text.readA(out, "row0 + i", "(k0 + k)")));
        bring(out, "j", !text.isContiguous(1, batch), "col0 + j < cols", () -> out.line(
                "bs[k][j] = %s;", text.readB(out, "(k0 + k)", "col0 + j")));
        out.line("barrier(CLK_LOCAL_MEM_FENCE);");
        out.open("for (int k = 0; k < depth; k++)");
        out.line("%s ofA[%d];", type, each);
        out.line("%s ofB[%d];", type, each);
        out.line("#pragma unroll");
        out.open("for (int i = 0; i < %d; i++)", each);
        out.line("ofA[i] = as[k][ti + i * %d];", across);
        out.line("ofB[i] = bs[k][tj + i * %d];", across);
        out.close();
        unrolled(out, text.step("acc[i][j]", "ofA[i]", "ofB[j]"));
        out.close();
        out.line("barrier(CLK_LOCAL_MEM_FENCE);");
        out.open("if ((k0 + %d) %% %d == 0 || k0 + %d >= inner)", slab, K, slab);
        unrolled(out, ProductText.sum("k0 < " + K, "sums[i][j]", "acc[i][j]"));
        out.close();
        out.close();
        out.line("#pragma unroll");
        out.open("for (int i = 0; i < %d; i++)", each);
        out.line("#pragma unroll");
        out.open("for (int j = 0; j < %d; j++)", each);
        out.line("const long row = row0 + ti + i * %d;", across);
        out.line("const long col = col0 + tj + j * %d;", across);
        out.open("if (row < rows && col < cols)");
        text.store(out, "row", "col", "sums[i][j]");
        for (int braces = 0; braces < 4; braces++) {
            out.close();
        }
    }

    /** Brings a slab to local memory; {@code crosswise} where neighbouring elements are those of different rows or columns. */
    private void bring(SourceText out, String lane, boolean crosswise, String inside, Runnable copy) {
        int by = crosswise ? sizes.side : sizes.slab;
        out.open("for (int e = item; e < %d; e += %d)", sizes.side * sizes.slab, sizes.items());
        out.line("const int k = e %s %d;", crosswise ? "/" : "%", by);
        out.line("const int %s = e %s %d;", lane, crosswise ? "%" : "/", by);
        out.open("if (k < depth && %s)", inside);
        copy.run();
        out.close();
        out.close();
    }

    private void unrolled(SourceText out, String statement) {
        out.line("#pragma unroll");
        out.open("for (int i = 0; i < %d; i++)", sizes.each);
        out.line("#pragma unroll");
        out.open("for (int j = 0; j < %d; j++)", sizes.each);
        out.line(statement);
        out.close();
        out.close();
    }

    // ---- launches

    @Override
    public Launch.Sequence launches(Tile tile) {
        long[] items = {
            Math.ceilDiv(text.cols(tile), sizes.side) * sizes.items(),
            Math.ceilDiv(text.rows(tile), sizes.side),
            text.layers(tile)
        };
        return text.launch(tile, items, new long[] {sizes.items(), 1, 1}, List.of(), 0);
    }
}
