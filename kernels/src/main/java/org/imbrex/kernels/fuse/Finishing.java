package org.imbrex.kernels.fuse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.View;

/**
 * Takes an elementwise stage into the product whose elements it works on, where nothing else needs the product: its
 * elements are then never written. The product moves to where that stage stood, as it may read what was made in between.
 */
final class Finishing {
    private Finishing() {}

    /** @param results buffers that are needed as they are */
    static List<Stage> of(List<Stage> stages, List<Integer> results) {
        List<Stage> left = new ArrayList<>(stages);
        for (int at = 0; at < left.size(); at++) {
            if (!(left.get(at) instanceof MatMulStage product)
                    || !product.isPlain()
                    || results.contains(product.c().buffer())) {
                continue;
            }
            List<Stage> readers = left.stream().filter(stage -> reads(stage, product.c().buffer())).toList();
            long writers = left.stream().filter(stage -> writes(stage, product.c().buffer())).count();
            if (readers.size() != 1 || writers != 1 || !(readers.getFirst() instanceof MapStage map)) {
                continue;
            }
            Optional<Stage> one = finished(product, map);
            if (one.isPresent()) {
                left.set(indexOf(left, map), one.get());
                left.remove(at);
                at--;
            }
        }
        return left;
    }

    private static int indexOf(List<Stage> stages, Stage stage) {
        for (int at = 0; at < stages.size(); at++) {
            if (stages.get(at) == stage) {
                return at;
            }
        }
        throw new IllegalArgumentException("no such stage");
    }

    private static boolean reads(Stage stage, int buffer) {
        return stage.loads().stream().anyMatch(load -> load.buffer() == buffer);
    }

    private static boolean writes(Stage stage, int buffer) {
        return stage.stores().stream().anyMatch(store -> store.buffer() == buffer);
    }

    private static Optional<Stage> finished(MatMulStage product, MapStage map) {
        boolean fits = Arrays.equals(product.domain(), map.domain())
                && map.stores().size() == 1
                && map.loads().size() + 1 <= Plan.MOST_LOADS
                && map.loads().stream().allMatch(load -> load.shifts().isEmpty())
                && map.loads().stream().allMatch(
                        load -> load.buffer() != product.c().buffer() || load.equals(product.c()));
        if (!fits) {
            return Optional.empty();
        }
        Code code = new Code();
        List<Value> arguments = new ArrayList<>();
        List<View> others = new ArrayList<>();
        for (View load : map.loads()) {
            boolean isSum = load.equals(product.c());
            arguments.add(code.load(load.dtype().scalar(), isSum ? 0 : others.size() + 1));
            if (!isSum) {
                others.add(load);
            }
        }
        Value result = code.inline(map.body(), arguments).getFirst();
        return Optional.of(new MatMulStage(
                product.domain(), product.inner(), product.a(), product.b(), others, code.body(result),
                map.stores().getFirst()));
    }
}
