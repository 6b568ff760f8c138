package org.imbrex.kernels.map;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.imbrex.kernels.opencl.BodyText;
import org.imbrex.kernels.opencl.BodyText.Rare;
import org.imbrex.kernels.opencl.Nest;
import org.imbrex.kernels.opencl.OpenClTarget;
import org.imbrex.kernels.opencl.Pointers;
import org.imbrex.kernels.opencl.SourceText;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.View;

/**
 * Two rows of a stencil in one loop, on processors: what both read of a neighbouring row then comes from the first-level cache,
 * which rows of 16 KiB would else leave before the next row wants them. A function of pointers to rows, as the compiler may
 * take the rows of a parameter to be apart.
 */
final class MapPair {
    /** Longer bodies are bound by arithmetic. */
    private static final int MOST_INSTRS = 24;

    private final MapStage stage;
    private final Nest nest;
    private final String name;

    private MapPair(MapStage stage, Nest nest, String name) {
        this.stage = stage;
        this.nest = nest;
        this.name = name;
    }

    /** Where that pays, and rows are walked one element after another. */
    static Optional<MapPair> of(MapStage stage, OpenClTarget target, Nest nest, String suffix) {
        boolean shifted = stage.loads().stream().anyMatch(view -> !view.shifts().isEmpty());
        boolean simple = stage.body().instrs().size() <= MOST_INSTRS
                && !stage.body().uses(Op.INDEX)
                && !BodyText.hasRare(stage.body());
        boolean even = Stream.concat(stage.loads().stream(), stage.stores().stream())
                .allMatch(view -> nest.innermost(view.strides()) == 0 || nest.innermost(view.strides()) == 1);
        boolean pays = shifted && simple && even && stage.isApart();
        return pays && target.loops() && target.specialise() && nest.isPlane()
                ? Optional.of(new MapPair(stage, nest, "pair" + suffix))
                : Optional.empty();
    }

    /** The function: of each view the row of the first, then of the second. */
    void function(SourceText out) {
        List<String> parameters = new ArrayList<>(List.of("const long from", "const long to"));
        for (int row = 0; row < 2; row++) {
            for (int k = 0; k < stage.stores().size(); k++) {
                parameters.add("__global " + type(stage.stores().get(k)) + " *restrict w" + k + "_" + row);
            }
            for (int k = 0; k < stage.loads().size(); k++) {
                parameters.add("const __global " + type(stage.loads().get(k)) + " *restrict r" + k + "_" + row);
            }
        }
        out.open("static inline void %s(%s)", name, String.join(", ", parameters));
        out.open("for (long x = from; x < to; x++)");
        for (int row = 0; row < 2; row++) {
            out.open("");
            element(out, row);
            out.close();
        }
        out.close();
        out.close();
        out.line("");
    }

    private static String type(View view) {
        return SourceText.type(view.dtype());
    }

    private void element(SourceText out, int row) {
        List<String> results = BodyText.write(
                out, stage.body(), k -> SourceText.loaded(stage.loads().get(k).dtype(), at("r", k, row, stage.loads().get(k))),
                axis -> "", Rare.BRANCH);
        for (int k = 0; k < results.size(); k++) {
            View view = stage.stores().get(k);
            out.line("%s = %s;", at("w", k, row, view), SourceText.stored(view.dtype(), results.get(k)));
        }
    }

    private String at(String pointer, int k, int row, View view) {
        return pointer + k + "_" + row + (nest.innermost(view.strides()) == 0 ? "[0]" : "[x]");
    }

    /** Its call, within the kernel's loop over pairs of rows. */
    void call(SourceText out, Pointers loads, Pointers stores) {
        List<String> arguments = new ArrayList<>(List.of("xFrom", "xTo"));
        for (int row = 0; row < 2; row++) {
            for (int k = 0; k < stage.stores().size(); k++) {
                arguments.add(stores.name(k) + " + " + nest.rowStart("S" + k, row));
            }
            for (int k = 0; k < stage.loads().size(); k++) {
                arguments.add(loads.name(k) + " + " + nest.rowStart("L" + k, row));
            }
        }
        out.line("%s(%s);", name, String.join(", ", arguments));
    }
}
