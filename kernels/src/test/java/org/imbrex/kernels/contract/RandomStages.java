package org.imbrex.kernels.contract;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.Line;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.MatMulStage;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/**
 * Stages by chance, with memory for what they read: maps, reductions and products over all dtypes, with broadcast,
 * strided, reversed, transposed and shifted views, every operation, special values and odd extents. A body is used for
 * several stages in turn, each with views of its own, as kernels of one body meet arrays of many layouts.
 */
public final class RandomStages {

    /**
     * A stage with its input.
     *
     * @param loads one per load, from element 0 of the view's buffer
     * @param storeElements how many elements each store's buffer has
     */
    public record Case(String name, Stage stage, List<MemorySegment> loads, long[] storeElements, Arena arena)
            implements AutoCloseable {
        @Override
        public void close() {
            arena.close();
        }
    }

    private static final int STAGES_PER_BODY = 16;
    private static final int KINDS = 13;
    private static final DType[] SUMS = {DType.I64, DType.F32, DType.F64};
    private static final DType[] PRODUCTS = {DType.I32, DType.I64, DType.F32, DType.F64};

    private final long seed;
    private final Random random;
    private final long elements;
    private final int longest;
    private final int stagesPerBody;
    private final boolean sameText;
    private long text;
    private int number;
    private List<DType> loads;
    private List<DType> stores;
    private int axes;
    private boolean special;
    private Body body;
    private Body epilogue;
    private List<Combine> combines;

    /**
     * A sequence of stages that the seed determines.
     *
     * @param elements about the most elements that a stage walks
     */
    public RandomStages(long seed, long elements) {
        this(seed, elements, 80);
    }

    /** As above, with bodies of up to {@code longest} random instructions and their operands. */
    public RandomStages(long seed, long elements, int longest) {
        this(seed, elements, longest, STAGES_PER_BODY, false);
    }

    private RandomStages(long seed, long elements, int longest, int stagesPerBody, boolean sameText) {
        this.longest = longest;
        this.seed = seed;
        this.random = new Random(seed);
        this.elements = elements;
        this.stagesPerBody = stagesPerBody;
        this.sameText = sameText;
    }

    /**
     * Stages for lowerings that compile slowly: all of one body differ in extents, strides, offsets and elements only,
     * so that one kernel can serve them.
     */
    public static RandomStages ofFewKernels(long seed, long elements, int stagesPerBody) {
        return new RandomStages(seed, elements, 80, stagesPerBody, true);
    }

    /** What decides the things that a kernel's text may depend on. */
    private Random forText(int salt) {
        return sameText ? new Random((text + salt) * 0x9e37_79b9_7f4a_7c15L) : random;
    }

    /** The next stage: about six maps and six reductions to each product, and lines but for {@link #ofFewKernels}. */
    public Case next() {
        int kind = number / stagesPerBody % (sameText ? KINDS : KINDS + 2);
        boolean fresh = number % stagesPerBody == 0;
        number++;
        if (fresh && sameText) {
            text = random.nextLong();
        }
        if (kind == KINDS - 1) {
            special = random.nextBoolean();
            return withInput(product());
        }
        if (kind >= KINDS) {
            return withInput(lines());
        }
        boolean reduction = kind % 2 == 1;
        if (fresh) {
            chooseBody(reduction);
        }
        return withInput(reduction ? reduction() : map());
    }

    private void chooseBody(boolean reduction) {
        axes = random.nextInt(8) == 0 && !reduction ? 0 : 1 + random.nextInt(4);
        special = random.nextBoolean();
        loads = dtypes(random.nextInt(6) == 0 ? 0 : 1 + random.nextInt(4));
        stores = dtypes(1 + random.nextInt(2));
        int steps = random.nextInt(random.nextInt(10) == 0 || longest > 80 ? longest : 14);
        List<ScalarType> loadTypes = loads.stream().map(DType::scalar).toList();
        List<ScalarType> storeTypes = stores.stream().map(DType::scalar).toList();
        if (!reduction) {
            body = RandomBody.of(random, loadTypes, axes, steps, special, storeTypes);
            return;
        }
        combines = new ArrayList<>();
        List<ScalarType> accumulators = new ArrayList<>();
        for (int k = 0; k < 1 + random.nextInt(2); k++) {
            combines.add(Combine.values()[random.nextInt(4)]);
            accumulators.add(ScalarType.values()[1 + random.nextInt(4)]);
        }
        body = RandomBody.of(random, loadTypes, axes, steps / 3, special, accumulators);
        epilogue = RandomBody.of(random, accumulators, 0, steps / 4, special, storeTypes);
    }

    /** All of one dtype half of the time, as most expressions are. */
    private List<DType> dtypes(int count) {
        List<DType> dtypes = new ArrayList<>();
        boolean mixed = random.nextBoolean();
        for (int k = 0; k < count; k++) {
            dtypes.add(mixed || k == 0 ? DType.values()[random.nextInt(8)] : dtypes.get(0));
        }
        return dtypes;
    }

    private MapStage map() {
        long[] domain = extents(axes, elements);
        return new MapStage(domain, loads(domain), body, stores(domain));
    }

    private ReduceStage reduction() {
        Random choice = forText(0);
        int from = choice.nextInt(axes);
        int to = from + 1 + choice.nextInt(axes - from);
        long[] extents = extents(axes, elements);
        for (int axis = from; axis < to; axis++) {
            extents[axis] = Math.max(1, extents[axis]);
        }
        if (random.nextInt(3) == 0 && to < axes) { // a long reduced axis above a long kept one
            java.util.Arrays.fill(extents, 1);
            extents[from] = 1 + random.nextLong(Math.max(20, elements / 6));
            extents[axes - 1] = 1 + random.nextLong(1 + 4 * elements / extents[from]);
        }
        ReduceStage bare = new ReduceStage(extents, from, to, List.of(), body, combines, epilogue, List.of());
        return new ReduceStage(
                extents, from, to, loads(extents), body, combines, epilogue, stores(bare.domain()));
    }

    private MatMulStage product() {
        Random choice = forText(0);
        DType dtype = PRODUCTS[choice.nextInt(4)];
        int batch = choice.nextInt(3) == 0 ? 1 + choice.nextInt(2) : 0;
        long[] domain = new long[batch + 2];
        for (int axis = 0; axis < batch; axis++) {
            domain[axis] = 1 + random.nextInt(3);
        }
        long[] inners = {0, 1, 2, 7, 63, 255, 256, 257, 300, 512, 700};
        long inner = inners[random.nextInt(inners.length)];
        long side = Math.max(2, (long) Math.sqrt(4d * elements / Math.max(16, inner)));
        domain[batch] = 1 + random.nextLong(side);
        domain[batch + 1] = 1 + random.nextLong(random.nextBoolean() ? side : 3 * side);
        long[] a = domain.clone();
        a[batch + 1] = inner;
        long[] b = domain.clone();
        b[batch] = inner;
        View left = view(0, dtype, a, true);
        View right = view(1, dtype, b, true);
        if (choice.nextBoolean()) {
            return new MatMulStage(domain, inner, left, right, view(2, dtype, domain, false));
        }
        List<DType> read = new ArrayList<>(List.of(dtype));
        List<View> others = new ArrayList<>();
        for (int count = choice.nextInt(4); count > 0; count--) {
            DType other = DType.values()[choice.nextInt(8)];
            read.add(other);
            others.add(view(2 + others.size(), other, domain, true));
        }
        DType result = DType.values()[choice.nextInt(8)];
        Body epilogue = RandomBody.of(
                choice, read.stream().map(DType::scalar).toList(), domain.length, 6, choice.nextBoolean(),
                List.of(result.scalar()));
        View store = view(2 + others.size(), result, domain, false);
        return new MatMulStage(domain, inner, left, right, others, epilogue, store);
    }

    private LineStage lines() {
        axes = 1 + random.nextInt(3);
        special = random.nextBoolean();
        long[] plain = extents(axes, random.nextInt(4) == 0 ? 20 * elements : elements);
        int axis = random.nextInt(axes);
        if (random.nextInt(3) == 0) {
            axis = axes - 1;
        }
        plain[axis] = Math.max(1, plain[axis]);
        Line line = line(plain[axis]);
        DType dtype = switch (line) {
            case Line.Cumulate cumulate -> SUMS[random.nextInt(3)];
            case Line.Count count -> DType.I32;
            case Line.Fourier fourier -> random.nextBoolean() ? DType.F32 : DType.F64;
            default -> DType.values()[random.nextInt(8)];
        };
        long[] domain = java.util.Arrays.copyOf(plain, line.writesPairs() ? axes + 1 : axes);
        domain[axis] = line.to();
        if (line.writesPairs()) {
            domain[axes] = 2;
        }
        loads = dtypes(1 + random.nextInt(2));
        Code code = new Code();
        if (random.nextBoolean() || line instanceof Line.Count) {
            loads = List.of(dtype);
            Value x = code.load(dtype.scalar(), 0);
            body = code.body(line instanceof Line.Count ? code.and(x, code.constant(ScalarType.I32, 31)) : x);
        } else {
            List<ScalarType> types = loads.stream().map(DType::scalar).toList();
            int rank = line.readsPairs() ? axes + 1 : axes;
            body = RandomBody.of(random, types, rank, 5, special, List.of(dtype.scalar()));
        }
        LineStage bare = new LineStage(
                domain, axis, line, dtype, List.of(), body, java.util.Optional.empty(), new View(0, dtype, 0, domain));
        List<View> inputs = loads(bare.extents());
        java.util.Optional<View> carry = java.util.Optional.empty();
        if (line instanceof Line.Cumulate && random.nextBoolean()) {
            View view = view(inputs.size(), dtype, bare.extents(), true);
            view.strides()[axis] = 0;
            carry = java.util.Optional.of(view);
        }
        int buffer = inputs.size() + (carry.isPresent() ? 1 : 0);
        View store = view(buffer, line.result(dtype), domain, false);
        return new LineStage(domain, axis, line, dtype, inputs, body, carry, store);
    }

    private Line line(long n) {
        return switch (random.nextInt(7)) {
            case 0 -> new Line.Sort(n);
            case 1 -> new Line.ArgSort(n);
            case 2 -> new Line.Select(n, List.of(random.nextLong(n), n / 2, n - 1, 0L));
            case 3 -> new Line.Cumulate(random.nextInt(3) > 0 ? Combine.SUM : Combine.PROD, n, random.nextBoolean());
            case 4 -> new Line.Count(n, 1 + random.nextInt(20));
            default -> {
                Line.Fourier.Kind kind = Line.Fourier.Kind.values()[random.nextInt(4)];
                long length = kind == Line.Fourier.Kind.IRFFT ? Math.max(1, 2 * n - 2 + random.nextInt(2)) : n;
                yield new Line.Fourier(length, kind);
            }
        };
    }

    // ---- extents and views

    /** Extents of odd sizes, one of them long, whose product is about {@code elements} at most. */
    private long[] extents(int rank, long elements) {
        long[] extents = new long[rank];
        long left = 1 + random.nextLong(elements);
        int longest = random.nextInt(Math.max(1, rank));
        for (int axis = 0; axis < rank; axis++) {
            if (axis != longest) {
                extents[axis] = random.nextInt(60) == 0 ? 0 : 1 + random.nextLong(Math.min(left, 9));
                left /= Math.max(1, extents[axis]);
            }
        }
        if (rank > 0) {
            extents[longest] = Math.max(1, left);
        }
        return extents;
    }

    private List<View> loads(long[] extents) {
        List<View> views = new ArrayList<>();
        for (DType dtype : loads) {
            View view = view(views.size(), dtype, extents, true);
            Random choice = forText(views.size());
            views.add(choice.nextInt(4) == 0 && extents.length > 0 ? shifted(view, extents, choice) : view);
        }
        return views;
    }

    private List<View> stores(long[] domain) {
        List<View> views = new ArrayList<>();
        for (DType dtype : stores) {
            views.add(view(loads.size() + views.size(), dtype, domain, false));
        }
        return views;
    }

    private View view(int buffer, DType dtype, long[] extents, boolean broadcast) {
        long[] strides = new long[extents.length];
        List<Integer> order = new ArrayList<>();
        for (int axis = extents.length - 1; axis >= 0; axis--) {
            order.add(axis);
        }
        int style = random.nextInt(8);
        if (style == 0) {
            java.util.Collections.shuffle(order, random);
        }
        long next = style == 1 ? 2 + random.nextInt(3) : 1;
        long offset = random.nextInt(3);
        for (int axis : order) {
            strides[axis] = next;
            next *= Math.max(1, extents[axis]);
            if (style == 2 && random.nextBoolean()) {
                next += random.nextInt(5);
            }
            if (style == 3 && broadcast && random.nextBoolean() || style == 4 && broadcast) {
                strides[axis] = 0;
            }
            if (style == 5 && random.nextBoolean()) {
                strides[axis] = -strides[axis];
            }
        }
        View view = new View(buffer, dtype, offset, strides);
        long first = view.range(new long[extents.length], extents)[0];
        return first < 0 ? new View(buffer, dtype, offset - first, strides) : view;
    }

    private View shifted(View view, long[] extents, Random choice) {
        List<Shift> shifts = new ArrayList<>();
        for (int axis = 0; axis < extents.length; axis++) {
            if (choice.nextBoolean() && (extents[axis] > 0 || sameText)) {
                long by = random.nextInt(6) == 0 ? random.nextInt(41) - 20 : random.nextInt(5) - 2;
                shifts.add(new Shift(axis, by, extents[axis]));
            }
        }
        EdgeMode mode = EdgeMode.values()[choice.nextInt(EdgeMode.values().length)];
        long fill = RandomValues.bits(random, view.dtype(), special);
        return new View(view.buffer(), view.dtype(), view.offset(), view.strides(), shifts, mode, fill);
    }

    // ---- memory

    @SuppressWarnings("MustBeClosedChecker") // the case owns it
    private Case withInput(Stage stage) {
        Arena arena = Arena.ofConfined();
        List<MemorySegment> segments = new ArrayList<>();
        for (int load = 0; load < stage.loads().size(); load++) {
            View view = stage.loads().get(load);
            long count = elements(view, loadExtents(stage, load));
            MemorySegment segment = arena.allocate(Math.max(1, count) * view.dtype().bytes(), 64);
            for (long i = 0; i < count; i++) {
                long address = segment.address() + i * view.dtype().bytes();
                Elements.write(view.dtype(), address, RandomValues.bits(random, view.dtype(), special));
            }
            segments.add(segment);
        }
        long[] storeElements = new long[stage.stores().size()];
        for (int store = 0; store < storeElements.length; store++) {
            storeElements[store] = elements(stage.stores().get(store), stage.domain());
        }
        return new Case("seed " + seed + ", stage " + (number - 1), stage, segments, storeElements, arena);
    }

    private static long[] loadExtents(Stage stage, int load) {
        return switch (stage) {
            case MapStage map -> map.domain();
            case IterateStage iterate -> iterate.domain();
            case ReduceStage reduce -> reduce.extents();
            case MatMulStage product -> {
                long[] extents = product.domain().clone();
                if (load < 2) {
                    extents[extents.length - (load == 0 ? 1 : 2)] = product.inner();
                }
                yield extents;
            }
            case LineStage lines -> lines.extents();
        };
    }

    /** One more than the last element that is read or written, and a few that must not be. */
    private long elements(View view, long[] extents) {
        return Math.max(0, view.range(new long[extents.length], extents)[1]) + 1 + random.nextInt(20);
    }
}
