package org.imbrex.runtime.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.imbrex.kernels.contract.ExtremeCases;
import org.imbrex.kernels.contract.LoweringContract;
import org.imbrex.kernels.contract.PlaceCases;
import org.imbrex.kernels.contract.RandomStages;
import org.imbrex.kernels.contract.RandomStages.Case;
import org.imbrex.kernels.opencl.OpenClTarget.Style;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.math.Functions;
import org.imbrex.kernels.scalar.Body;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;
import org.imbrex.kernels.stage.Combine;
import org.imbrex.kernels.stage.MapStage;
import org.imbrex.kernels.stage.EdgeMode;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Shift;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.imbrex.runtime.BackendContract;
import org.imbrex.runtime.Stages;
import org.junit.jupiter.api.Test;

/** Kernels take long to build, so most stages here share one with others; see {@code RandomStages.ofFewKernels}. */
class OpenClContractTest {
    private static final long SEED = Long.getLong("imbrex.test.seed", 1);
    private static final int STAGES_PER_KERNEL = 100;
    /** Of the 13 kinds in turn; building one takes a second and more, so a long run is asked for. */
    private static final int KERNELS = Integer.getInteger("imbrex.test.kernels", 26);
    private static final int ELEMENTS = 600;

    private static void check(OpenClFixture f, RandomStages stages, int count, long seed, Predicate<Stage> which) {
        for (int i = 0; i < count; i++) {
            try (Case c = stages.next()) {
                if (which.test(c.stage())) {
                    LoweringContract.check(c, f.runner(c.stage()), new Random(seed + i));
                }
            }
        }
    }

    @Test
    void loopsGiveTheReferencesBitsForAnyLayoutAndTile() {
        try (OpenClFixture f = new OpenClFixture(o -> o.withTarget(Style.LOOPS, false))) {
            RandomStages stages = RandomStages.ofFewKernels(SEED, ELEMENTS, STAGES_PER_KERNEL);
            check(f, stages, KERNELS * STAGES_PER_KERNEL, SEED, stage -> true);
        }
    }

    @Test
    void itemsGiveTheReferencesBitsForAnyLayoutAndTile() {
        try (OpenClFixture f = new OpenClFixture(o -> o.withTarget(Style.ITEMS, false).withInPlace(false))) {
            RandomStages stages = RandomStages.ofFewKernels(SEED + 1, ELEMENTS, STAGES_PER_KERNEL);
            // reductions for GPUs hold barriers, which take a processor's driver five seconds and more to compile
            Set<Body> reductions = new HashSet<>();
            check(f, stages, KERNELS / 2 * STAGES_PER_KERNEL, SEED, stage -> !(stage instanceof ReduceStage reduce)
                    || reductions.contains(reduce.body())
                    || reductions.size() < 2 && reductions.add(reduce.body()));
        }
    }

    @Test
    void textMadeForALayoutGivesTheReferencesBits() {
        for (Style style : Style.values()) {
            try (OpenClFixture f = new OpenClFixture(o -> o.withTarget(style, true))) {
                check(f, new RandomStages(SEED + 2, 3000), 16, SEED, stage -> !(stage instanceof LineStage));
            }
        }
    }

    /** Functions with seldom taken sides, some of which share what they compute. */
    @Test
    void functionsGiveTheReferencesBitsOnBothSides() {
        Random random = new Random(SEED);
        int count = 3000;
        for (DType dtype : List.of(DType.F32, DType.F64)) {
            try (OpenClFixture f = new OpenClFixture(o -> o); Arena arena = Arena.ofShared()) {
                Code code = new Code();
                Value x = code.load(dtype.scalar(), 0);
                Body body = code.body(
                        Functions.apply(code, Function.SIN, x),
                        Functions.apply(code, Function.TAN, x),
                        Functions.apply(code, Function.EXP, x),
                        Functions.apply(code, Function.POW, x, x));
                MemorySegment input = arena.allocate((long) count * dtype.bytes(), 64);
                for (int i = 0; i < count; i++) {
                    // whole blocks in which no element, and others in which some, are out of the usual range
                    double value = random.nextGaussian() * (i < count / 2 ? 1 : Math.scalb(1.0, random.nextInt(200)));
                    long bits = dtype == DType.F32
                            ? Float.floatToRawIntBits((float) value)
                            : Double.doubleToRawLongBits(value);
                    Elements.write(dtype, input.address() + (long) i * dtype.bytes(), bits);
                }
                View in = new View(0, dtype, 0, new long[] {1});
                List<View> out = new ArrayList<>();
                List<View> sums = new ArrayList<>();
                Value[] copies = new Value[4];
                Code epilogue = new Code();
                for (int k = 0; k < 4; k++) {
                    out.add(new View(1 + k, dtype, 0, new long[] {1}));
                    sums.add(new View(1 + k, dtype, 0, new long[0]));
                    copies[k] = epilogue.load(dtype.scalar(), k);
                }
                long[] extents = {count};
                Stage map = new MapStage(extents, List.of(in), body, out);
                Stage reduce = new ReduceStage(
                        extents, 0, 1, List.of(in), body,
                        List.of(Combine.SUM, Combine.MAX, Combine.MIN, Combine.SUM), epilogue.body(copies), sums);
                long[] each = {count, count, count, count};
                LoweringContract.check(
                        new Case("functions", map, List.of(input), each, arena), f.runner(map), random);
                LoweringContract.check(
                        new Case("sums", reduce, List.of(input), new long[] {1, 1, 1, 1}, arena), f.runner(reduce), random);
            }
        }
    }

    @Test
    void extremesOfZerosAndNaNsHaveTheReferencesBits() {
        Random random = new Random(SEED);
        try (OpenClFixture f = new OpenClFixture(o -> o)) {
            for (List<Combine> how : List.of(
                    List.of(Combine.MIN), List.of(Combine.MAX), List.of(Combine.MAX, Combine.MIN))) {
                for (int i = 0; i < 24; i++) {
                    try (Case c = ExtremeCases.next(how, DType.F32, 2, 3001, random, SEED)) {
                        LoweringContract.check(c, f.runner(c.stage()), random);
                    }
                }
            }
        }
    }

    @Test
    void placesHaveTheReferencesBits() {
        Random random = new Random(SEED);
        try (OpenClFixture f = new OpenClFixture(o -> o.withTarget(Style.LOOPS, true))) {
            for (int i = 0; i < 12; i++) {
                int from = i % 2;
                int to = from + 1 + i % 3;
                ScalarType type = random.nextBoolean() ? ScalarType.I32 : ScalarType.I64;
                try (Case c = PlaceCases.next(from, to, type, i % 4, random, SEED)) {
                    LoweringContract.check(c, f.runner(c.stage()), random);
                }
            }
        }
    }

    /** Of so many columns that runs of leaves are short. */
    @Test
    void longRowsOfColumnsHaveTheReferencesBits() {
        long[] extents = {1100, 2000};
        Code code = new Code();
        Body body = code.body(code.load(DType.F32.scalar(), 0));
        ReduceStage stage = new ReduceStage(
                extents, 0, 1,
                List.of(new View(0, DType.F32, 0, new long[] {2000, 1})),
                body, List.of(Combine.SUM), body,
                List.of(new View(1, DType.F32, 0, new long[] {1})));
        Random random = new Random(SEED);
        Arena arena = Arena.ofShared();
        MemorySegment input = gaussian(arena, extents[0] * extents[1], random);
        try (OpenClFixture f = new OpenClFixture(o -> o);
                Case c = new Case("sums of columns", stage, List.of(input), new long[] {2000}, arena)) {
            LoweringContract.check(c, f.runner(stage), random);
        }
    }

    /** Two rows at a time, of any number of them, with a factor a row. */
    @Test
    void pairsOfRowsOfAStencilHaveTheReferencesBits() {
        long[] extents = {61, 230};
        Code code = new Code();
        List<View> loads = new ArrayList<>();
        Value sum = null;
        for (long[] by : new long[][] {{-1, 0}, {1, 0}, {0, -1}, {0, 1}}) {
            List<Shift> shifts = List.of(new Shift(0, by[0], extents[0]), new Shift(1, by[1], extents[1]));
            loads.add(new View(0, DType.F32, 0, new long[] {extents[1], 1}, shifts, EdgeMode.EDGE, 0));
            Value read = code.load(DType.F32.scalar(), loads.size() - 1);
            sum = sum == null ? read : code.add(sum, read);
        }
        loads.add(new View(1, DType.F32, 0, new long[] {1, 0}));
        Body body = code.body(code.mul(sum, code.load(DType.F32.scalar(), loads.size() - 1)));
        MapStage stage = new MapStage(extents, loads, body, List.of(new View(2, DType.F32, 0, new long[] {extents[1], 1})));
        Random random = new Random(SEED);
        Arena arena = Arena.ofShared();
        List<MemorySegment> inputs = new ArrayList<>(
                Collections.nCopies(loads.size() - 1, gaussian(arena, extents[0] * extents[1], random)));
        inputs.add(gaussian(arena, extents[0], random));
        try (OpenClFixture f = new OpenClFixture(o -> o);
                Case c = new Case("a stencil", stage, inputs, new long[] {extents[0] * extents[1]}, arena)) {
            LoweringContract.check(c, f.runner(stage), random);
        }
    }

    private static MemorySegment gaussian(Arena arena, long count, Random random) {
        MemorySegment memory = arena.allocate(count * 4, 64);
        for (long i = 0; i < count; i++) {
            memory.set(ValueLayout.JAVA_FLOAT, 4 * i, (float) random.nextGaussian());
        }
        return memory;
    }

    @Test
    void wholeProgramsGiveTheReferencesBits() {
        try (OpenClFixture f = new OpenClFixture(o -> o)) {
            assertThat(f.device.info().exact()).isTrue();
        }
        int cases = Integer.getInteger("imbrex.test.programs", 6);
        assertThat(BackendContract.check(new OpenClBackend(), SEED, cases)).isEqualTo(2L * cases);
    }

    /** A tile at an edge that wraps around, and one of few columns, bring parts of one input to different memory. */
    @Test
    void partsOfOneInputAreReadWhereEachLies() {
        for (EdgeMode mode : EdgeMode.values()) {
            Program program = Stages.stencilThenSquare(300, 700, mode);
            BackendContract.checkInParts(new OpenClBackend(), program, SEED, 11, 700);
            BackendContract.checkInParts(new OpenClBackend(), program, SEED, 40, 9);
        }
    }
}
