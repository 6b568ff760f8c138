package org.imbrex.kernels.map;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.imbrex.kernels.element.Walk;
import org.imbrex.kernels.loop.ScalarCode;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.Launch.Memory;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.tornado.Box;
import org.imbrex.kernels.tornado.KernelCode;
import org.imbrex.kernels.tornado.TornadoKernel;
import org.imbrex.kernels.tornado.TornadoKernel.Parameter;
import org.imbrex.kernels.tornado.TornadoKernel.Role;
import org.imbrex.kernels.tornado.TornadoTypes;
import org.imbrex.kernels.tornado.ViewCode;
import org.imbrex.kernels.type.DType;

/** A work item for each index. */
public final class MapTornado {
    private static final String NAME = "imbrexMap";
    /** The number of work items; the box follows, then where each load and each store begins. */
    private static final int ITEMS = 0;

    private final MapStage stage;
    private final Box box;
    private final int starts;
    private final TornadoKernel kernel;

    public MapTornado(MapStage stage, TornadoTypes types) {
        this.stage = stage;
        this.box = new Box(stage.domain(), ITEMS + 1);
        this.starts = ITEMS + 1 + box.numbers();
        Set<Parameter> parameters = new LinkedHashSet<>();
        stage.loads().forEach(view -> parameters.add(new Parameter(Role.READ, view.dtype())));
        stage.stores().forEach(view -> parameters.add(new Parameter(Role.WRITTEN, view.dtype())));
        int numbers = starts + stage.loads().size() + stage.stores().size();
        this.kernel = KernelCode.make(types, NAME, numbers, List.copyOf(parameters), this::text);
    }

    public List<TornadoKernel> kernels() {
        return List.of(kernel);
    }

    public List<DType> scratch() {
        return List.of();
    }

    private void text(KernelCode out) {
        var code = out.code();
        stage.loads().forEach(view -> out.prepare(ViewCode.fill(view)));
        out.prepare(stage.body());
        int item = out.longLocal("item");
        out.pushItem();
        code.lstore(item);
        out.when(
                () -> {
                    code.lload(item);
                    out.pushNumber(ITEMS);
                    code.lcmp();
                },
                java.lang.classfile.Opcode.IFGE,
                () -> element(out, item));
    }

    private void element(KernelCode out, int item) {
        box.indices(out, item);
        ViewCode views = new ViewCode(out);
        int[] loads = new int[stage.loads().size()];
        for (int k = 0; k < loads.length; k++) {
            int start = starts + k;
            loads[k] = views.read(
                    "load" + k, Role.READ, stage.loads().get(k), () -> out.pushNumber(start), axis -> box.push(out, axis));
        }
        var results = out.apply(
                stage.body(),
                slot -> out.code().loadLocal(ScalarCode.kind(stage.loads().get(slot).dtype().scalar()), loads[slot]),
                axis -> box.push(out, axis));
        for (int k = 0; k < stage.stores().size(); k++) {
            View view = stage.stores().get(k);
            int start = starts + loads.length + k;
            int result = k;
            out.write(
                    Role.WRITTEN,
                    view.dtype(),
                    () -> views.pushElement(view, () -> out.pushNumber(start), axis -> box.push(out, axis)),
                    () -> results.push(result));
        }
    }

    public Launch.Sequence launches(Tile tile) {
        if (Walk.isEmpty(tile.lo(), tile.hi())) {
            return new Launch.Sequence(List.of(), List.of());
        }
        List<Memory> memory = new ArrayList<>();
        List<Long> numbers = new ArrayList<>();
        numbers.add(tile.elements());
        numbers.addAll(box.values(tile));
        for (int k = 0; k < stage.loads().size(); k++) {
            memory.add(new Memory.Load(k));
            numbers.add(stage.loads().get(k).offset());
        }
        for (int k = 0; k < stage.stores().size(); k++) {
            memory.add(new Memory.Store(k));
            numbers.add(stage.stores().get(k).offset());
        }
        numbers.add(0L);
        int[] relative = new int[numbers.size()];
        Arrays.fill(relative, -1);
        for (int k = 0; k < memory.size(); k++) {
            relative[starts + k] = k;
        }
        long[] items = {tile.elements(), 1, 1};
        long[] values = numbers.stream().mapToLong(Long::longValue).toArray();
        return new Launch.Sequence(
                List.of(), List.of(new Launch(NAME, items, new long[] {1, 1, 1}, memory, values, relative)));
    }
}
