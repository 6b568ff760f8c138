package org.imbrex.runtime.schedule;

import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.element.Walk;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.stage.HostKernel;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.memory.Span;

/**
 * Computes a share of the tiles again, at another place of the device where it has some (another node), else by the
 * reference, which also tells who is wrong where two places differ; and attests tiles where asked.
 */
final class Verifier {
    private final Stage stage;
    private final TileMemory memory;
    private final Placement placement;
    private final Ledger ledger;
    private final double share;
    private final boolean attest;
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private HostKernel reference;

    Verifier(Stage stage, TileMemory memory, Placement placement, Ledger ledger, RunOptions options) {
        this.stage = stage;
        this.memory = memory;
        this.placement = placement;
        this.ledger = ledger;
        this.share = options.verify();
        this.attest = options.attest();
    }

    /** After a device has computed a tile. */
    void check(
            long number,
            Tile tile,
            Device device,
            TileKernel kernel,
            Optional<TileKernel.Place> place,
            List<Span> loads,
            List<Span> stores,
            Tally tally) {
        if (attest) {
            ledger.attest(new Summary.Attestation(
                    tile.toString(),
                    place.map(TileKernel.Place::device).orElseGet(() -> device.info().id()),
                    place.map(TileKernel.Place::backend).orElseGet(() -> device.info().backend()),
                    place.map(TileKernel.Place::kernelHash).orElseGet(kernel::hash),
                    inputDigest(tile, loads),
                    resultDigest(tile, stores)));
        }
        if (share == 0) {
            return;
        }
        // beside the share, each stage's first tile, and the first one of each device or node
        String who = place.map(TileKernel.Place::device).orElseGet(() -> device.info().id());
        if (seen.add(who) || number == 0 || chosen(number)) {
            long began = ledger.now();
            again(tile, who, kernel, place, loads, stores);
            tally.verified();
            ledger.spent(tally, Phase.VERIFY, tile, began);
        }
    }

    /** After merged accumulators have become results on this machine's own processor. */
    void checkEpilogue(
            long number, Tile tile, Epilogue epilogue, List<MemorySegment> accumulators, List<Span> stores, Tally tally) {
        if (share > 0 && (chosen(number) || number == 0)) {
            long began = ledger.now();
            List<Placement.Lent> taken = new ArrayList<>();
            try {
                List<Span> again = new ArrayList<>();
                for (int k = 0; k < stores.size(); k++) {
                    again.add(placement.scratch(stage, k, tile, taken));
                }
                epilogue.runReference(tile, accumulators, again);
                compare(tile, "the epilogue", false, stores, again);
            } finally {
                taken.forEach(Placement.Lent::close);
            }
            ledger.spent(tally, Phase.VERIFY, tile, began);
        }
    }

    /** The same tiles in every run: a hash of the number against the share. */
    private boolean chosen(long number) {
        long mixed = (number + 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 31)) * 0x94D049BB133111EBL;
        return (mixed >>> 11) * 0x1p-53 < share;
    }

    private void again(
            Tile tile,
            String who,
            TileKernel kernel,
            Optional<TileKernel.Place> place,
            List<Span> loads,
            List<Span> stores) {
        List<Placement.Lent> taken = new ArrayList<>();
        try {
            boolean partial = stage instanceof ReduceStage && tile.isPartial(stage);
            List<Span> second = scratch(tile, stores.size(), partial, taken);
            Optional<String> other = place.flatMap(first -> kernel.runElsewhere(tile, loads, second, first))
                    .flatMap(TileKernel.TileTimes::place)
                    .map(TileKernel.Place::device);
            if (other.isPresent() && difference(tile, partial, stores, second).isEmpty()) {
                return;
            }
            List<Span> expected = other.isEmpty() ? second : scratch(tile, stores.size(), partial, taken);
            runReference(tile, partial, loads, expected);
            compare(tile, who, partial, stores, expected);
            if (other.isPresent()) {
                compare(tile, other.get(), partial, second, expected);
            }
        } finally {
            taken.forEach(Placement.Lent::close);
        }
    }

    /** Memory for what a tile writes. */
    private List<Span> scratch(Tile tile, int stores, boolean partial, List<Placement.Lent> taken) {
        List<Span> spans = new ArrayList<>();
        for (int k = 0; k < stores; k++) {
            if (partial) {
                Placement.Lent lent = placement.take(tile.elements() * type(k).bytes());
                taken.add(lent);
                spans.add(new Span(lent.memory(), 0));
            } else {
                spans.add(placement.scratch(stage, k, tile, taken));
            }
        }
        return spans;
    }

    private void runReference(Tile tile, boolean partial, List<Span> loads, List<Span> stores) {
        long[] to = new long[stores.size()];
        for (int k = 0; k < to.length; k++) {
            Span span = stores.get(k);
            to[k] = partial ? span.memory().address() : span.base(stage.stores().get(k).dtype().bytes());
        }
        long[] from = new long[loads.size()];
        for (int k = 0; k < from.length; k++) {
            from[k] = loads.get(k).base(stage.loads().get(k).dtype().bytes());
        }
        reference().run(tile, from, to);
    }

    private ScalarType type(int accumulator) {
        return ((ReduceStage) stage).body().resultType(accumulator);
    }

    private synchronized HostKernel reference() {
        if (reference == null) {
            reference = Lowerings.reference(stage);
        }
        return reference;
    }

    private void compare(Tile tile, String who, boolean partial, List<Span> found, List<Span> expected) {
        difference(tile, partial, found, expected).ifPresent(what -> {
            throw new WrongBitsException(who, who + " gave other bits than the reference in tile " + tile + ": " + what
                    + "; no result of this run is used");
        });
    }

    /** The first element with other bits, if there is one. */
    private Optional<String> difference(Tile tile, boolean partial, List<Span> found, List<Span> expected) {
        Optional<String> what = Optional.empty();
        for (int k = 0; k < found.size() && what.isEmpty(); k++) {
            what = difference(tile, k, partial, found.get(k), expected.get(k));
        }
        return what;
    }

    private Optional<String> difference(Tile tile, int store, boolean partial, Span found, Span expected) {
        if (Walk.isEmpty(tile.lo(), tile.hi())) {
            return Optional.empty();
        }
        Optional<String> what = Optional.empty();
        if (partial) {
            DType dtype = Elements.dense(type(store));
            for (long i = 0; i < tile.elements() && what.isEmpty(); i++) {
                what = difference(dtype, i, found.memory().address(), expected.memory().address());
            }
            return what;
        }
        View view = stage.stores().get(store);
        DType dtype = view.dtype();
        long[] index = tile.lo().clone();
        do {
            what = difference(dtype, view.element(index), found.base(dtype.bytes()), expected.base(dtype.bytes()));
        } while (what.isEmpty() && Walk.next(index, tile.lo(), tile.hi()));
        return what;
    }

    private static Optional<String> difference(DType dtype, long element, long found, long expected) {
        long a = Elements.read(dtype, found + element * dtype.bytes());
        long b = Elements.read(dtype, expected + element * dtype.bytes());
        return a == b || (isNaN(dtype, a) && isNaN(dtype, b))
                ? Optional.empty()
                : Optional.of("element " + element + " is 0x" + Long.toHexString(a) + " instead of 0x"
                        + Long.toHexString(b));
    }

    private static boolean isNaN(DType dtype, long bits) {
        return switch (dtype) {
            case F32 -> Float.isNaN(Float.intBitsToFloat((int) bits));
            case F64 -> Double.isNaN(Double.longBitsToDouble(bits));
            default -> false;
        };
    }

    private String inputDigest(Tile tile, List<Span> loads) {
        MessageDigest digest = sha256();
        for (TileMemory.Part part : memory.parts(tile)) {
            int load = part.loads().getFirst();
            DType dtype = stage.loads().get(load).dtype();
            add(digest, dtype, part.first(), part.last(), loads.get(load));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private String resultDigest(Tile tile, List<Span> stores) {
        MessageDigest digest = sha256();
        boolean partial = stage instanceof ReduceStage && tile.isPartial(stage);
        for (int k = 0; k < stores.size(); k++) {
            if (partial) {
                digest.update(stores.get(k).memory().asSlice(0, tile.elements() * type(k).bytes()).asByteBuffer());
            } else {
                View view = stage.stores().get(k);
                // element by element: a range may hold other tiles' elements
                byte[] one = new byte[view.dtype().bytes()];
                long[] index = tile.lo().clone();
                if (!Walk.isEmpty(tile.lo(), tile.hi())) {
                    do {
                        long address = stores.get(k).base(one.length) + view.element(index) * one.length;
                        MemorySegment.copy(Elements.ALL, address, MemorySegment.ofArray(one), 0, one.length);
                        digest.update(one);
                    } while (Walk.next(index, tile.lo(), tile.hi()));
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void add(MessageDigest digest, DType dtype, long first, long last, Span span) {
        long width = dtype.bytes();
        for (long at = first; at <= last; at += 1 << 20) {
            long run = Math.min(1 << 20, last - at + 1);
            digest.update(span.memory().asSlice((at - span.first()) * width, run * width).asByteBuffer());
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
