package org.imbrex.host.node.wire;

import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/**
 * What every program holds that was made of an expression, and a peer's must hold before a kernel is made of it: each
 * number names something, types fit, no index or size overflows.
 */
final class ProgramCheck {
    /** Extents, offsets and strides beyond this are refused, so that sums of products of two fit in 63 bits. */
    private static final long FAR = 1L << 56;

    private final Program program;

    private ProgramCheck(Program program) {
        this.program = program;
    }

    static void check(Program program) throws WireException {
        try {
            new ProgramCheck(program).check();
        } catch (ArithmeticException e) {
            throw new WireException("found a program whose shapes or strides pass 2^63");
        }
    }

    static void require(boolean holds, String what) throws WireException {
        if (!holds) {
            throw new WireException("found a program in which " + what);
        }
    }

    private void check() throws WireException {
        require(program.inputs().size() <= program.buffers().size(), "inputs are more than buffers");
        for (Program.Buffer buffer : program.buffers()) {
            require(buffer.strides().length == buffer.shape().rank(), "a buffer's strides are not its axes'");
            require(buffer.bytes() <= FAR, "a buffer has more than 2^56 bytes");
        }
        for (int result : program.results()) {
            require(result < program.buffers().size(), "a result is no buffer");
        }
        for (Stage stage : program.stages()) {
            stage(stage);
        }
    }

    private void stage(Stage stage) throws WireException {
        switch (stage) {
            case MapStage map -> {
                extents(map.domain());
                views(map.loads(), map.domain(), false);
                BodyCheck.check(map.body(), types(map.loads()), map.domain().length);
                stores(map, map.body()::resultType, map.body().results().size());
            }
            case ReduceStage reduce -> {
                extents(reduce.extents());
                int rank = reduce.extents().length;
                require(reduce.from() < reduce.to() && reduce.to() <= rank, "the reduced axes are none");
                for (int axis = reduce.from(); axis < reduce.to(); axis++) {
                    require(reduce.extents()[axis] > 0, "a reduced axis is empty");
                }
                views(reduce.loads(), reduce.extents(), false);
                BodyCheck.check(reduce.body(), types(reduce.loads()), rank);
                int accumulators = reduce.body().results().size();
                require(accumulators > 0 && reduce.combines().size() == accumulators, "accumulators are not combined");
                List<ScalarType> types = new ArrayList<>();
                for (int k = 0; k < accumulators; k++) {
                    types.add(reduce.body().resultType(k));
                    require(types.get(k) != ScalarType.BOOL, "an accumulator is bool");
                }
                BodyCheck.check(reduce.epilogue(), types, 0);
                stores(reduce, reduce.epilogue()::resultType, reduce.epilogue().results().size());
            }
            case MatMulStage product -> matmul(product);
            case IterateStage iterate -> iterate(iterate);
            case LineStage lines -> {
                extents(lines.domain());
                extents(lines.extents());
                views(lines.inputs(), lines.extents(), false);
                views(lines.carry().stream().toList(), lines.extents(), false);
                BodyCheck.check(lines.body(), types(lines.inputs()), lines.extents().length);
                require(lines.body().resultType(0) == lines.dtype().scalar(), "a line's elements have another type");
                views(lines.stores(), lines.domain(), true);
            }
        }
    }

    private void matmul(MatMulStage product) throws WireException {
        long[] domain = product.domain();
        int rank = domain.length;
        require(rank >= 2, "a matrix product has fewer than two axes");
        extents(domain);
        require(product.inner() <= FAR, "an extent passes 2^56");
        long[] a = domain.clone();
        a[rank - 1] = product.inner();
        long[] b = domain.clone();
        b[rank - 2] = product.inner();
        extents(a);
        extents(b);
        Math.multiplyExact(product(domain), Math.max(1, product.inner()));
        views(List.of(product.a()), a, false);
        views(List.of(product.b()), b, false);
        views(product.others(), domain, false);
        DType dtype = product.dtype();
        boolean known = dtype == DType.I32 || dtype == DType.I64 || dtype.isFloat();
        require(known && product.b().dtype() == dtype, "a product's dtypes differ");
        require(product.a().shifts().isEmpty() && product.b().shifts().isEmpty(), "a product reads neighbours");
        List<ScalarType> types = new ArrayList<>(List.of(dtype.scalar()));
        types.addAll(types(product.others()));
        BodyCheck.check(product.epilogue(), types, rank);
        stores(product, product.epilogue()::resultType, product.epilogue().results().size());
    }

    /** {@link StepCheck} has seen the steps alone. */
    private void iterate(IterateStage iterate) throws WireException {
        extents(iterate.domain());
        for (MapStage part : iterate.step()) {
            BodyCheck.check(part.body(), types(part.loads()), part.domain().length);
            boolean fits = part.stores().size() == part.body().results().size() && !part.stores().isEmpty();
            require(fits, "results and stores differ in number");
            for (int k = 0; k < part.stores().size(); k++) {
                DType dtype = part.stores().get(k).dtype();
                require(dtype.scalar() == part.body().resultType(k), "a result's type is not its store's");
            }
        }
        List<View> outside = new ArrayList<>();
        for (int k = 0; k < iterate.outer().size(); k++) {
            View view = iterate.outer().get(k);
            int load = iterate.isSplit() ? k * IterateStage.TURNS : k;
            outside.add(new View(
                    iterate.loads().get(load).buffer(),
                    view.dtype(),
                    view.offset(),
                    view.strides(),
                    view.shifts(),
                    view.mode(),
                    view.fill()));
        }
        views(outside, iterate.domain(), false);
        views(iterate.stores(), iterate.domain(), true);
        require(iterate.stores().size() == iterate.fields(), "fields and stores differ in number");
        for (int field = 0; field < iterate.fields(); field++) {
            int written = iterate.next().get(field);
            DType dtype = iterate.stores().get(field).dtype();
            boolean same = iterate.step().stream()
                    .flatMap(part -> part.stores().stream())
                    .anyMatch(store -> store.buffer() == written && store.dtype() == dtype);
            require(same, "a field's dtype is not its store's");
        }
    }

    private interface TypeOf {
        ScalarType of(int result);
    }

    private void stores(Stage stage, TypeOf type, int results) throws WireException {
        views(stage.stores(), stage.domain(), true);
        require(stage.stores().size() == results && results > 0, "results and stores differ in number");
        for (int k = 0; k < results; k++) {
            require(stage.stores().get(k).dtype().scalar() == type.of(k), "a result's type is not its store's");
        }
    }

    private static List<ScalarType> types(List<View> loads) {
        return loads.stream().map(view -> view.dtype().scalar()).toList();
    }

    private static void extents(long[] extents) throws WireException {
        for (long extent : extents) {
            require(extent >= 0 && extent <= FAR, "an extent is not from 0 to 2^56");
        }
        product(extents);
    }

    private static long product(long[] extents) {
        long product = 1;
        for (long extent : extents) {
            product = Math.multiplyExact(product, Math.max(1, extent));
        }
        return product;
    }

    private void views(List<View> views, long[] extents, boolean written) throws WireException {
        for (View view : views) {
            require(view.buffer() < program.buffers().size(), "a view's buffer does not exist");
            Program.Buffer buffer = program.buffers().get(view.buffer());
            require(view.dtype() == buffer.dtype(), "a view's dtype is not its buffer's");
            require(view.strides().length == extents.length, "a view's strides are not its stage's axes");
            require(!written || view.buffer() >= program.inputs().size(), "an input is written");
            require(!written || view.shifts().isEmpty(), "a store has neighbours");
            long[] reach = extents.clone();
            boolean[] shifted = new boolean[extents.length];
            for (Shift shift : view.shifts()) {
                require(shift.axis() < extents.length && !shifted[shift.axis()], "a neighbour's axis is wrong");
                require(shift.extent() > 0 && shift.extent() <= FAR, "a neighbour's extent is not from 1 to 2^56");
                require(Math.abs(shift.by()) <= FAR && shift.by() != Long.MIN_VALUE, "a neighbour is too far");
                shifted[shift.axis()] = true;
                reach[shift.axis()] = Math.max(reach[shift.axis()], shift.extent());
            }
            far(view, reach);
            long[] range = view.range(new long[extents.length], extents);
            boolean inside = range[0] > range[1] || (range[0] >= 0 && range[1] < elements(buffer));
            require(inside, "a view leaves its buffer");
        }
    }

    /** Throws where any index's element overflows. */
    private static void far(View view, long[] reach) throws WireException {
        require(Math.abs(view.offset()) <= FAR && view.offset() != Long.MIN_VALUE, "an offset passes 2^56");
        long sum = Math.abs(view.offset());
        for (int axis = 0; axis < reach.length; axis++) {
            long stride = view.strides()[axis];
            require(stride >= -FAR && stride <= FAR, "a stride passes 2^56");
            sum = Math.addExact(sum, Math.multiplyExact(Math.abs(stride), Math.max(1, reach[axis])));
        }
        Math.multiplyExact(sum, 16L);
    }

    /** One more than the last element of a buffer; without bounds where an input's strides are negative. */
    private static long elements(Program.Buffer buffer) throws WireException {
        long last = 0;
        for (int axis = 0; axis < buffer.strides().length; axis++) {
            long stride = buffer.strides()[axis];
            require(stride >= -FAR && stride <= FAR, "a stride passes 2^56");
            if (stride < 0) {
                return Long.MAX_VALUE;
            }
            long steps = Math.max(0, buffer.shape().extent(axis) - 1);
            last = Math.addExact(last, Math.multiplyExact(stride, steps));
        }
        return last + 1;
    }
}
