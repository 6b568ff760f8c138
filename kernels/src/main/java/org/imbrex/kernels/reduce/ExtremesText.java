package org.imbrex.kernels.reduce;

import java.util.List;
import java.util.function.Consumer;
import org.imbrex.kernels.opencl.BodyText;
import org.imbrex.kernels.opencl.OpenClTarget;
import org.imbrex.kernels.opencl.SourceText;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.CanonicalTree;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.ReduceStage;

/**
 * MIN and MAX of float32 on processors, by their bits as integers: see {@link Extremes}. A run's elements are combined in any
 * order; where the result does not tell, the run goes through its leaves.
 */
final class ExtremesText {
    private static final int LANES = CanonicalTree.LANES;

    /** The most instructions of a body, which is written four times. */
    private static final int MOST = 40;

    private ExtremesText() {}

    /** Whether a stage may be had so. */
    static boolean fits(ReduceStage stage, OpenClTarget target, List<ScalarType> types) {
        return target.loops()
                && types.stream().allMatch(type -> type == ScalarType.F32)
                && stage.combines().stream().allMatch(how -> how == Combine.MIN || how == Combine.MAX)
                && stage.body().instrs().size() <= MOST
                && !BodyText.hasRare(stage.body());
    }

    /** The elements of the reduced axes. */
    interface Each {
        /** Opens a block with the values of element k, has them taken, and closes it. */
        void write(Consumer<List<String>> taking);
    }

    /** Writes how {@code told} is found, and each accumulator's {@code value} where it is 1. */
    static void write(SourceText out, ReduceStage stage, Each elements) {
        int count = stage.combines().size();
        for (int j = 0; j < count; j++) {
            out.line("int least%1$d[%2$d], most%1$d[%2$d], turned%1$d[%2$d];", j, LANES);
        }
        out.open("for (int l = 0; l < %d; l++)", LANES);
        for (int j = 0; j < count; j++) {
            out.line("least%1$d[l] = INT_MAX; most%1$d[l] = INT_MIN; turned%1$d[l] = INT_MIN;", j);
        }
        out.close();
        out.line("const long from = first * %d;", CanonicalTree.LEAF);
        out.line("const long to = min(last * %d, m);", CanonicalTree.LEAF);
        out.line("const long even = from + (to - from) / %1$d * %1$d;", LANES);
        out.open("for (long part = from; part < even; part += %d)", LANES);
        out.open("for (int l = 0; l < %d; l++)", LANES);
        out.line("const long k = part + l;");
        elements.write(values -> take(out, values));
        out.close();
        out.close();
        out.open("for (long k = even; k < to; k++)");
        out.line("const int l = k - even;");
        elements.write(values -> take(out, values));
        out.close();
        out.open("for (int l = 1; l < %d; l++)", LANES);
        for (int j = 0; j < count; j++) {
            out.line("least%1$d[0] = min(least%1$d[0], least%1$d[l]);", j);
            out.line("most%1$d[0] = max(most%1$d[0], most%1$d[l]);", j);
            out.line("turned%1$d[0] = max(turned%1$d[0], turned%1$d[l]);", j);
        }
        out.close();
        out.line("int told = 1;");
        for (int j = 0; j < count; j++) {
            boolean least = stage.combines().get(j) == Combine.MIN;
            out.line("told &= most%1$d[0] <= 0x7f800000 && turned%1$d[0] <= 0x7f800000;", j);
            out.line(
                    least
                            ? "told &= turned%1$d[0] != 0 || most%1$d[0] == INT_MIN;"
                            : "told &= most%1$d[0] != 0 || least%1$d[0] != INT_MIN;", j);
            out.line(
                    "const float value%1$d = as_float("
                            + (least
                                    ? "turned%1$d[0] >= 0 ? turned%1$d[0] ^ INT_MIN : least%1$d[0]"
                                    : "most%1$d[0] >= 0 ? most%1$d[0] : least%1$d[0]")
                            + ");",
                    j);
        }
    }

    private static void take(SourceText out, List<String> values) {
        for (int j = 0; j < values.size(); j++) {
            out.line("const int bits%d = as_int(%s);", j, values.get(j));
            out.line("least%1$d[l] = min(least%1$d[l], bits%1$d);", j);
            out.line("most%1$d[l] = max(most%1$d[l], bits%1$d);", j);
            out.line("turned%1$d[l] = max(turned%1$d[l], bits%1$d ^ INT_MIN);", j);
        }
    }
}
