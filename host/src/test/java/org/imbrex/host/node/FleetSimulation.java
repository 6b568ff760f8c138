package org.imbrex.host.node;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.imbrex.host.node.trust.Credentials;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Typing;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.host.ReferenceBackend;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.memory.Source;
import org.imbrex.runtime.schedule.Clock;
import org.imbrex.runtime.schedule.Crew;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Scheduler;
import org.imbrex.runtime.schedule.Summary;

/**
 * Jobs on a fleet of simulated nodes: the scheduler, the fleet, its members and leases, the wire, the nodes' sessions
 * and the merge are the real ones; time, threads and the network are the simulation's. A seed decides the job, the nodes,
 * every delay, loss and order of turns.
 */
final class FleetSimulation {
    private static final String CARRIED = "borders pass through this client";
    private static final long JOB_NANOS = 100_000_000_000L;
    /** One schedule in so many is of a fleet of many nodes. */
    private static final int MANY_ONE_IN = 500;

    private static final Device DEVICE = new ReferenceBackend(1).discover().devices().getFirst();
    /** Of all nodes, and of the client: fresh memory costs more than a schedule. */
    private static final BufferPool POOL = new BufferPool(64 << 20);

    private static final BufferPool CLIENT_POOL = new BufferPool(64 << 20);
    private static final BufferPool WATCHED_POOL = new BufferPool(64 << 20);
    private static final InetSocketAddress[] ADDRESSES = addresses();
    private static final List<Job> JOBS = List.of(
            Job.of("x + 1", false, 20, 3),
            Job.of("sum(x)", true, 1280),
            Job.of("mean(blocks(x, 8), axis=1)", false, 90, 2),
            Job.of("x - mean(x, axis=0)", false, 20, 3),
            Job.of("sum(x * x, axis=1)", true, 2, 640),
            Job.of("max(x) - min(x)", true, 1024));

    /** Simulations in time steps: each takes three times as many turns as the jobs above, so they are fewer. */
    private static final List<Job> STEPS = List.of(
            Job.steps(
                    "iterate(x=stencil(x + 0.1 * (at(x, -1, 0) + at(x, 1, 0) + at(x, 0, 1) - 3 * x), mode='wrap'), steps=80)",
                    64,
                    3),
            Job.steps("iterate(x=stencil(0.9 * at(x, -1, 0) + 0.1 * at(x, 0, 1), mode='edge'), steps=200)", 48, 3),
            Job.steps("iterate(x=x + 0.1 * (at(y, 1, 1) - y), y=y - 0.1 * (x - at(x, -1, 0)), steps=60)[0]", 64, 3));

    /**
     * A program, its input and the only right result.
     *
     * @param splits whether its tiles are runs of leaves of a reduction, to be merged
     * @param steps whether it is a simulation that stays on the nodes: its tiles are their slabs'
     */
    private record Job(
            Program program,
            MemorySegment input,
            MemorySegment expected,
            MemorySegment found,
            boolean splits,
            boolean steps) {
        static Job steps(String text, long... extents) {
            Job job = of(text, false, extents);
            return new Job(job.program, job.input, job.expected, job.found, false, true);
        }

        static Job of(String text, boolean splits, long... extents) {
            ArrayType type = new ArrayType(DType.F64, Shape.of(extents));
            Map<String, ArrayType> types = new LinkedHashMap<>();
            Map<String, Program.Buffer> buffers = new LinkedHashMap<>();
            for (String name : Parser.parse(text).inputs()) {
                types.put(name, type);
                buffers.put(name, new Program.Buffer(DType.F64, type.shape(), type.shape().strides()));
            }
            Program program = Fuser.fuse(
                    List.of(Typing.check(Parser.parse(text), types)), buffers);
            Random random = new Random(text.hashCode());
            MemorySegment input = Arena.global().allocate(type.shape().elements() * 8, 64);
            for (long k = 0; k < type.shape().elements(); k++) {
                input.setAtIndex(ValueLayout.JAVA_DOUBLE, k, random.nextGaussian());
            }
            MemorySegment expected = Arena.global().allocate(bytes(program), 64);
            try (Devices devices = new Devices(List.of(new ReferenceBackend(1)));
                    BufferPool pool = new BufferPool(0);
                    Scheduler scheduler = new Scheduler(devices, pool)) {
                scheduler.run(
                        program,
                        sources(program, input),
                        List.of(new Sink.Resident(expected)),
                        RunOptions.defaults());
            }
            return new Job(program, input, expected, Arena.global().allocate(bytes(program), 64), splits, false);
        }

        static long bytes(Program program) {
            return program.buffers().get(program.results().getFirst()).bytes();
        }

        private static List<Source> sources(Program program, MemorySegment input) {
            return program.inputs().stream()
                    .map(name -> (Source) new Source.Resident(input))
                    .toList();
        }

        List<Source> sources() {
            return sources(program, input);
        }
    }

    /** What schedules have met, all together. */
    static final class Met {
        long schedules;
        long many;
        long tiles;
        long computed;
        long losses;
        long slow;
        long refused;
        long cutInHalves;
        long mischief;
        long putAside;
        long withoutNodes;
        long borders;
        long carried;
        long turns;

        @Override
        public String toString() {
            return schedules + " schedules, " + many + " of many nodes, " + tiles + " tiles, " + computed + " computed, " + losses + " losses, "
                    + slow + " second attempts, " + refused + " refused, " + cutInHalves + " cut in halves, " + putAside
                    + " nodes put aside, " + mischief + " schedules with damaged frames, " + withoutNodes
                    + " jobs ended for lack of nodes, " + borders + " borders handed over, " + carried
                    + " times carried by the client, " + turns + " turns";
        }
    }

    private final SimulatedTime time;
    private final Random random;
    private final Met met;
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final Job job;
    private final boolean mischief;
    /** Whether the first node stays, so that the job has to end well. */
    private final boolean oneStays;

    private boolean over;

    private FleetSimulation(long seed, Met met) {
        this.time = new SimulatedTime(seed, (address, caller) -> node(address).meet(caller, Optional.empty()));
        int which = time.random.nextInt(JOBS.size() + 1);
        this.job = which < JOBS.size() ? JOBS.get(which) : STEPS.get(time.random.nextInt(STEPS.size()));
        this.random = time.random;
        this.met = met;
        this.mischief = random.nextInt(5) == 0;
        this.oneStays = random.nextInt(8) > 0;
        int count = 1 + random.nextInt(4);
        if (seed % MANY_ONE_IN == 0) {
            count += Fleet.MANY;
            met.many++;
        }
        for (int k = 0; k < count; k++) {
            boolean safe = k == 0 && oneStays;
            SimulatedWeather weather = new SimulatedWeather(
                    random.nextBoolean() ? 300_000 : 20_000_000, mischief && !safe ? 20 + random.nextInt(100) : 0, job.steps);
            nodes.add(new SimulatedNode(
                    time,
                    weather,
                    new SimulatedNode.Nature(
                            1 + random.nextInt(2),
                            2 + random.nextInt(6),
                            50_000 + random.nextInt(200_000),
                            random.nextBoolean() ? 2_000_000 : 30_000_000,
                            random.nextInt(3) == 0 ? 15 : 0,
                            safe || random.nextInt(4) > 0 ? 0 : 8),
                    POOL,
                    DEVICE,
                    this::node));
        }
        for (SimulatedNode node : nodes) {
            if (random.nextInt(6) == 0) {
                node.losesSightOf(nodes.get(random.nextInt(count)));
            }
        }
    }

    private SimulatedNode node(InetSocketAddress address) {
        return nodes.get(address.getPort() - 1);
    }

    private static InetSocketAddress[] addresses() {
        try {
            InetAddress here = InetAddress.getByAddress("node", new byte[] {127, 0, 0, 1});
            InetSocketAddress[] all = new InetSocketAddress[Fleet.MANY + 5];
            for (int k = 0; k < all.length; k++) {
                all[k] = new InetSocketAddress(here, k + 1);
            }
            return all;
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One schedule, from a thread that may be parked. */
    static void run(long seed, Met met) throws InterruptedException {
        new FleetSimulation(seed, met).run();
    }

    private void run() throws InterruptedException {
        FleetOptions options = new FleetOptions(
                List.of(ADDRESSES).subList(0, nodes.size()), new Credentials.Loopback(),
                Duration.ofSeconds(2), "simulation");
        Fleet fleet = new Fleet(options, time);
        for (int k = 0; k < nodes.size(); k++) {
            if (k > 0 || !oneStays) {
                troubles(fleet, k);
            }
        }
        MemorySegment found = job.found.fill((byte) 0x11);
        WatchedFleet watched = new WatchedFleet(fleet, WATCHED_POOL, 1024L << random.nextInt(3));
        try (Devices devices = new Devices(List.of(watched))) {
            job(fleet, devices, found);
        } finally {
            fleet.close();
        }
        over = true;
        for (SimulatedNode node : nodes) {
            if (node.isUp()) {
                node.close();
            }
        }
        time.end();
        met.turns += time.turns();
        require(watched.isUntouched(), "a tile's memory was written to after the tile was done");
        require(POOL.lentBytes() == 0, "memory that did not come back: " + POOL.lentBytes());
        for (Member member : fleet.members()) {
            require(member.flying == 0 && member.flyingBytes == 0, member.name + ": credits that did not come back");
            require(mischief || !member.trouble().startsWith("found"), member.name + ": " + member.trouble());
        }
        for (SimulatedNode node : nodes) {
            require(mischief || node.complaints.isEmpty(), "a node complains: " + node.complaints);
        }
    }

    /** Runs the job and checks what must hold of it. */
    private void job(Fleet fleet, Devices devices, MemorySegment found) {
        met.schedules++;
        met.mischief += mischief ? 1 : 0;
        long[] finished = new long[2];
        AtomicLong last = new AtomicLong();
        boolean attest = random.nextInt(8) == 0;
        try (Scheduler scheduler = new Scheduler(devices, CLIENT_POOL, new Turns(), (Clock) time::nanos)) {
            time.after(JOB_NANOS, () -> {
                if (!over) {
                    time.fail(new AssertionError("the job does not end"));
                }
            });
            devices.discover(Fleet.NAME);
            RunOptions options = RunOptions.defaults()
                    .withDevice(Fleet.NAME)
                    .withMemory(64L << 20)
                    .withAttest(attest)
                    .withProgress((done, total) -> {
                        finished[0] = Math.max(finished[0], done);
                        finished[1] = total;
                        last.incrementAndGet();
                    });
            options = job.splits ? options : options.withTile(job.steps ? 16 : 1 + random.nextInt(3), 8);
            Summary summary =
                    scheduler.run(job.program, job.sources(), List.of(new Sink.Resident(found)), options);
            check(summary, found, finished, attest);
            require(CLIENT_POOL.lentBytes() == 0, "the client's memory did not come back");
        } catch (DeviceException e) {
            // only where no node was left to it, or every one of them failed
            require(!oneStays, "a job ended although a node stayed: " + e.getMessage());
            met.withoutNodes++;
        } finally {
            over = true;
        }
    }

    private void check(Summary summary, MemorySegment found, long[] finished, boolean attest) {
        long wrong = found.mismatch(job.expected);
        require(wrong == -1, "wrong bits at byte " + wrong + "\n" + summary.text());
        require(finished[0] == finished[1], finished[0] + " of " + finished[1] + " tiles were finished");
        int computed = nodes.stream().mapToInt(node -> node.computed).sum();
        require(job.steps || computed >= finished[1], computed + " tiles computed of " + finished[1]);
        boolean told = summary.notes().stream().noneMatch(note -> note.contains("of this client's"));
        require(mischief || told, "more was asked of a node than it gives: " + summary.notes());
        // once a node had no memory for a tile, tiles of its size are cut before they are sent, without a word
        boolean cut = summary.notes().stream().anyMatch(note -> note.contains("cut in two"));
        require(
                mischief || cut || job.steps || computed <= finished[1] + summary.faults(),
                computed + " tiles computed of " + finished[1] + ", and only these faults: " + summary.notes());
        if (attest) {
            Set<String> tiles = new HashSet<>();
            summary.tiles().forEach(tile -> require(tiles.add(tile.tile()), "used twice: " + tile));
        }
        met.tiles += finished[1];
        met.computed += computed;
        met.borders += nodes.stream().mapToLong(SimulatedNode::bordersTaken).sum();
        for (String note : summary.notes()) {
            int times = note.endsWith(" times)")
                    ? Integer.parseInt(note.replaceFirst(".*\\((\\d+) times\\)$", "$1"))
                    : 1;
            met.losses += note.contains(": lost (") && !note.startsWith(CARRIED) ? times : 0;
            met.carried += note.startsWith(CARRIED) ? times : 0;
            met.slow += note.contains(": slow, ") ? times : 0;
            met.refused += note.contains(": tile failed (") ? times : 0;
            met.cutInHalves += note.contains("cut in two") ? times : 0;
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** What befalls a node, at moments by chance. */
    private void troubles(Fleet fleet, int number) {
        SimulatedNode node = nodes.get(number);
        for (int k = random.nextInt(4); k > 0; k--) {
            long at = random.nextInt(random.nextBoolean() ? 60_000_000 : 2_000_000_000);
            long lasts = 1_000_000L * random.nextInt(random.nextBoolean() ? 300 : 6000);
            switch (random.nextInt(job.steps ? 12 : 7)) {
                case 0, 1 -> {
                    boolean silently = random.nextBoolean();
                    time.at(at, () -> {
                        if (node.isUp() && !over) {
                            node.kill(silently);
                        }
                    });
                    if (random.nextInt(4) > 0) {
                        time.at(at + lasts, () -> {
                            if (!over) {
                                node.restart();
                            }
                        });
                    }
                }
                case 2 -> time.at(at, node::cut);
                case 3 -> time.at(at, () -> node.stall(true, true, lasts));
                case 4 -> {
                    boolean toNode = random.nextBoolean();
                    time.at(at, () -> node.stall(toNode, !toNode, lasts));
                }
                case 5 -> {
                    time.at(at, node::drain);
                    time.at(at + lasts, () -> {
                        if (!over) {
                            node.restart();
                        }
                    });
                }
                case 7, 8, 9 -> time.at(at, () -> node.stallBetweenNodes(lasts));
                case 10, 11 -> time.at(at, node::cutBetweenNodes);
                default -> {
                    if (random.nextInt(3) == 0 && oneStays) {
                        time.at(at, () -> time.start("put aside", false, () -> {
                            fleet.putAside(FleetOptions.name(ADDRESSES[number]) + "/reference", "wrong bits");
                            met.putAside++;
                        }));
                    }
                }
            }
        }
    }

    /** Gives each hand a thread of the simulation. */
    private final class Turns implements Crew {
        @Override
        public void work(List<? extends Worker> workers) {
            List<SimulatedTime.Fiber> hands = new ArrayList<>();
            for (Worker worker : workers) {
                hands.add(time.start("hand", true, () -> give(worker)));
            }
            try {
                for (SimulatedTime.Fiber hand : hands) {
                    hand.join();
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        private void give(Worker worker) {
            try {
                while (true) {
                    switch (worker.turn()) {
                        case WORKED -> time.between();
                        case WAITS -> time.sleep(1 + random.nextInt(1_000_000));
                        case DONE -> {
                            return;
                        }
                    }
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void close() {}
    }
}
