package org.imbrex.kernels.matmul;

import java.util.List;
import java.util.function.Consumer;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.OpenClTarget;
import org.imbrex.kernels.opencl.SourceText;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Tile;

/**
 * Products on processors, blocked as {@link MatMulVector}'s are: an item takes blocks of c; for each block of k it packs
 * a panel of b for the caches, then panels of a, and keeps a few rows of two vectors of c in registers. Its
 * working memory is its own part of one buffer: the panels, and the sums of the blocks of k before.
 */
final class ProductPanels implements ProductKernel {
    private static final int K = MatMulStage.BLOCK;
    /** Of packed b about a second-level cache's worth, of packed a half of that. */
    private static final int BYTES_OF_B = 512 << 10;

    private static final int BYTES_OF_A = 256 << 10;
    /** The most rows for which sums are kept; packing b costs little against so many. */
    private static final int MOST_ROWS = 512;
    /** Blocks for each unit, so that one that is held up leaves some of its share to others. */
    private static final int SHARES_PER_UNIT = 4;

    /**
     * The block of c in registers. 12 sums, 2 vectors of b and one of a fill 16 registers; there are 32 of 512 bits, but
     * compilers may make two of 256 of each.
     */
    private static final int HIGH = 6;

    private static final int VECTORS = 2;

    private final MatMulStage stage;
    private final OpenClTarget target;
    private final ProductText text;
    private final String type;
    private final int lanes;
    private final int wide;
    private final int mostRows;
    private final int mostCols;

    ProductPanels(MatMulStage stage, OpenClTarget target, ProductText text) {
        this.stage = stage;
        this.target = target;
        this.text = text;
        this.type = text.type();
        int bytes = stage.dtype().bytes();
        this.lanes = lanes(stage, target);
        this.wide = VECTORS * lanes;
        this.mostRows = BYTES_OF_A / (K * bytes) / HIGH * HIGH;
        this.mostCols = BYTES_OF_B / (K * bytes) / wide * wide;
    }

    /** Elements in one of the device's vectors, a length that OpenCL C has. */
    static int lanes(MatMulStage stage, OpenClTarget target) {
        return Math.clamp(Integer.highestOneBit(target.vectorBytes()) / stage.dtype().bytes(), 2, 16);
    }

    @Override
    public List<String> numbers() {
        return List.of("works", "rowParts", "colParts", "rowShare", "colShare", "pitch", "atA", "atSums", "own");
    }

    @Override
    public boolean scratch() {
        return true;
    }

    // ---- text

    @Override
    public void write(SourceText out) {
        text.open(out, numbers(), true);
        out.line("__global %s *bs = scratch + get_global_id(0) * own;", type);
        out.line("__global %s *as = bs + atA;", type);
        out.line("__global %s *sums = bs + atSums;", type);
        out.open("for (long work = get_global_id(0); work < works; work += get_global_size(0))");
        out.line("const long colPart = work % colParts;");
        out.line("const long rowPart = work / colParts % rowParts;");
        out.line("const long layer = work / colParts / rowParts;");
        text.layer(out, "layer");
        out.line("const long rowFrom = rowPart * rowShare;");
        out.line("const long rowTo = min(rows, rowFrom + rowShare);");
        out.line("const long colTo = min(cols, (colPart + 1) * colShare);");
        out.open("for (long col0 = colPart * colShare; col0 < colTo; col0 += %d)", mostCols);
        out.line("const int width = min(colTo - col0, (long)%d);", mostCols);
        out.open("for (long k0 = 0; k0 == 0 || k0 < inner; k0 += %d)", K); // once where inner is 0
        out.line("const int depth = min(inner - k0, (long)%d);", K);
        pack(out, "bs", "width", wide, lane -> out.line(
                "to[%s] = %s;", lane, text.readB(out, "(k0 + k)", "col0 + from + " + lane)));
        out.open("for (long row0 = rowFrom; row0 < rowTo; row0 += %d)", mostRows);
        out.line("const int height = min(rowTo - row0, (long)%d);", mostRows);
        pack(out, "as", "height", HIGH, lane -> out.line(
                "to[%s] = %s;", lane, text.readA(out, "row0 + from + " + lane, "(k0 + k)")));
        out.open("for (int j = 0; j < width; j += %d)", wide);
        out.open("for (int i = 0; i < height; i += %d)", HIGH);
        block(out);
        for (int braces = 0; braces < 7; braces++) {
            out.close();
        }
    }

    /** Panels of {@code lanes} rows or columns, for each k side by side; what there is none of is 0. */
    private void pack(SourceText out, String panels, String extent, int lanes, Consumer<String> lane) {
        out.open("for (int from = 0; from < %s; from += %d)", extent, lanes);
        out.line("__global %s *to = %s + from * depth;", type, panels);
        out.line("const int there = min(%s - from, %d);", extent, lanes);
        out.open("for (int k = 0; k < depth; k++, to += %d)", lanes);
        out.open("if (there == %d)", lanes);
        out.open("for (int l = 0; l < %d; l++)", lanes);
        lane.accept("l");
        out.close();
        out.close();
        out.open("else");
        out.open("for (int l = 0; l < there; l++)");
        lane.accept("l");
        out.close();
        out.open("for (int l = there; l < %d; l++)", lanes);
        out.line("to[l] = 0;");
        out.close();
        out.close();
        out.close();
        out.close();
    }

    private interface Cell {
        void write(String name, int row, int vector);
    }

    private void cells(Cell cell) {
        for (int row = 0; row < HIGH; row++) {
            for (int vector = 0; vector < VECTORS; vector++) {
                cell.write("c" + row + "_" + vector, row, vector);
            }
        }
    }

    /** A block of c in registers. */
    private void block(SourceText out) {
        out.line("__global const %s *a = as + i * depth;", type);
        out.line("__global const %s *b = bs + j * depth;", type);
        cells((name, row, vector) -> out.line("%s%d %s = 0;", type, lanes, name));
        out.open("for (int k = 0; k < depth; k++, a += %d, b += %d)", HIGH, wide);
        for (int vector = 0; vector < VECTORS; vector++) {
            out.line("const %1$s%2$d b%3$d = vload%2$d(%3$d, b);", type, lanes, vector);
        }
        for (int row = 0; row < HIGH; row++) {
            out.line("const %1$s%2$d a%3$d = (%1$s%2$d)(a[%3$d]);", type, lanes, row);
            for (int vector = 0; vector < VECTORS; vector++) {
                out.line(text.step("c" + row + "_" + vector, "a" + row, "b" + vector));
            }
        }
        out.close();
        out.line("__global %s *sum = sums + (row0 - rowFrom + i) * pitch + j;", type);
        out.open("if (k0 > 0)");
        cells((name, row, vector) -> out.line(
                "%1$s = vload%2$d(%3$d, sum + %4$d * pitch) + %1$s;", name, lanes, vector, row));
        out.close();
        out.open("if (k0 + %d < inner)", K);
        cells((name, row, vector) ->
                out.line("vstore%d(%s, %d, sum + %d * pitch);", lanes, name, vector, row));
        out.close();
        out.open("else");
        out.line("%s done[%d][%d];", type, HIGH, wide);
        cells((name, row, vector) -> out.line("vstore%d(%s, %d, done[%d]);", lanes, name, vector, row));
        out.line("const int tall = min(height - i, %d);", HIGH);
        out.open("if (width - j >= %d)", wide);
        finished(out, "" + wide);
        out.close();
        out.open("else");
        finished(out, "width - j");
        out.close();
        out.close();
    }

    private void finished(SourceText out, String width) {
        out.open("for (int r = 0; r < tall; r++)");
        out.open("for (int l = 0; l < %s; l++)", width);
        text.store(out, "row0 + i + r", "col0 + j + l", "done[r][l]");
        out.close();
        out.close();
    }

    // ---- launches

    @Override
    public Launch.Sequence launches(Tile tile) {
        long rows = text.rows(tile);
        long cols = text.cols(tile);
        long layers = text.layers(tile);
        // each block of rows packs all of b, so rows are cut for balance first, and columns only where there are few
        long wanted = Math.ceilDiv(target.units(), layers);
        long rowParts = Math.ceilDiv(rows, MOST_ROWS);
        long colParts = 1;
        if (rows >= wanted * HIGH * 2) {
            rowParts = Math.ceilDiv(rowParts, wanted) * wanted;
        } else {
            colParts = Math.min(wanted, Math.ceilDiv(cols, wide));
        }
        long rowShare = Math.ceilDiv(Math.ceilDiv(rows, rowParts), HIGH) * HIGH;
        long colShare = Math.ceilDiv(Math.ceilDiv(cols, colParts), wide) * wide;
        rowParts = Math.ceilDiv(rows, rowShare);
        colParts = Math.ceilDiv(cols, colShare);
        long works = layers * rowParts * colParts;
        long items = Math.min(works, (long) SHARES_PER_UNIT * target.units());
        int depth = (int) Math.min(K, stage.inner());
        long pitch = Math.min(mostCols, colShare);
        long ofB = pitch * depth;
        long ofA = Math.min(mostRows, rowShare) * depth;
        long ofSums = stage.inner() > K ? rowShare * pitch : 0;
        long own = Math.max(1, ofB + ofA + ofSums);
        return text.launch(
                tile, new long[] {items, 1, 1}, new long[] {1, 1, 1},
                List.of(works, rowParts, colParts, rowShare, colShare, pitch, ofB, ofB + ofA, own), items * own);
    }
}
