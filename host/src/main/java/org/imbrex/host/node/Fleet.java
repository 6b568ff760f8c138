package org.imbrex.host.node;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.imbrex.host.node.wire.Limits;
import org.imbrex.host.node.wire.Programs;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.StageChain;
import org.imbrex.runtime.device.TileKernel;

/**
 * Several nodes as one device of this process: its tiles go to whichever node has room, and elsewhere when one is lost.
 * Nodes may come, go and come back while it works.
 */
public final class Fleet implements Backend, Device {
    /** A backend's and the device's name: {@code --device nodes}. */
    public static final String NAME = "nodes";
    /** What a tile should touch: large enough to hide a network's latency, small enough to share out. */
    private static final long TILE_BYTES = 4L << 20;
    /** How many tiles beyond its workers a node is given, so that it never waits for the next. */
    private static final int AHEAD = 2;
    /** … and of tiles that take less than a moment: several then share a wake-up of the threads on both sides. */
    private static final int QUICK_AHEAD = 8;
    /** How often who waits for room looks at the time. */
    private static final long LOOK_NANOS = 100_000_000;

    private final FleetOptions options;
    private final Surroundings surroundings;
    private final List<Member> members = new ArrayList<>();
    private boolean closed;

    public Fleet(FleetOptions options) {
        this(options, Surroundings.SYSTEM);
    }

    Fleet(FleetOptions options, Surroundings surroundings) {
        this.options = options;
        this.surroundings = surroundings;
        if (options.nodes().isEmpty()) {
            throw new NodeException("found no node, expected at least one as --on HOST:PORT");
        }
    }

    FleetOptions options() {
        return options;
    }

    Surroundings surroundings() {
        return surroundings;
    }

    List<Member> members() {
        return List.copyOf(members);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Discovery discover() {
        synchronized (this) {
            if (members.isEmpty() && !closed) {
                options.nodes().forEach(node -> members.add(new Member(node, this)));
            }
        }
        try {
            for (Member member : members) {
                member.awaitFirstTry();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        List<String> notes = members.stream()
                .filter(member -> member.connection() == null)
                .map(member -> member.name + ": not reached (" + member.trouble() + "), used once it is")
                .toList();
        return new Discovery(notes.size() == members.size() ? List.of() : List.of(this), notes);
    }

    /** What each node tells of itself, or why it does not, by its name. */
    public List<NodeStatus> status(Duration patience) throws InterruptedException {
        discover();
        List<NodeStatus> all = new ArrayList<>();
        for (Member member : members) {
            try {
                Connection connection = member.connection();
                if (connection == null) {
                    throw new IOException(member.trouble());
                }
                all.add(connection.status(patience));
            } catch (IOException e) {
                all.add(new NodeStatus(
                        member.name, "not reached: " + e.getMessage(), List.of(), java.util.Map.of()));
            }
        }
        return all;
    }

    /** Those that take tiles now. */
    List<Connection> connections() {
        List<Connection> all = new ArrayList<>();
        for (Member member : members) {
            Connection connection = member.connection();
            if (connection != null) {
                all.add(connection);
            }
        }
        return all;
    }

    @Override
    public DeviceInfo info() {
        List<Connection> all = connections();
        long bytes = all.stream().mapToLong(connection -> connection.bytes).sum();
        long most = all.stream().mapToLong(connection -> connection.bytes).max().orElse(0);
        return new DeviceInfo(
                NAME,
                NAME,
                members.stream().map(member -> member.name).collect(Collectors.joining(", ")),
                options.software(),
                false,
                all.stream().mapToInt(connection -> connection.workers).sum(),
                bytes,
                most,
                0,
                true,
                true);
    }

    /** Those that are not there yet may come: they count like the smallest that are. */
    @Override
    public int workers() {
        List<Connection> all = connections();
        int known = all.stream().mapToInt(c -> Math.min(c.slots, c.workers + QUICK_AHEAD)).sum();
        int least = all.stream().mapToInt(c -> Math.min(c.slots, c.workers + QUICK_AHEAD)).min().orElse(1 + QUICK_AHEAD);
        long others = members.stream().filter(member -> !member.isAside()).count() - all.size();
        return Math.max(1, known + (int) Math.max(0, others) * least);
    }

    @Override
    public long tileBytes() {
        return TILE_BYTES;
    }

    @Override
    public boolean takes(Stage stage) {
        return Programs.fits(stage);
    }

    /** Nodes are sent whole programs, so one stage that they do not take is in the way of all. */
    @Override
    public TileKernel kernel(Program program, int stage) {
        if (!program.stages().stream().allMatch(this::takes)) {
            throw new DeviceException(
                    DeviceException.Kind.UNSUPPORTED,
                    "found a function of whole lines (sort, cumsum, quantile, histogram, fft) of more elements or bins than nodes"
                            + " take; run it without nodes");
        }
        return new FleetKernel(this, program, stage);
    }

    @Override
    public Optional<StageChain> chain(Program program, int from, int to) {
        return SlabChain.of(this, program, from, to);
    }

    // ---- room for tiles

    /** Something that a wait for room depends on is different now. */
    synchronized void changed() {
        surroundings.wake(this);
    }

    /** The node with the most room for a tile that it has not failed on, if there is one now; its room is taken. */
    synchronized Optional<Seat> tryTake(Lease lease) {
        Connection best = null;
        double least = Double.MAX_VALUE;
        for (Member member : members) {
            Connection connection = member.connection();
            boolean free = connection != null
                    && member.flying < Math.min(connection.slots, connection.workers + (lease.quick ? QUICK_AHEAD : AHEAD))
                    && fits(connection, lease)
                    && !lease.hasFailedOn(member.name)
                    && !lease.isTriedBy(member.name);
            if (free && (double) member.flying / connection.workers < least) {
                least = (double) member.flying / connection.workers;
                best = connection;
            }
        }
        if (best == null) {
            return Optional.empty();
        }
        Member member = best.member();
        member.flying++;
        member.flyingBytes += lease.need;
        return Optional.of(new Seat(best, lease.need, best.stock.use(lease.shared, best.bytes - member.flyingBytes)));
    }

    /** Whether a node has memory for a tile, if need be that of blocks which no tile uses now. */
    private static boolean fits(Connection connection, Lease lease) {
        Stock stock = connection.stock;
        long free = connection.bytes - connection.member().flyingBytes - stock.bytes();
        long wanted = lease.need + stock.missing(lease.shared);
        return wanted <= free || wanted <= free + stock.idle(lease.shared);
    }

    synchronized List<Integer> dropped(Connection connection) {
        return connection.stock.takeDropped();
    }

    @Override
    public void stageEnded(long run, int stage) {
        ended(run, stage);
    }

    @Override
    public void runEnded(long run) {
        ended(run, Stock.Key.WHOLE_RUN);
    }

    private synchronized void ended(long run, int stage) {
        for (Member member : members) {
            Connection connection = member.connection();
            if (connection != null) {
                connection.stock.end(run, stage);
                if (connection.stock.hasDropped()) {
                    connection.tellDropped();
                }
            }
        }
        surroundings.wake(this);
    }

    /**
     * As {@link #tryTake}, waiting for room, and for lost nodes to come back.
     *
     * @throws DeviceException OUT_OF_MEMORY where no node could ever hold it, FAILED where it failed on every one, LOST
     *     where none is there for as long as the timeout says
     */
    synchronized Seat take(Lease lease) throws InterruptedException {
        long until = surroundings.nanos() + options.timeout().toNanos();
        long need = lease.need + lease.sharedBytes();
        while (true) {
            if (closed) {
                throw new DeviceException(DeviceException.Kind.LOST, "the nodes were closed");
            }
            Optional<Seat> found = tryTake(lease);
            if (found.isPresent()) {
                return found.get();
            }
            List<Connection> up = connections();
            List<Connection> untried = up.stream()
                    .filter(connection -> !lease.hasFailedOn(connection.member().name))
                    .toList();
            if (!up.isEmpty() && untried.isEmpty()) {
                throw failed(lease);
            }
            if (!untried.isEmpty() && untried.stream().allMatch(connection -> need > connection.bytes)) {
                throw new DeviceException(
                        DeviceException.Kind.OUT_OF_MEMORY,
                        "a tile takes " + need + " bytes, more than any node gives to one client");
            }
            if (up.isEmpty() && surroundings.nanos() > until) {
                throw new DeviceException(DeviceException.Kind.LOST, members.stream()
                        .map(member -> member.name + ": " + member.trouble())
                        .collect(Collectors.joining("; ", "no node is left: ", "")));
            }
            surroundings.await(this, LOOK_NANOS);
        }
    }

    /** Where one node lacked memory the halves may do: so says the kind. */
    private static DeviceException failed(Lease lease) {
        List<DeviceException.Kind> kinds =
                lease.failures().values().stream().map(DeviceException::kind).toList();
        DeviceException.Kind kind = kinds.contains(DeviceException.Kind.OUT_OF_MEMORY)
                ? DeviceException.Kind.OUT_OF_MEMORY
                : kinds.stream().allMatch(DeviceException.Kind.UNSUPPORTED::equals)
                        ? DeviceException.Kind.UNSUPPORTED
                        : DeviceException.Kind.FAILED;
        return new DeviceException(kind, lease.failures().entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue().getMessage())
                .collect(Collectors.joining("; ", "failed on every node: ", "")));
    }

    /** Room for a tile on one node, waiting for it; where the connection has ended it is lost. */
    synchronized Seat takeOn(Connection connection, long need, BooleanSupplier over) throws InterruptedException {
        Member member = connection.member();
        while (true) {
            if (closed || connection.isOver() || over.getAsBoolean()) {
                throw new DeviceException(DeviceException.Kind.LOST, member.name + ": lost");
            }
            if (member.flying < Math.min(connection.slots, connection.workers + QUICK_AHEAD)
                    && member.flyingBytes + need + connection.stock.bytes() <= connection.bytes) {
                member.flying++;
                member.flyingBytes += need;
                return new Seat(connection, need, List.of());
            }
            surroundings.await(this, LOOK_NANOS);
        }
    }

    /**
     * Keeps memory of a node for blocks.
     *
     * @param besides what a tile takes at the same time
     * @return the blocks' numbers; empty where the node has no room for them
     */
    synchronized Optional<List<Integer>> reserve(Connection connection, int blocks, long bytes, long besides) {
        Stock stock = connection.stock;
        long free = connection.bytes - connection.member().flyingBytes - stock.bytes() + stock.idle(List.of());
        if (bytes + besides > free || blocks > Limits.BLOCKS / 2) {
            return Optional.empty();
        }
        stock.use(List.of(), connection.bytes - connection.member().flyingBytes - bytes - besides);
        stock.take(bytes);
        List<Integer> numbers = new ArrayList<>();
        for (int k = 0; k < blocks; k++) {
            numbers.add(stock.number());
        }
        return Optional.of(numbers);
    }

    /** Gives back what was {@link #reserve}d; the node is told to drop the blocks that it was sent. */
    synchronized void unreserve(Connection connection, List<Integer> sent, long bytes) {
        connection.stock.drop(sent, bytes);
        connection.tellDropped();
        surroundings.wake(this);
    }

    synchronized void release(Seat seat) {
        Member member = seat.connection().member();
        member.flying--;
        member.flyingBytes -= seat.bytes();
        seat.connection().stock.release(seat.blocks());
        if (seat.connection().stock.hasDropped()) {
            seat.connection().tellDropped();
        }
        surroundings.wake(this);
    }

    /** How often a tile may be lost with its node. */
    int mostLosses() {
        return 3 + 2 * members.size();
    }

    /** The connection of a node by its name, if it has one. */
    Optional<Connection> connection(String node) {
        return connections().stream()
                .filter(connection -> connection.member().name.equals(node))
                .findFirst();
    }

    /**
     * Takes no more results from a node that has given wrong bits.
     *
     * @param place as attestations name it: {@code host:7070/vector}
     * @return whether it is one of these nodes, and others are left
     */
    public boolean putAside(String place, String why) {
        boolean found = false;
        boolean left = false;
        for (Member member : members) {
            if (place.startsWith(member.name + "/")) {
                member.putAside(why);
                found = true;
            } else {
                left |= !member.isAside();
            }
        }
        changed();
        return found && left;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            surroundings.wake(this);
        }
        members.forEach(Member::close);
    }
}
