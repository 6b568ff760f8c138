package org.imbrex.host.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.host.node.wire.Block;
import org.imbrex.host.node.wire.Part;
import org.imbrex.host.node.wire.Traffic;
import org.imbrex.host.node.wire.Tiles;
import org.imbrex.kernels.stage.LineStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.memory.Span;

/**
 * A tile that is to be run by some node: handed to one, to another where that is lost, to a second one where that is
 * slow. The first answer that arrives whole is the tile's; only it touches the stores, and only until the lease is over.
 *
 * <p>Knows no connection: attempts are begun, answered and lost by whoever calls.
 */
final class Lease {
    static final long NO_RUN = -1;
    /** Parts below this are sent with each tile: their share of its frame is small. */
    private static final long LARGE = 16 << 10;

    final Program program;
    final Stage stage;
    final Tile tile;
    final List<Part> parts;
    final List<Span> loads;
    final List<Span> stores;
    final long dataIn;
    final long dataOut;
    final long need;
    /** What other tiles read as well, and the node keeps for them. */
    final List<Stock.Shared> shared;

    private final byte[] fields;
    /** Whether tiles like this one take less than a moment. */
    final boolean quick;
    private final Surroundings surroundings;

    /** An answer that has arrived. */
    record Answer(String node, byte[] fields, int checksum) {}

    /** One node's try. */
    static final class Attempt {
        final Lease lease;
        final String node;
        final int request;
        final long began;

        Attempt(Lease lease, String node, int request, long began) {
            this.lease = lease;
            this.node = node;
            this.request = request;
            this.began = began;
        }
    }

    private final List<Attempt> live = new ArrayList<>(2);
    private final Map<String, DeviceException> failures = new LinkedHashMap<>();
    private final List<String> faults = new ArrayList<>();
    private final List<String> mishaps = new ArrayList<>();
    private Attempt receiving;
    private Answer answer;
    private boolean over;
    private int losses;
    private String differs = "";
    private long sentBytes;
    private String leftOut = "";

    Lease(
            Program program,
            Tile tile,
            List<Span> loads,
            List<Span> stores,
            boolean quick,
            Surroundings surroundings) {
        this(program, tile, loads, stores, quick, surroundings, NO_RUN);
    }

    /** @param run in which inputs stay as they are, so that a node may keep them; {@link #NO_RUN} where it may not */
    Lease(
            Program program,
            Tile tile,
            List<Span> loads,
            List<Span> stores,
            boolean quick,
            Surroundings surroundings,
            long run) {
        this.surroundings = surroundings;
        this.quick = quick;
        this.program = program;
        this.stage = program.stages().get(tile.stage());
        this.tile = tile;
        this.loads = loads;
        this.stores = stores;
        this.parts = Traffic.parts(stage, tile, loads);
        this.shared = run == NO_RUN || stage instanceof LineStage ? List.of() : shared(run);
        List<Part> own = shared.isEmpty() ? parts : parts.stream().filter(part -> !isShared(part)).toList();
        this.dataIn = Traffic.bytesIn(stage, own);
        this.dataOut = Traffic.bytesOut(stage, tile);
        this.need = Tiles.need(stage, tile, own);
        this.fields = Tiles.encode(0, tile, parts);
    }

    private List<Stock.Shared> shared(long run) {
        List<Stock.Shared> found = new ArrayList<>();
        for (Part part : parts) {
            int width = Traffic.width(stage, part);
            if (part.elements() * width >= LARGE && Traffic.isShared(stage, tile, part)) {
                int buffer = stage.loads().get(part.loads().getFirst()).buffer();
                boolean input = buffer < program.inputs().size();
                Part held = Traffic.widened(stage, tile, part, loads.get(part.loads().getFirst()));
                Stock.Key key = new Stock.Key(run, input ? Stock.Key.WHOLE_RUN : tile.stage(), buffer, held);
                found.add(new Stock.Shared(key, part, new Block(width, held.first(), held.last(), held.pieces())));
            }
        }
        return List.copyOf(found);
    }

    private boolean isShared(Part part) {
        return shared.stream().anyMatch(one -> one.part() == part);
    }

    /** What the blocks that it shares take of a node's memory where none is there yet. */
    long sharedBytes() {
        return shared.stream().mapToLong(one -> one.block().bytes()).sum();
    }

    /** The most bytes that one of its frames has. */
    long longestFrame() {
        long blocks = shared.stream().mapToLong(one -> one.block().data()).max().orElse(0);
        return Math.max(Math.max(dataIn, dataOut), blocks);
    }

    /** The fields of its frame for a node that has the program and, in their order, the shared parts by these numbers. */
    byte[] fields(int number, List<Stock.Held> blocks) {
        byte[] own = fields.clone();
        if (!blocks.isEmpty()) {
            List<Part> held = new ArrayList<>(parts);
            for (int k = 0; k < blocks.size(); k++) {
                Part mine = shared.get(k).part();
                int block = blocks.get(k).number;
                held.replaceAll(part -> part == mine ? part.in(block) : part);
            }
            own = Tiles.encode(0, tile, held);
        }
        own[0] = (byte) number;
        own[1] = (byte) (number >> 8);
        return own;
    }

    /** The parts that come with the tile, not as blocks. */
    List<Part> own() {
        return shared.isEmpty() ? parts : parts.stream().filter(part -> !isShared(part)).toList();
    }

    /** It is to run elsewhere than at a place, as attestations name it. */
    synchronized void leaveOut(String place) {
        leftOut = place;
    }

    /** Counts what was sent for it. */
    synchronized void sent(long bytes) {
        sentBytes += bytes;
    }

    synchronized long sentBytes() {
        return sentBytes;
    }

    synchronized void begin(Attempt attempt) {
        live.add(attempt);
    }

    /** Whether an attempt's answer may be received into the stores; if not, nobody wants it. */
    synchronized boolean mayReceive(Attempt attempt) {
        if (over || answer != null || receiving != null) {
            return false;
        }
        receiving = attempt;
        return true;
    }

    /** The answer of an attempt that {@link #mayReceive} has arrived whole. */
    synchronized void answered(Attempt attempt, byte[] with, int checksum) {
        live.remove(attempt);
        receiving = null;
        answer = new Answer(attempt.node, with, checksum);
        surroundings.wake(this);
    }

    /** Another answer than the first has arrived, and was not kept. */
    synchronized void alsoAnswered(Attempt attempt, int checksum) {
        live.remove(attempt);
        if (answer != null && answer.checksum != checksum) {
            differs = "tile " + tile + " has other bits from " + attempt.node + " than from " + answer.node
                    + ": one of both computes wrong bits (or NaNs of other payloads); --verify tells which";
        }
        surroundings.wake(this);
    }

    /** A node says that it cannot run the tile. */
    synchronized void refused(Attempt attempt, DeviceException why) {
        live.remove(attempt);
        failures.put(attempt.node, why);
        faults.add(attempt.node + ": tile failed (" + why.getMessage() + "), run elsewhere");
        surroundings.wake(this);
    }

    /** It was never sent. */
    synchronized void withdrawn(Attempt attempt) {
        live.remove(attempt);
        surroundings.wake(this);
    }

    /** The connection has gone before an answer came; what it has written to the stores is written again. */
    synchronized void lost(Attempt attempt, String why) {
        if (live.remove(attempt)) {
            receiving = receiving == attempt ? null : receiving;
            losses++;
            fault(attempt.node + ": lost (" + why + "), its tiles run elsewhere");
            surroundings.wake(this);
        }
    }

    /** Waits until there is an answer, nobody works on it any more, or the time is up. */
    synchronized void await(long nanos) throws InterruptedException {
        long until = surroundings.nanos() + nanos;
        while (answer == null && !live.isEmpty()) {
            long left = until - surroundings.nanos();
            if (left <= 0 && receiving == null) {
                return;
            }
            surroundings.await(this, receiving == null ? left : Surroundings.FOREVER);
        }
    }

    /** Ends it: once this returns nobody touches the stores. */
    synchronized void end() {
        over = true;
        boolean interrupted = false;
        while (receiving != null) {
            try {
                surroundings.await(this, Surroundings.FOREVER);
            } catch (InterruptedException e) {
                interrupted = true; // the stores are the caller's, who must not have them back before
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    synchronized Answer answer() {
        return answer;
    }

    synchronized boolean isLive() {
        return !live.isEmpty();
    }

    synchronized List<Attempt> live() {
        return List.copyOf(live);
    }

    /** Whether there is a node that must not have it. */
    synchronized boolean hasFailed() {
        return !failures.isEmpty() || !leftOut.isEmpty();
    }

    /** Whether a node must not have it: it has failed there, or is left out. */
    synchronized boolean hasFailedOn(String node) {
        return failures.containsKey(node) || leftOut.startsWith(node + "/");
    }

    synchronized boolean isTriedBy(String node) {
        return live.stream().anyMatch(attempt -> attempt.node.equals(node));
    }

    /** How many nodes were lost that had it: a tile that ends every node is not tried for ever. */
    synchronized int losses() {
        return losses;
    }

    synchronized Map<String, DeviceException> failures() {
        return new LinkedHashMap<>(failures);
    }

    synchronized void fault(String note) {
        faults.add(note);
        mishaps.add(note);
    }

    /** The faults that are no node's refusal: those are {@link #failures}. */
    synchronized List<String> mishaps() {
        return List.copyOf(mishaps);
    }

    synchronized List<String> faults() {
        List<String> all = new ArrayList<>(faults);
        if (!differs.isEmpty()) {
            all.add(differs);
        }
        return all;
    }
}
