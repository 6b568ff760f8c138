package org.imbrex.host.node;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.imbrex.kernels.stage.IterateStage;
import org.imbrex.kernels.stage.Program;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.TileKernel.TileTimes;
import org.imbrex.runtime.memory.Span;

/** The nodes that run a simulation together: a thread for each sends its tiles and brings and takes the borders. */
final class SlabTeam {
    private final Program program;
    private final List<SlabNode> nodes = new ArrayList<>();
    private final List<Border> borders = new ArrayList<>();
    private final Arena arena = Arena.ofShared();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    private SlabTeam(Program program) {
        this.program = program;
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
        SlabTeam team = new SlabTeam(program);
        IterateStage stage = stages.getFirst();
        boolean formed = false;
        try {
            for (int k = 0; k < slabs.slabs().size(); k++) {
                SlabNode node = new SlabNode(fleet, program, up.get(k), stage, slabs.slabs().get(k), team::isOver);
                if (!node.reserve(kinds, first)) {
                    throw new DeviceException(
                            DeviceException.Kind.OUT_OF_MEMORY, node.name() + " has no memory for its part of the fields");
                }
                team.nodes.add(node);
            }
            for (Slabs.Crossing crossing : slabs.crossings()) {
                int width = stage.stores().get(crossing.field()).dtype().bytes();
                team.borders.add(new Border(crossing, width, team.arena));
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
        List<Thread> threads = new ArrayList<>();
        for (int k = 0; k < nodes.size(); k++) {
            int node = k;
            threads.add(Thread.ofPlatform().daemon().name("imbrex-slab-" + k).start(() -> {
                try {
                    work.run(node);
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                    borders.forEach(Border::end);
                }
            }));
        }
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                    failure.compareAndSet(
                            null, new DeviceException(DeviceException.Kind.FAILED, "interrupted among time steps", e));
                    borders.forEach(Border::end);
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

    /** Sends the fields, and what does not change, to where they are needed. */
    void load(IterateStage stage, List<Span> loads) {
        each(node -> nodes.get(node).load(stage, loads));
    }

    /**
     * Runs stages [from, to), and brings the fields after the last.
     *
     * @param goesOn whether other stages follow, which read the borders of the last
     */
    List<TileTimes> run(
            int from, int to, boolean goesOn, List<Span> stores, Runnable check, Optional<String> fault) {
        List<TileTimes> times = Collections.synchronizedList(new ArrayList<>());
        each(node -> {
            List<String> faults = node == 0 ? fault.stream().toList() : List.of();
            for (int number = from; number < to; number++) {
                check.run();
                round(node, number, goesOn || number < to - 1, times, faults);
                faults = List.of();
            }
            nodes.get(node).store(stores);
        });
        return List.copyOf(times);
    }

    private void round(int own, int number, boolean crosses, List<TileTimes> times, List<String> faults)
            throws InterruptedException {
        SlabNode node = nodes.get(own);
        IterateStage stage = (IterateStage) program.stages().get(number);
        long began = System.nanoTime();
        List<Errand> tiles = node.start(number, stage);
        node.turn();
        int done = 0;
        if (crosses) {
            List<Border> out = borders.stream().filter(b -> b.crossing.from() == own).toList();
            int needed = node.tilesOf(out.stream().map(b -> b.crossing.elements()).toList(), stage);
            for (; done < needed; done++) {
                times.add(node.times(tiles.get(done).await(), System.nanoTime() - began, done == 0 ? faults : List.of()));
            }
            List<Errand> reads = new ArrayList<>();
            for (Border border : out) {
                reads.add(node.readBorder(border.crossing, border.room()));
            }
            for (int k = 0; k < out.size(); k++) {
                reads.get(k).await();
                out.get(k).written();
            }
            for (Border border : borders) {
                if (border.crossing.to() == own) {
                    node.writeBorder(border.crossing, border.elements());
                    border.read();
                }
            }
        }
        for (; done < tiles.size(); done++) {
            times.add(node.times(tiles.get(done).await(), System.nanoTime() - began, done == 0 ? faults : List.of()));
        }
    }

    /** Frees what the nodes hold, once nothing of it is in use. */
    void close() {
        nodes.forEach(SlabNode::close);
        arena.close();
    }
}
