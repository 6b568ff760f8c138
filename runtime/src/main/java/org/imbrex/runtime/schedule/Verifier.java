package org.imbrex.runtime.schedule;

import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerArray;
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

/** Computes a share of the tiles again by the reference, compares bits, and attests tiles where asked. */
final class Verifier {
    private final Stage stage;
    private final TileMemory memory;
    private final Placement placement;
    private final Ledger ledger;
    private final double share;
    private final boolean attest;
    private final AtomicIntegerArray seen;
    private HostKernel reference;

    Verifier(Stage stage, TileMemory memory, Placement placement, Ledger ledger, RunOptions options, int devices) {
        this.stage = stage;
        this.memory = memory;
        this.placement = placement;
        this.ledger = ledger;
        this.share = options.verify();
        this.attest = options.attest();
        this.seen = new AtomicIntegerArray(devices);
    }

    /** After a device has computed a tile; {@code at} is the device's number. */
    void check(
            long number,
            Tile tile,
            int at,
            Device device,
            TileKernel kernel,
            Optional<TileKernel.Place> place,
            List<Span> loads,
            List<Span> stores,
            Tally tally) {
        if (attest) {
            ledger.attest(new Summary.Attestation(
                    tile.toString(),
                    place.map(TileKernel.Place::device).orElse(device.info().id()),
                    place.map(TileKernel.Place::backend).orElse(device.info().backend()),
                    place.map(TileKernel.Place::kernelHash).orElseGet(kernel::hash),
                    inputDigest(tile, loads),
                    resultDigest(tile, stores)));
        }
        // beside the share, each stage's first tile, and the first one of each device
        if (share > 0 && (number == 0 || chosen(number) || seen.get(at) == 0)) {
            seen.set(at, 1);
            long began = ledger.now();
            compare(tile, place.map(TileKernel.Place::device).orElse(device.info().id()), loads, stores);
            tally.verified++;
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
                for (int k = 0; k < stores.size(); k++) {
                    compare(tile, "the epilogue", k, false, stores.get(k), again.get(k));
                }
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

    private void compare(Tile tile, String who, List<Span> loads, List<Span> stores) {
        List<Placement.Lent> taken = new ArrayList<>();
        try {
            boolean partial = stage instanceof ReduceStage && tile.isPartial(stage);
            List<Span> again = new ArrayList<>();
            long[] to = new long[stores.size()];
            for (int k = 0; k < stores.size(); k++) {
                if (partial) {
                    Placement.Lent lent = placement.take(tile.elements() * type(k).bytes());
                    taken.add(lent);
                    again.add(new Span(lent.memory(), 0));
                    to[k] = lent.memory().address();
                } else {
                    again.add(placement.scratch(stage, k, tile, taken));
                    to[k] = again.get(k).base(stage.stores().get(k).dtype().bytes());
                }
            }
            long[] from = new long[loads.size()];
            for (int k = 0; k < from.length; k++) {
                from[k] = loads.get(k).base(stage.loads().get(k).dtype().bytes());
            }
            reference().run(tile, from, to);
            for (int k = 0; k < stores.size(); k++) {
                compare(tile, who, k, partial, stores.get(k), again.get(k));
            }
        } finally {
            taken.forEach(Placement.Lent::close);
        }
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

    private void compare(Tile tile, String who, int store, boolean partial, Span found, Span expected) {
        if (Walk.isEmpty(tile.lo(), tile.hi())) {
            return;
        }
        if (partial) {
            DType dtype = Elements.dense(type(store));
            for (long i = 0; i < tile.elements(); i++) {
                compare(tile, who, dtype, i, found.memory().address(), expected.memory().address());
            }
            return;
        }
        View view = stage.stores().get(store);
        long[] index = tile.lo().clone();
        do {
            long element = view.element(index);
            compare(
                    tile,
                    who,
                    view.dtype(),
                    element,
                    found.base(view.dtype().bytes()),
                    expected.base(view.dtype().bytes()));
        } while (Walk.next(index, tile.lo(), tile.hi()));
    }

    private static void compare(Tile tile, String who, DType dtype, long element, long found, long expected) {
        long a = Elements.read(dtype, found + element * dtype.bytes());
        long b = Elements.read(dtype, expected + element * dtype.bytes());
        if (a != b && !(isNaN(dtype, a) && isNaN(dtype, b))) {
            throw new WrongBitsException(who, who + " gave other bits than the reference in tile " + tile
                    + ": element " + element + " is 0x" + Long.toHexString(a) + " instead of 0x" + Long.toHexString(b)
                    + "; no result of this run is used");
        }
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
