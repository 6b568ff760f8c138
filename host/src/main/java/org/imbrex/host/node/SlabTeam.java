package org.imbrex.host.node;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.TileKernel.TileTimes;
import org.imbrex.runtime.memory.Span;

/** The nodes that run a simulation together: a thread for each sends its tiles and brings and takes the borders. */
final class SlabTeam {
    /** How long a simulation waits for its nodes to meet before it begins; later they may still. */
    private static final long MEETING_NANOS = 1_000_000_000;

    private final Program program;
    private final List<SlabNode> nodes = new ArrayList<>();
    private final List<Pair> pairs = new ArrayList<>();
    private final Surroundings surroundings;
    private final Rounds rounds;
    /** Of each node: those that it has begun. */
    private final int[] begun;

    private final Arena arena = Arena.ofShared();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    private SlabTeam(Program program, Surroundings surroundings, int size) {
        this.program = program;
        this.surroundings = surroundings;
        this.rounds = new Rounds(surroundings, size);
        this.begun = new int[size];
    }

    /**
     * A team of the nodes that are there now.
     *
     * @param stages those of the chain, by the program's numbers from {@code first} on
     * @throws DeviceException where none is there, or one has no memory for its slab
     */
    static SlabTeam of(Fleet fleet, Program program, int first, List<IterateStage> stages) {
        List<Connection> up = fleet.connections();
        if (up.isEmpty()) {
            throw new DeviceException(DeviceException.Kind.LOST, "no node is there");
        }
        // stages that take as many steps read the same
        List<IterateStage> kinds = new ArrayList<>();
        for (IterateStage stage : stages) {
            if (kinds.stream().noneMatch(kind -> kind.steps() == stage.steps())) {
                kinds.add(stage);
            }
        }
        Slabs slabs = Slabs.of(kinds, up.stream().map(connection -> connection.workers).toList());
        SlabTeam team = new SlabTeam(program, fleet.surroundings(), slabs.slabs().size());
        IterateStage stage = stages.getFirst();
        List<Integer> widths =
                stage.stores().stream().map(store -> store.dtype().bytes()).toList();
        Map<List<Integer>, List<Slabs.Crossing>> crossings = new LinkedHashMap<>();
        for (Slabs.Crossing one : slabs.crossings()) {
            crossings.computeIfAbsent(List.of(one.from(), one.to()), pair -> new ArrayList<>()).add(one);
        }
        boolean formed = false;
        try {
            for (int k = 0; k < slabs.slabs().size(); k++) {
                SlabNode node = new SlabNode(fleet, program, up.get(k), stage, slabs.slabs().get(k), team::isOver);
                int to = k;
                long onTheirWay = crossings.entrySet().stream()
                        .filter(pair -> pair.getKey().getLast() == to)
                        .mapToLong(pair -> Pair.onTheirWay(pair.getValue(), widths))
                        .sum();
                if (!node.reserve(kinds, first, onTheirWay)) {
                    throw new DeviceException(
                            DeviceException.Kind.OUT_OF_MEMORY, node.name() + " has no memory for its part of the fields");
                }
                team.nodes.add(node);
            }
            for (List<Slabs.Crossing> pair : crossings.values()) {
                team.pairs.add(new Pair(pair, team.nodes, team.surroundings, team.rounds, team.arena));
            }
            formed = true;
            return team;
        } finally {
            if (!formed) {
                team.close();
            }
        }
    }

    private boolean isOver() {
        return failure.get() != null;
    }

    /** Whether all of its nodes are there. */
    boolean isUp() {
        return !isOver() && nodes.stream().allMatch(SlabNode::isUp);
    }

    private interface Work {
        void run(int node) throws InterruptedException;
    }

    /** Does something for each node at once; the first failure is everybody's. */
    private void each(Work work) {
        List<Surroundings.Task> tasks = new ArrayList<>();
        for (int k = 0; k < nodes.size(); k++) {
            int node = k;
            tasks.add(surroundings.start("imbrex-slab-" + k, true, () -> {
                try {
                    work.run(node);
                } catch (Throwable e) {
                    fail(e);
                }
            }));
        }
        boolean interrupted = false;
        for (Surroundings.Task task : tasks) {
            for (boolean joined = false; !joined; ) {
                try {
                    task.join();
                    joined = true;
                } catch (InterruptedException e) {
                    interrupted = true;
                    fail(interrupted(e));
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        switch (failure.get()) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new DeviceException(DeviceException.Kind.FAILED, "among time steps", failure.get());
        }
    }

    private void fail(Throwable e) {
        failure.compareAndSet(null, e);
        rounds.end();
        pairs.forEach(Pair::end);
    }

    private static DeviceException interrupted(InterruptedException e) {
        return new DeviceException(DeviceException.Kind.FAILED, "interrupted among time steps", e);
    }

    /** Sends the fields, and what does not change, to where they are needed; then the nodes meet each other. */
    void load(IterateStage stage, List<Span> loads) {
        each(node -> nodes.get(node).load(stage, loads));
        try {
            for (Pair pair : pairs) {
                pair.expect();
            }
            for (Pair pair : pairs) {
                pair.meet();
            }
            long until = surroundings.nanos() + MEETING_NANOS;
            for (Pair pair : pairs) {
                pair.awaitMeeting(until - surroundings.nanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(e);
        }
    }

    /**
     * Runs stages [from, to), and brings the fields after the last.
     *
     * @param goesOn whether other stages follow, which read the borders of the last
     */
    List<TileTimes> run(
            int from, int to, boolean goesOn, List<Span> stores, Runnable check, Optional<String> fault) {
        List<TileTimes> all = Collections.synchronizedList(new ArrayList<>());
        each(node -> {
            List<TileTimes> times = new ArrayList<>();
            List<String> faults = node == 0 ? fault.stream().toList() : List.of();
            for (int number = from; number < to; number++) {
                check.run();
                round(node, number, goesOn || number < to - 1, times, faults);
                faults = List.of();
            }
            nodes.get(node).store(stores);
            times.add(nodes.get(node).withMoved(times.removeLast()));
            all.addAll(times);
        });
        List<String> news = pairs.stream().flatMap(pair -> pair.news().stream()).toList();
        if (!news.isEmpty()) {
            all.add(with(all.removeLast(), "borders pass through this client " + String.join(", ", news)));
        }
        return List.copyOf(all);
    }

    private static TileTimes with(TileTimes times, String fault) {
        List<String> faults = new ArrayList<>(times.faults());
        faults.add(fault);
        return new TileTimes(
                times.uploadNanos(),
                times.kernelNanos(),
                times.downloadNanos(),
                times.bytesUp(),
                times.bytesDown(),
                times.place(),
                faults);
    }

    private void round(int own, int number, boolean crosses, List<TileTimes> times, List<String> faults)
            throws InterruptedException {
        SlabNode node = nodes.get(own);
        IterateStage stage = (IterateStage) program.stages().get(number);
        int round = begun[own]++;
        long began = surroundings.nanos();
        List<Errand> tiles = node.start(number, stage);
        node.turn();
        int done = 0;
        if (crosses) {
            int needed = 0;
            for (Pair pair : pairs) {
                if (pair.from == own) {
                    pair.order(round, stage, tiles);
                    needed = Math.max(needed, pair.tiles(stage));
                }
            }
            for (; done < needed; done++) {
                times.add(node.times(tiles.get(done).await(), surroundings.nanos() - began, done == 0 ? faults : List.of()));
            }
            rounds.crossed(own);
            for (Pair pair : pairs) {
                if (pair.to == own) {
                    pair.arrive(round);
                }
            }
        }
        for (; done < tiles.size(); done++) {
            times.add(node.times(tiles.get(done).await(), surroundings.nanos() - began, done == 0 ? faults : List.of()));
        }
        rounds.finished(own);
    }

    /** Frees what the nodes hold, once nothing of it is in use. */
    void close() {
        pairs.forEach(Pair::close);
        nodes.forEach(SlabNode::close);
        arena.close();
    }
}
