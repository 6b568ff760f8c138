package org.imbrex.kernels.matmul;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.imbrex.kernels.opencl.BodyText;
import org.imbrex.kernels.opencl.Kernel;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.OpenClTarget;
import org.imbrex.kernels.opencl.Pointers;
import org.imbrex.kernels.opencl.SourceText;
import org.imbrex.kernels.opencl.Views;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;

/**
 * What all kernels of a product share: arguments, how an element of a and of b is read and one of c written, and the two
 * statements of the one order. Rows and columns count from the tile's first; {@code x0} and so on are the batch's index.
 */
final class ProductText {
    private final MatMulStage stage;
    private final OpenClTarget target;
    private final Pointers loads;
    private final Pointers stores;
    private final Views views;
    private final int batch;

    ProductText(MatMulStage stage, OpenClTarget target) {
        this.stage = stage;
        this.target = target;
        this.loads = Pointers.loads(stage.loads(), stage.stores());
        this.stores = Pointers.stores(stage.stores(), stage.loads(), loads.count());
        this.views = new Views(target, stage.loads(), loads);
        this.batch = stage.domain().length - 2;
    }

    /** The C type that sums are kept in: integers wrap, as C lets unsigned ones. */
    String type() {
        return (stage.dtype().isFloat() ? "" : "u") + SourceText.type(stage.dtype());
    }

    /** Whether a load's elements are side by side along an axis, and the text may rely on it. */
    boolean isContiguous(int load, int axis) {
        View view = stage.loads().get(load);
        return target.specialise() && view.shifts().isEmpty() && view.strides()[axis] == 1;
    }

    // ---- arguments

    private List<String> pointers(boolean scratch) {
        List<String> pointers = new ArrayList<>(loads.declarations());
        pointers.addAll(stores.declarations());
        if (scratch) {
            pointers.add("__global " + type() + " *restrict scratch");
        }
        return pointers;
    }

    private List<String> numbers(List<String> own) {
        List<String> numbers = new ArrayList<>(List.of("inner"));
        for (int axis = 0; axis < batch + 2; axis++) {
            numbers.add("lo" + axis);
            numbers.add("n" + axis);
        }
        numbers.add("startC");
        for (int axis = 0; axis < batch + 2; axis++) {
            numbers.add("c" + axis);
        }
        numbers.addAll(own);
        numbers.addAll(views.numbers());
        return numbers;
    }

    long argumentBytes(List<String> own, boolean scratch) {
        return Kernel.argumentBytes(pointers(scratch), numbers(own));
    }

    /** Opens the kernel's braces. */
    void open(SourceText out, List<String> own, boolean scratch) {
        Kernel.open(out, target, "product", pointers(scratch), numbers(own));
        out.line("const long rows = n%d;", batch);
        out.line("const long cols = n%d;", batch + 1);
    }

    /** Declares the index along each batch axis of product number {@code layer} of the tile. */
    void layer(SourceText out, String layer) {
        String rest = layer;
        for (int axis = batch - 1; axis >= 0; axis--) {
            out.line("const long q%d = %s / n%d;", axis, rest, axis);
            out.line("const long x%d = lo%d + %s - q%d * n%d;", axis, axis, rest, axis, axis);
            rest = "q" + axis;
        }
    }

    // ---- elements

    private IntFunction<String> ofA(String row, String k) {
        return axis -> axis == batch + 1 ? k : axis == batch ? "(lo" + axis + " + " + row + ")" : "x" + axis;
    }

    private IntFunction<String> ofB(String k, String col) {
        return axis -> axis == batch ? k : axis == batch + 1 ? "(lo" + axis + " + " + col + ")" : "x" + axis;
    }

    /** The value of a[row, k]; what leads there is written before. */
    String readA(SourceText out, String row, String k) {
        return views.read(out, 0, ofA(row, k));
    }

    String readB(SourceText out, String k, String col) {
        return views.read(out, 1, ofB(k, col));
    }

    /** {@code count} neighbouring elements along k, where they are contiguous. */
    String vectorA(String row, String k, int count) {
        return asVector(loads.loadVector(0, views.element(0, ofA(row, k)), count), count);
    }

    String vectorB(String k, String col, int count) {
        return asVector(loads.loadVector(1, views.element(1, ofB(k, col)), count), count);
    }

    private String asVector(String value, int count) {
        return "as_" + type() + count + "(" + value + ")";
    }

    /** Writes what the epilogue makes of a finished sum: the one place where a product's result leaves its kernel. */
    void store(SourceText out, String row, String col, String sum) {
        IntFunction<String> index = axis ->
                axis < batch ? "x" + axis : "(lo" + axis + " + " + (axis == batch ? row : col) + ")";
        StringBuilder element = new StringBuilder("startC");
        for (int axis = 0; axis < batch + 2; axis++) {
            boolean one = target.specialise() && stage.c().strides()[axis] == 1;
            element.append(" + ").append(index.apply(axis)).append(one ? "" : " * c" + axis);
        }
        if (stage.isPlain()) {
            out.line(stores.store(0, element.toString(), sum));
            return;
        }
        out.open("");
        String signed = stage.dtype().isFloat() ? sum : "(" + SourceText.type(stage.dtype()) + ")" + sum;
        String[] read = new String[1 + stage.others().size()];
        read[0] = signed;
        for (int k = 1; k < read.length; k++) {
            read[k] = views.read(out, 1 + k, index);
        }
        List<String> results = BodyText.write(out, stage.epilogue(), slot -> read[slot], index, BodyText.Rare.BRANCH);
        out.line(stores.store(0, element.toString(), results.getFirst()));
        out.close();
    }

    // ---- the order

    /** One more product into a chain; scalars or vectors. */
    String step(String acc, String a, String b) {
        return stage.dtype().isFloat()
                ? "%1$s = fma(%2$s, %3$s, %1$s);".formatted(acc, a, b)
                : "%1$s = %1$s + %2$s * %3$s;".formatted(acc, a, b);
    }

    /** A finished chain into the sum, of which it may be the first. */
    static String sum(String isFirst, String sum, String acc) {
        return "%2$s = %1$s ? %3$s : %2$s + %3$s;".formatted(isFirst, sum, acc);
    }

    // ---- launches

    /** How many products of the batch a tile holds. */
    long layers(Tile tile) {
        long layers = 1;
        for (int axis = 0; axis < batch; axis++) {
            layers *= tile.hi()[axis] - tile.lo()[axis];
        }
        return layers;
    }

    long rows(Tile tile) {
        return tile.hi()[batch] - tile.lo()[batch];
    }

    long cols(Tile tile) {
        return tile.hi()[batch + 1] - tile.lo()[batch + 1];
    }

    /** @param scratch elements of working memory, 0 where the kernel takes none */
    Launch.Sequence launch(Tile tile, long[] items, long[] group, List<Long> own, long scratch) {
        List<Long> numbers = new ArrayList<>(List.of(stage.inner()));
        for (int axis = 0; axis < batch + 2; axis++) {
            numbers.add(tile.lo()[axis]);
            numbers.add(tile.hi()[axis] - tile.lo()[axis]);
        }
        int startC = numbers.size();
        numbers.add(stage.c().offset());
        for (long stride : stage.c().strides()) {
            numbers.add(stride);
        }
        numbers.addAll(own);
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
        if (scratch > 0) {
            memory.add(new Launch.Memory.Scratch(0));
        }
        long[] values = numbers.stream().mapToLong(Long::longValue).toArray();
        return new Launch.Sequence(
                scratch > 0 ? List.of(scratch * stage.dtype().bytes()) : List.of(),
                List.of(new Launch("product", items, group, memory, values, relative)));
    }
}
