package org.imbrex.host.node;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
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
    /** More nodes than these are many: each is then a thread of the JDK's, not the system's, and has small buffers. */
    static final int MANY = 64;
    /** How many nodes a message names. */
    private static final int MOST_TOLD = 20;

    private final FleetOptions options;
    private final Surroundings surroundings;
    private final List<Member> members = new ArrayList<>();
    private final Map<String, Member> named = new ConcurrentHashMap<>();
    final Room room;
    private boolean closed;

    public Fleet(FleetOptions options) {
        this(options, Surroundings.SYSTEM);
    }

    Fleet(FleetOptions options, Surroundings surroundings) {
        this.options = options;
        this.surroundings = surroundings;
        this.room = new Room(surroundings, isMany(options));
        if (options.nodes().isEmpty()) {
            throw new NodeException("found no node, expected at least one as --on HOST:PORT");
        }
    }

    static boolean isMany(FleetOptions options) {
        return options.nodes().size() > MANY;
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
                options.nodes().forEach(node -> members.add(new Member(node, members.size(), this)));
                members.forEach(member -> named.put(member.name, member));
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
                        member.name, "not reached: " + e.getMessage(), List.of(), Map.of()));
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
        int known = all.stream().mapToInt(room::most).sum();
        int least = all.stream().mapToInt(room::most).min().orElse(room.most());
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

    @Override
    public void stageEnded(long run, int stage) {
        room.ended(run, stage);
    }

    @Override
    public void runEnded(long run) {
        room.ended(run, Stock.Key.WHOLE_RUN);
    }

    /**
     * A node's room for a tile, as {@link Room#take}.
     *
     * @throws DeviceException OUT_OF_MEMORY where no node could ever hold it, FAILED where it failed on every one, LOST
     *     where none is there for as long as the timeout says
     */
    Seat take(Lease lease) throws InterruptedException {
        return room.take(lease, options.timeout().toNanos(), (nobody, timeIsUp) -> {
            List<Connection> up = connections();
            List<Connection> untried = up.stream()
                    .filter(connection -> !lease.hasFailedOn(connection.member().name))
                    .toList();
            if (!up.isEmpty() && untried.isEmpty()) {
                throw failed(lease);
            }
            long need = lease.need + lease.sharedBytes();
            if (!untried.isEmpty() && untried.stream().allMatch(connection -> need > connection.bytes)) {
                throw new DeviceException(
                        DeviceException.Kind.OUT_OF_MEMORY,
                        "a tile takes " + need + " bytes, more than any node gives to one client");
            }
            if (nobody && timeIsUp) {
                throw new DeviceException(DeviceException.Kind.LOST, members.stream()
                        .limit(MOST_TOLD)
                        .map(member -> member.name + ": " + member.trouble())
                        .collect(Collectors.joining("; ", "no node is left: ", "")));
            }
        });
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

    /** How often a tile may be lost with its node. */
    int mostLosses() {
        return 3 + 2 * members.size();
    }

    /** The connection of a node by its name, if it has one. */
    Optional<Connection> connection(String node) {
        return Optional.ofNullable(named.get(node)).map(Member::connection);
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
                room.left(member);
                found = true;
            } else {
                left |= !member.isAside();
            }
        }
        return found && left;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        room.close();
        members.forEach(Member::close);
    }
}
