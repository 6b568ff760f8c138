package org.imbrex.kernels.contract;

import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.imbrex.kernels.element.Walk;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Op;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.View;

/** What every program keeps: its stages read only what is there, write each element once, and leave none out. */
final class ProgramCheck {
    private final Program program;
    private final BitSet[] written;

    private ProgramCheck(Program program) {
        this.program = program;
        this.written = new BitSet[program.buffers().size()];
        for (int b = 0; b < written.length; b++) {
            written[b] = new BitSet();
        }
    }

    static void check(Program program) {
        ProgramCheck check = new ProgramCheck(program);
        Set<Integer> used = new HashSet<>(program.results());
        for (Stage stage : program.stages()) {
            check.stage(stage);
            stage.loads().forEach(load -> used.add(load.buffer()));
            if (stage instanceof IterateStage iterate) {
                iterate.stores().forEach(store -> used.add(store.buffer())); // fields go together
            }
        }
        for (int b = 0; b < check.written.length; b++) {
            boolean isInput = b < program.inputs().size();
            long[] strides = program.buffers().get(b).strides();
            holds(isInput || java.util.Arrays.equals(strides, program.buffers().get(b).shape().strides()), "strides", b);
            holds(isInput || used.contains(b), "is read or a result", b);
            holds(isInput || check.isWhole(b), "is written whole", b);
        }
        holds(new HashSet<>(program.results()).size() == program.results().size(), "one buffer a result", program);
    }

    private boolean isWhole(int buffer) {
        return written[buffer].cardinality() == program.buffers().get(buffer).shape().elements();
    }

    private void stage(Stage stage) {
        long[] domain = stage.domain();
        switch (stage) {
            case MapStage map -> {
                loads(map.loads(), map.domain());
                body(map.body(), map.loads().size(), map.domain().length);
                holds(map.body().results().size() == map.stores().size(), "one store a result", map);
            }
            case ReduceStage reduce -> {
                loads(reduce.loads(), reduce.extents());
                body(reduce.body(), reduce.loads().size(), reduce.extents().length);
                body(reduce.epilogue(), reduce.combines().size(), 0);
                holds(reduce.body().results().size() == reduce.combines().size(), "one accumulator a result", reduce);
                holds(reduce.epilogue().results().size() == reduce.stores().size(), "one store a result", reduce);
                holds(reduce.reduced() > 0 && reduce.from() < reduce.to(), "reduces something", reduce);
            }
            case IterateStage iterate -> iterate.loads().forEach(load -> {
                boolean isInput = load.buffer() < program.inputs().size();
                holds(isInput || isWhole(load.buffer()), "what is read is there", load);
                holds(load.dtype() == program.buffers().get(load.buffer()).dtype(), "the buffer's dtype", load);
            });
            case MatMulStage product -> {
                long[] a = domain.clone();
                long[] b = domain.clone();
                a[a.length - 1] = product.inner();
                b[b.length - 2] = product.inner();
                loads(List.of(product.a()), a);
                loads(List.of(product.b()), b);
                loads(product.others(), domain);
                body(product.epilogue(), 1 + product.others().size(), domain.length);
                holds(product.epilogue().results().size() == 1, "one result", product);
            }
            case LineStage lines -> {
                loads(lines.inputs(), lines.extents());
                loads(lines.carry().stream().toList(), lines.extents());
                body(lines.body(), lines.inputs().size(), lines.extents().length);
                holds(lines.body().results().size() == 1, "one result", lines);
                holds(lines.store().dtype() == lines.line().result(lines.dtype()), "the line's dtype", lines);
            }
        }
        for (View store : stage.stores()) {
            holds(store.buffer() >= program.inputs().size(), "inputs stay as they are", stage);
            holds(store.shifts().isEmpty(), "stores have no neighbours", stage);
            each(domain, index -> {
                int element = (int) store.element(index);
                holds(!written[store.buffer()].get(element), "each element is written once", stage);
                written[store.buffer()].set(element);
            });
        }
    }

    private void loads(List<View> loads, long[] extents) {
        holds(new HashSet<>(loads).size() == loads.size(), "equal views are one", loads);
        for (View load : loads) {
            holds(load.strides().length == extents.length, "a stride an axis", load);
            holds(load.dtype() == program.buffers().get(load.buffer()).dtype(), "the buffer's dtype", load);
            long axes = load.shifts().stream().mapToInt(Shift::axis).distinct().count();
            holds(axes == load.shifts().size(), "one shift an axis", load);
            boolean isInput = load.buffer() < program.inputs().size();
            long[] span = ProgramRunner.span(program.buffers().get(load.buffer()));
            long[] range = load.range(new long[extents.length], extents);
            each(extents, index -> {
                long element = load.element(index);
                boolean fills = !load.shifts().isEmpty() && element == -1;
                holds(fills || (element >= range[0] && element <= range[1]), "the range holds", load);
                holds(fills || isInput || written[load.buffer()].get((int) element), "what is read is there", load);
                holds(fills || !isInput || (element >= span[0] && element <= span[1]), "inside the input", load);
            });
        }
    }

    private static void body(Body body, int loads, int axes) {
        holds(body.loads() <= loads, "as many loads as slots", body);
        body.instrs().forEach(i -> holds(i.op() != Op.INDEX || i.imm() < axes, "an axis there is", body));
    }

    private interface Visit {
        void at(long[] index);
    }

    private static void each(long[] extents, Visit visit) {
        long[] lo = new long[extents.length];
        if (!Walk.isEmpty(lo, extents)) {
            long[] index = lo.clone();
            do {
                visit.at(index);
            } while (Walk.next(index, lo, extents));
        }
    }

    private static void holds(boolean holds, String what, Object where) {
        if (!holds) {
            throw new AssertionError("not so: " + what + ": " + where);
        }
    }
}
