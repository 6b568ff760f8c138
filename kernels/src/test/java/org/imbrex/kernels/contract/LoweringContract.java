package org.imbrex.kernels.contract;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.imbrex.kernels.contract.RandomStages.Case;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Semantics;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.type.DType;

/**
 * What every lowering must do: give the reference's bits, NaN payloads apart, whatever the tiles, and write nothing
 * else. A backend proves itself by running it on {@link RandomStages}.
 */
public final class LoweringContract {

    /** A stage as some backend runs it. */
    @FunctionalInterface
    public interface Runner {
        /**
         * Runs a tile.
         *
         * @param loads one per load, each from element 0 of the view's buffer
         * @param stores likewise; for a partial tile one dense array per accumulator
         */
        void run(Tile tile, List<MemorySegment> loads, List<MemorySegment> stores);
    }

    private LoweringContract() {}

    /** Runs host kernels on {@code count} stages, from the seed on. */
    public static void check(Function<Stage, ? extends HostKernel> lowering, long seed, int count, long elements) {
        RandomStages stages = new RandomStages(seed, elements);
        for (int i = 0; i < count; i++) {
            try (Case c = stages.next()) {
                check(c, runner(lowering.apply(c.stage())), new Random(seed + i));
            }
        }
    }

    /** Runs one stage whole, and cut in a few ways. */
    public static void check(Case c, Runner runner, Random random) {
        Stage stage = c.stage();
        long[] domain = stage.domain();
        Tile whole = new Tile(0, new long[domain.length], domain, 0, stage.leaves());
        Runner reference = runner(Lowerings.reference(stage));
        try (Arena arena = Arena.ofConfined()) {
            List<MemorySegment> expected = stores(c, arena);
            reference.run(whole, c.loads(), expected);
            List<MemorySegment> found = stores(c, arena);
            run(c, runner, whole, found);
            compare(c, whole, expected, found);
            for (int cut = 0; cut < 2 && domain.length > 0; cut++) {
                found = stores(c, arena);
                long[] box = box(stage, domain, random, whole.elements() < 64 && cut == 0);
                for (Tile tile : boxes(stage, domain, box)) {
                    run(c, runner, tile, found);
                }
                compare(c, new Tile(0, new long[box.length], box, 0, 1), expected, found);
            }
            if (stage instanceof ReduceStage reduce && stage.leaves() > 1) {
                partial(c, reduce, runner, reference, random, arena);
            }
        }
    }

    private static void partial(
            Case c, ReduceStage stage, Runner runner, Runner reference, Random random, Arena arena) {
        long run = 1L << random.nextInt(64 - Long.numberOfLeadingZeros(stage.leaves() - 1));
        long[] domain = stage.domain();
        for (Tile box : boxes(stage, domain, box(stage, domain, random, false))) {
            for (long from = 0; from < stage.leaves(); from += run) {
                Tile tile = new Tile(0, box.lo(), box.hi(), from, Math.min(stage.leaves(), from + run));
                List<MemorySegment> expected = new ArrayList<>();
                List<MemorySegment> found = new ArrayList<>();
                for (int k = 0; k < stage.combines().size(); k++) {
                    ScalarType type = stage.body().resultType(k);
                    expected.add(arena.allocate(box.elements() * type.bytes() + 16, 64));
                    found.add(arena.allocate(box.elements() * type.bytes() + 16, 64));
                }
                reference.run(tile, c.loads(), expected);
                run(c, runner, tile, found);
                for (int k = 0; k < expected.size(); k++) {
                    DType dtype = Elements.dense(stage.body().resultType(k));
                    compare(c, tile, dtype, expected.get(k), found.get(k));
                }
            }
        }
    }

    /** A host kernel by the addresses of its segments. */
    public static Runner runner(HostKernel kernel) {
        return (tile, loads, stores) -> kernel.run(
                tile,
                loads.stream().mapToLong(MemorySegment::address).toArray(),
                stores.stream().mapToLong(MemorySegment::address).toArray());
    }

    private static void run(Case c, Runner runner, Tile tile, List<MemorySegment> stores) {
        try {
            runner.run(tile, c.loads(), stores);
        } catch (RuntimeException | LinkageError e) {
            throw new AssertionError(where(c, tile), e);
        }
    }

    private static List<MemorySegment> stores(Case c, Arena arena) {
        List<MemorySegment> stores = new ArrayList<>();
        for (int store = 0; store < c.storeElements().length; store++) {
            int bytes = c.stage().stores().get(store).dtype().bytes();
            MemorySegment segment = arena.allocate(c.storeElements()[store] * bytes, 64);
            stores.add(segment.fill((byte) 0x5a));
        }
        return stores;
    }

    private static long[] box(Stage stage, long[] domain, Random random, boolean ones) {
        long[] box = new long[domain.length];
        boolean small = random.nextInt(4) == 0;
        for (int axis = 0; axis < box.length; axis++) {
            long most = small ? Math.min(domain[axis], 7) : domain[axis];
            box[axis] = ones ? 1 : 1 + random.nextLong(Math.max(1, most));
            if (random.nextInt(3) == 0 && !ones || !stage.cuts(axis)) {
                box[axis] = Math.max(1, domain[axis]);
            }
        }
        return box;
    }

    private static List<Tile> boxes(Stage stage, long[] domain, long[] box) {
        List<Tile> tiles = new ArrayList<>();
        long[] lo = new long[domain.length];
        for (long extent : domain) {
            if (extent == 0) {
                return tiles;
            }
        }
        while (true) {
            long[] hi = new long[domain.length];
            for (int axis = 0; axis < domain.length; axis++) {
                hi[axis] = Math.min(domain[axis], lo[axis] + box[axis]);
            }
            tiles.add(new Tile(0, lo.clone(), hi, 0, stage.leaves()));
            int axis = domain.length - 1;
            while (axis >= 0 && (lo[axis] += box[axis]) >= domain[axis]) {
                lo[axis--] = 0;
            }
            if (axis < 0) {
                return tiles;
            }
        }
    }

    private static void compare(Case c, Tile tile, List<MemorySegment> expected, List<MemorySegment> found) {
        for (int store = 0; store < expected.size(); store++) {
            DType dtype = c.stage().stores().get(store).dtype();
            compare(c, tile, dtype, expected.get(store), found.get(store));
        }
    }

    private static void compare(Case c, Tile tile, DType dtype, MemorySegment expected, MemorySegment found) {
        if (expected.mismatch(found) < 0) {
            return;
        }
        for (long i = 0; i < expected.byteSize() / dtype.bytes(); i++) {
            long e = raw(dtype, expected.address() + i * dtype.bytes());
            long f = raw(dtype, found.address() + i * dtype.bytes());
            if (e != f && !(isNaN(dtype, e) && isNaN(dtype, f))) {
                throw new AssertionError("element " + i + " of a store of " + dtype + ": expected 0x"
                        + Long.toHexString(e) + ", found 0x" + Long.toHexString(f) + "\n" + where(c, tile));
            }
        }
    }

    /** As {@link Elements#read}, but with a bool's byte as it is. */
    private static long raw(DType dtype, long address) {
        return Elements.read(dtype == DType.BOOL ? DType.U8 : dtype, address);
    }

    private static boolean isNaN(DType dtype, long bits) {
        return dtype == DType.F32 && Float.isNaN(Semantics.f32(bits))
                || dtype == DType.F64 && Double.isNaN(Semantics.f64(bits));
    }

    private static String where(Case c, Tile tile) {
        String body = switch (c.stage()) {
            case org.imbrex.kernels.stage.MapStage map -> map.body().text();
            case ReduceStage reduce -> reduce.body().text() + reduce.epilogue().text();
            case org.imbrex.kernels.stage.MatMulStage product -> product.epilogue().text();
            case org.imbrex.kernels.stage.IterateStage iterate -> "";
            case org.imbrex.kernels.stage.LineStage lines -> lines.body().text();
        };
        return c.name() + ", tile of " + tile + "\n" + c.stage() + "\ndomain "
                + java.util.Arrays.toString(c.stage().domain()) + "\n" + body;
    }
}
