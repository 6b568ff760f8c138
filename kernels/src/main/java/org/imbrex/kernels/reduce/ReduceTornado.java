package org.imbrex.kernels.reduce;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.element.Walk;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.Launch.Memory;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.tornado.Box;
import org.imbrex.kernels.tornado.KernelCode;
import org.imbrex.kernels.tornado.TornadoKernel;
import org.imbrex.kernels.tornado.TornadoKernel.Parameter;
import org.imbrex.kernels.tornado.TornadoKernel.Role;
import org.imbrex.kernels.tornado.TornadoTypes;
import org.imbrex.kernels.type.DType;

/**
 * A work item for a run of 2^c leaves, a node of the canonical tree; where there are several for each result, a second
 * kernel combines them along the tree. {@code imbrexWhole} ends with the epilogue at once, {@code imbrexPartial} with
 * accumulators, {@code imbrexRuns} leaves nodes for {@code imbrexFold} and {@code imbrexFoldPartial}.
 */
public final class ReduceTornado {
    /** The most leaves in a run: what its stack of nodes holds. */
    private static final long MOST_RUN = 1 << 12;
    /** The fewest leaves for which an item of its own pays. */
    private static final long LEAST_RUN = 4;

    private final ReduceStage stage;
    private final long wanted;
    private final List<ScalarType> types = new ArrayList<>();
    private final Box box;
    private final List<TornadoKernel> kernels = new ArrayList<>();

    /** @param wanted how many work items it takes to keep the device busy, about */
    public ReduceTornado(ReduceStage stage, TornadoTypes names, long wanted) {
        this.stage = stage;
        this.wanted = wanted;
        for (int k = 0; k < stage.combines().size(); k++) {
            types.add(stage.body().resultType(k));
        }
        this.box = new Box(stage.domain(), ReduceTornadoCode.BOX);
        ReduceTornadoCode code = new ReduceTornadoCode(stage, types, box);
        kernels.add(make(names, "imbrexWhole", reads(), stores(), code::whole));
        if (stage.leaves() > 1) {
            kernels.add(make(names, "imbrexPartial", reads(), nodes(Role.WRITTEN), out -> code.runs(out, Role.WRITTEN)));
            kernels.add(make(names, "imbrexRuns", reads(), nodes(Role.KEPT), out -> code.runs(out, Role.KEPT)));
            kernels.add(make(names, "imbrexFold", nodes(Role.KEPT), stores(), code::fold));
            kernels.add(make(
                    names, "imbrexFoldPartial", nodes(Role.KEPT), nodes(Role.WRITTEN), code::foldPartial));
        }
    }

    private TornadoKernel make(
            TornadoTypes names, String name, List<Parameter> from, List<Parameter> to,
            java.util.function.Consumer<KernelCode> text) {
        Set<Parameter> parameters = new LinkedHashSet<>(from);
        parameters.addAll(to);
        int numbers = ReduceTornadoCode.BOX + box.numbers() + Math.max(types.size(), stage.loads().size())
                + Math.max(types.size(), stage.stores().size());
        return KernelCode.make(names, name, numbers, List.copyOf(parameters), text);
    }

    private List<Parameter> reads() {
        return stage.loads().stream().map(view -> new Parameter(Role.READ, view.dtype())).toList();
    }

    private List<Parameter> stores() {
        return stage.stores().stream().map(view -> new Parameter(Role.WRITTEN, view.dtype())).toList();
    }

    private List<Parameter> nodes(Role role) {
        return types.stream().map(type -> new Parameter(role, Elements.dense(type))).toList();
    }

    public List<TornadoKernel> kernels() {
        return kernels;
    }

    /** The nodes of each accumulator. */
    public List<DType> scratch() {
        return types.stream().map(Elements::dense).toList();
    }

    // ---- launches

    public Launch.Sequence launches(Tile tile) {
        if (Walk.isEmpty(tile.lo(), tile.hi())) {
            return new Launch.Sequence(List.of(), List.of());
        }
        boolean partial = tile.isPartial(stage);
        long outputs = tile.elements();
        long leaves = tile.leafTo() - tile.leafFrom();
        long run = run(outputs, leaves);
        long count = Math.ceilDiv(leaves, run);
        List<Memory> loads = new ArrayList<>();
        List<Long> offsets = new ArrayList<>();
        for (int k = 0; k < stage.loads().size(); k++) {
            loads.add(new Memory.Load(k));
            offsets.add(stage.loads().get(k).offset());
        }
        List<Memory> ends = new ArrayList<>();
        List<Long> starts = new ArrayList<>();
        List<Memory> nodes = new ArrayList<>();
        List<Long> bytes = new ArrayList<>();
        for (int k = 0; k < types.size(); k++) {
            nodes.add(new Memory.Scratch(k));
            bytes.add(outputs * count * types.get(k).bytes());
            if (partial) {
                ends.add(new Memory.Accumulator(k));
                starts.add(0L);
            }
        }
        for (int k = 0; k < stage.stores().size() && !partial; k++) {
            ends.add(new Memory.Store(k));
            starts.add(stage.stores().get(k).offset());
        }
        if (count == 1) {
            String name = partial ? "imbrexPartial" : "imbrexWhole";
            return new Launch.Sequence(
                    List.of(), List.of(launch(name, tile, outputs, run, count, loads, offsets, ends, starts)));
        }
        List<Long> zeros = types.stream().map(type -> 0L).toList();
        return new Launch.Sequence(
                bytes,
                List.of(
                        launch("imbrexRuns", tile, outputs * count, run, count, loads, offsets, nodes, zeros),
                        launch(
                                partial ? "imbrexFoldPartial" : "imbrexFold", tile, outputs, run, count, nodes, zeros, ends,
                                starts)));
    }

    /** Leaves in a run: a power of two, small enough that all units have work. */
    private long run(long outputs, long leaves) {
        long run = Math.min(MOST_RUN, Long.highestOneBit(2 * leaves - 1));
        while (run > LEAST_RUN && outputs * Math.ceilDiv(leaves, run) < wanted) {
            run /= 2;
        }
        return run;
    }

    private Launch launch(
            String name, Tile tile, long items, long run, long count, List<Memory> from, List<Long> offsets,
            List<Memory> to, List<Long> starts) {
        List<Long> numbers = new ArrayList<>(List.of(items, tile.leafFrom(), tile.leafTo(), run, count));
        numbers.addAll(box.values(tile));
        int reads = numbers.size();
        numbers.addAll(offsets);
        int writes = reads + Math.max(types.size(), stage.loads().size());
        while (numbers.size() < writes) {
            numbers.add(0L);
        }
        numbers.addAll(starts);
        long[] values = new long[kernels.getFirst().numbers()];
        int[] relative = new int[values.length];
        Arrays.fill(relative, -1);
        for (int k = 0; k < numbers.size(); k++) {
            values[k] = numbers.get(k);
        }
        List<Memory> memory = new ArrayList<>(from);
        memory.addAll(to);
        for (int k = 0; k < from.size(); k++) {
            relative[reads + k] = k;
        }
        for (int k = 0; k < to.size(); k++) {
            relative[writes + k] = from.size() + k;
        }
        return new Launch(name, new long[] {items, 1, 1}, new long[] {1, 1, 1}, memory, values, relative);
    }
}
