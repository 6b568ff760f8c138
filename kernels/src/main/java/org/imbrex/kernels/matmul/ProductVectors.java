package org.imbrex.kernels.matmul;

import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.OpenClTarget;
import org.imbrex.kernels.opencl.SourceText;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Tile;

/**
 * A matrix times a vector, or a vector times a matrix, on processors: nothing is packed. The order forbids vectors along
 * k, so neighbouring results are a vector's lanes. Where k is the axis whose elements lie together, squares of the matrix
 * are transposed in registers; otherwise chains of {@link #CHAINS} results stay in cache, and each pass adds four k.
 */
final class ProductVectors implements ProductKernel {
    private static final int K = MatMulStage.BLOCK;
    private static final int CHAINS = 1024;
    /** Rows of a square at most: sixteen of them take more registers than there are, and often meet in a cache's set of eight. */
    private static final int SQUARE = 8;
    /** Multiply-adds for which an item of its own pays, and how many items a unit gets at most. */
    private static final long SHARE = 64 << 10;

    private static final int SHARES_PER_UNIT = 8;

    private final MatMulStage stage;
    private final OpenClTarget target;
    private final ProductText text;
    private final String type;
    private final int lanes;
    private final boolean alongRows;
    private final boolean transposes;

    ProductVectors(MatMulStage stage, OpenClTarget target, ProductText text) {
        this.stage = stage;
        this.target = target;
        this.text = text;
        this.type = text.type();
        int batch = stage.domain().length - 2;
        this.alongRows = stage.domain()[batch + 1] == 1;
        this.transposes = alongRows ? text.isContiguous(0, batch + 1) : text.isContiguous(1, batch);
        int most = ProductPanels.lanes(stage, target);
        this.lanes = transposes ? Math.min(SQUARE, most) : most;
    }

    /** Whether one of the operands has one row or column. */
    static boolean suits(MatMulStage stage, OpenClTarget target) {
        int batch = stage.domain().length - 2;
        return target.specialise() && (stage.domain()[batch] == 1 || stage.domain()[batch + 1] == 1);
    }

    @Override
    public List<String> numbers() {
        return List.of("works", "parts", "share");
    }

    @Override
    public boolean scratch() {
        return false;
    }

    // ---- text

    @Override
    public void write(SourceText out) {
        text.open(out, numbers(), false);
        out.open("for (long work = get_global_id(0); work < works; work += get_global_size(0))");
        out.line("const long layer = work / parts;");
        text.layer(out, "layer");
        out.line("const long from = work % parts * share;");
        out.line("const long to = min(%s, from + share);", alongRows ? "rows" : "cols");
        if (transposes) {
            squares(out);
        } else {
            chains(out);
        }
        out.close();
        out.close();
    }

    private String matrix(SourceText out, String lane, String k) {
        return alongRows ? text.readA(out, lane, k) : text.readB(out, k, lane);
    }

    private String vector(SourceText out, String k) {
        return alongRows ? text.readB(out, k, "0") : text.readA(out, "0", k);
    }

    private void store(SourceText out, String lane, String sum) {
        text.store(out, alongRows ? lane : "0", alongRows ? "0" : lane, sum);
    }

    private void squares(SourceText out) {
        String v = type + lanes;
        out.line("long l = from;");
        out.open("for (; l + %d <= to; l += %d)", lanes, lanes);
        out.line("%s sum = 0;", v);
        out.open("for (long k0 = 0; k0 < inner; k0 += %d)", K);
        out.line("const long end = min(inner, k0 + %d);", K);
        out.line("%s acc = 0;", v);
        out.line("long k = k0;");
        out.open("for (; k + %d <= end; k += %d)", lanes, lanes);
        for (int lane = 0; lane < lanes; lane++) {
            String at = "l + " + lane;
            out.line("const %s r%d = %s;", v, lane,
                    alongRows ? text.vectorA(at, "k", lanes) : text.vectorB("k", at, lanes));
        }
        List<String> columns = transposed(out);
        for (int k = 0; k < lanes; k++) {
            add(out, columns.get(k), "(k + " + k + ")");
        }
        out.close();
        out.open("for (; k < end; k++)");
        List<String> column = new ArrayList<>();
        for (int lane = 0; lane < lanes; lane++) {
            column.add(matrix(out, "l + " + lane, "k"));
        }
        out.line("const %s m = (%s)(%s);", v, v, String.join(", ", column));
        add(out, "m", "k");
        out.close();
        out.line(ProductText.sum("k0 == 0", "sum", "acc"));
        out.close();
        out.line("%s done[%d];", type, lanes);
        out.line("vstore%d(sum, 0, done);", lanes);
        out.open("for (int r = 0; r < %d; r++)", lanes);
        store(out, "l + r", "done[r]");
        out.close();
        out.close();
        out.open("for (; l < to; l++)");
        out.line("%s sum = 0;", type);
        out.open("for (long k0 = 0; k0 < inner; k0 += %d)", K);
        out.line("const long end = min(inner, k0 + %d);", K);
        out.line("%s acc = 0;", type);
        out.open("for (long k = k0; k < end; k++)");
        out.line("const %s m = %s;", type, matrix(out, "l", "k"));
        out.line("const %s x = %s;", type, vector(out, "k"));
        out.line(text.step("acc", "m", "x"));
        out.close();
        out.line(ProductText.sum("k0 == 0", "sum", "acc"));
        out.close();
        store(out, "l", "sum");
        out.close();
    }

    private void add(SourceText out, String column, String k) {
        out.open("");
        out.line("const %1$s%2$d x = (%1$s%2$d)(%3$s);", type, lanes, vector(out, k));
        out.line(text.step("acc", column, "x"));
        out.close();
    }

    /** The columns of the square whose rows are r0, r1, …: at each distance, halves of pairs of vectors change places. */
    private List<String> transposed(SourceText out) {
        String v = type + lanes;
        List<String> now = new ArrayList<>();
        for (int lane = 0; lane < lanes; lane++) {
            now.add("r" + lane);
        }
        for (int distance = 1; distance < lanes; distance *= 2) {
            for (int i = 0; i < lanes; i++) {
                if ((i & distance) == 0) {
                    String a = now.get(i);
                    String b = now.get(i + distance);
                    String even = "h" + distance + "_" + i;
                    String odd = "h" + distance + "_" + (i + distance);
                    out.line("const %s %s = (%s)(%s);", v, even, v, mixed(a, b, distance, 0));
                    out.line("const %s %s = (%s)(%s);", v, odd, v, mixed(a, b, distance, distance));
                    now.set(i, even);
                    now.set(i + distance, odd);
                }
            }
        }
        return now;
    }

    private String mixed(String a, String b, int distance, int from) {
        List<String> elements = new ArrayList<>();
        for (int lane = 0; lane < lanes; lane++) {
            String of = (lane & distance) == 0 ? a : b;
            elements.add(of + ".s" + Integer.toHexString((lane & ~distance) + from));
        }
        return String.join(", ", elements);
    }

    private void chains(SourceText out) {
        out.line("%s sums[%d];", type, CHAINS);
        out.line("%s acc[%d];", type, CHAINS);
        out.open("for (long l0 = from; l0 < to; l0 += %d)", CHAINS);
        out.line("const int width = min(to - l0, (long)%d);", CHAINS);
        out.open("for (int l = 0; l < width; l++)");
        out.line("sums[l] = 0;");
        out.close();
        out.open("for (long k0 = 0; k0 < inner; k0 += %d)", K);
        out.line("const long end = min(inner, k0 + %d);", K);
        out.open("for (int l = 0; l < width; l++)");
        out.line("acc[l] = 0;");
        out.close();
        out.line("long k = k0;");
        out.open("for (; k + 4 <= end; k += 4)");
        pass(out, 4);
        out.close();
        out.open("for (; k < end; k++)");
        pass(out, 1);
        out.close();
        out.open("for (int l = 0; l < width; l++)");
        out.line(ProductText.sum("k0 == 0", "sums[l]", "acc[l]"));
        out.close();
        out.close();
        out.open("for (int l = 0; l < width; l++)");
        store(out, "l0 + l", "sums[l]");
        out.close();
        out.close();
    }

    private void pass(SourceText out, int steps) {
        for (int step = 0; step < steps; step++) {
            out.line("%s x%d_;", type, step);
            out.open("");
            out.line("x%d_ = %s;", step, vector(out, "(k + " + step + ")"));
            out.close();
        }
        out.open("for (int l = 0; l < width; l++)");
        out.line("%s chain = acc[l];", type);
        for (int step = 0; step < steps; step++) {
            out.open("");
            out.line("const %s m = %s;", type, matrix(out, "l0 + l", "(k + " + step + ")"));
            out.line(text.step("chain", "m", "x" + step + "_"));
            out.close();
        }
        out.line("acc[l] = chain;");
        out.close();
    }

    // ---- launches

    @Override
    public Launch.Sequence launches(Tile tile) {
        long results = alongRows ? text.rows(tile) : text.cols(tile);
        long layers = text.layers(tile);
        double work = (double) results * layers * Math.max(1, stage.inner());
        long wanted = Math.clamp((long) (work / SHARE), 1, (long) SHARES_PER_UNIT * target.units());
        long parts = Math.clamp(Math.ceilDiv(wanted, layers), 1, Math.ceilDiv(results, lanes));
        long share = Math.ceilDiv(Math.ceilDiv(results, parts), lanes) * lanes;
        parts = Math.ceilDiv(results, share);
        long items = Math.min(layers * parts, wanted);
        return text.launch(
                tile, new long[] {items, 1, 1}, new long[] {1, 1, 1}, List.of(layers * parts, parts, share), 0);
    }
}
