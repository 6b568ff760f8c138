package org.imbrex.runtime.schedule;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.type.ShapeException;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.memory.MemoryBudget;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.memory.Source;
import org.imbrex.runtime.tile.Tiling;
import org.imbrex.runtime.trace.PlanEvent;
import org.imbrex.runtime.trace.Trace;

/** Runs programs on this machine's devices; may be used by several threads. */
public final class Scheduler implements AutoCloseable {
    private static final int MOST_PLANS = 256;
    private static final int MOST_KERNELS = 1024;

    private final Devices devices;
    private final BufferPool pool;
    private final ExecutorService workers;
    private final Map<PlanKey, Planned> plans = lru(MOST_PLANS);
    private final Map<KernelKey, TileKernel> kernels = lru(MOST_KERNELS);

    private record PlanKey(
            String program, String device, int threads, List<Long> tile, long memory, boolean fast, List<Planner.Given> hands) {}

    private record Planned(Plan plan, Devices.Selection selection) {}

    private record KernelKey(String program, int stage, String device) {}

    /**
     * @param devices where tiles may run; the caller closes them
     * @param pool where memory comes from; the caller closes it
     */
    public Scheduler(Devices devices, BufferPool pool) {
        this.devices = devices;
        this.pool = pool;
        this.workers = Executors.newCachedThreadPool(
                Thread.ofPlatform().daemon().name("imbrex-worker-", 0).factory());
    }

    private static <K, V> Map<K, V> lru(int most) {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > most;
            }
        };
    }

    /** What a run with these options would do. */
    public Plan plan(Program program, List<Source> inputs, List<Sink> results, RunOptions options) {
        return planned(program, inputs, results, options).plan();
    }

    private Planned planned(Program program, List<Source> inputs, List<Sink> results, RunOptions options) {
        Planner.Given[] given = new Planner.Given[program.buffers().size()];
        List<Planner.Given> hands = new ArrayList<>(inputs.size() + results.size());
        for (int k = 0; k < inputs.size(); k++) {
            given[k] = inputs.get(k) instanceof Source.Chunked ? Planner.Given.IN_PARTS : Planner.Given.IN_PLACE;
            hands.add(given[k]);
        }
        for (int k = 0; k < results.size(); k++) {
            Planner.Given how = switch (results.get(k)) {
                case Sink.Chunked sink -> sink.ordered() ? Planner.Given.IN_ORDER : Planner.Given.IN_PARTS;
                case Sink.Resident resident -> Planner.Given.IN_PLACE;
            };
            given[program.results().get(k)] = how;
            hands.add(how);
        }
        List<Long> tile = options.tile()
                .map(box -> java.util.Arrays.stream(box).boxed().toList())
                .orElse(List.of());
        PlanKey key = new PlanKey(
                program.id(), options.device(), options.threads(), tile, options.memoryBytes(), options.fast(), hands);
        synchronized (plans) {
            Planned known = plans.get(key);
            if (known != null) {
                return known;
            }
        }
        PlanEvent event = new PlanEvent();
        event.begin();
        long work = 0;
        for (int k = 0; k < program.buffers().size(); k++) {
            work += program.buffers().get(k).bytes();
        }
        Devices.Selection selection = devices.select(options.device(), options.fast(), work);
        Planned made = new Planned(new Planner(program, options, selection, given).plan(), selection);
        event.program = program.id();
        event.stages = program.stages().size();
        event.tiles = made.plan().tiles();
        event.commit();
        synchronized (plans) {
            plans.put(key, made);
        }
        return made;
    }

    /**
     * Runs a program to its end.
     *
     * @param inputs where the elements of each input come from, in the program's order
     * @param results where those of each result go
     * @throws DeviceException where a tile fails on every device, or none takes a stage
     * @throws WrongBitsException where a verified tile has other bits than the reference's
     * @throws Cancellation.CancelledException where that was asked for
     */
    public Summary run(Program program, List<Source> inputs, List<Sink> results, RunOptions options) {
        if (inputs.size() != program.inputs().size() || results.size() != program.results().size()) {
            throw new ShapeException("found " + inputs.size() + " inputs and " + results.size() + " results, expected "
                    + program.inputs().size() + " and " + program.results().size());
        }
        long began = System.nanoTime();
        Planned planned = planned(program, inputs, results, options);
        Plan plan = planned.plan();
        long planNanos = System.nanoTime() - began;
        if (options.trace() != Trace.NONE) {
            options.trace().span("plan", "plan", began, began + planNanos);
        }
        List<Device> chosen = planned.selection().devices();
        Ledger ledger = new Ledger(chosen, options, plan);
        MemoryBudget budget = new MemoryBudget(plan.budgetBytes());
        boolean[] lost = new boolean[chosen.size()];
        try (Placement placement = new Placement(program, plan, inputs, results, pool, budget)) {
            for (Plan.StagePlan stage : plan.stages()) {
                options.cancellation().check();
                run(program, stage.tiling(), chosen, lost, placement, ledger, options);
            }
        }
        return ledger.summary(plan, budget.peak(), planNanos, System.nanoTime() - began);
    }

    private void run(
            Program program,
            Tiling tiling,
            List<Device> chosen,
            boolean[] lost,
            Placement placement,
            Ledger ledger,
            RunOptions options) {
        var stage = program.stages().get(tiling.stage());
        placement.begin(stage);
        StageKernels stageKernels = kernels(program, tiling.stage(), chosen, lost, ledger);
        Verifier verifier = new Verifier(stage, placement, ledger, options);
        StageRun run = new StageRun(program, tiling, placement, stageKernels, verifier, ledger, options);
        List<Integer> hands = new ArrayList<>();
        for (int number = 0; number < chosen.size(); number++) {
            int count = Planner.workers(chosen.get(number), options);
            for (int k = 0; k < count && hands.size() < tiling.count(); k++) {
                hands.add(number);
            }
        }
        if (!hands.isEmpty()) {
            work(run, hands);
        }
        run.finish();
        placement.end(tiling.stage());
    }

    /** The caller is the first worker: a stage of one tile is handed to nobody. */
    private void work(StageRun run, List<Integer> hands) {
        CountDownLatch others = new CountDownLatch(hands.size() - 1);
        for (int device : hands.subList(1, hands.size())) {
            workers.execute(() -> {
                try {
                    run.work(device);
                } finally {
                    others.countDown();
                }
            });
        }
        run.work(hands.getFirst());
        boolean interrupted = false;
        while (true) {
            try {
                others.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true; // workers still use the caller's memory: wait for them, then tell
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private StageKernels kernels(Program program, int stage, List<Device> chosen, boolean[] lost, Ledger ledger) {
        TileKernel[] found = new TileKernel[chosen.size()];
        DeviceException first = null;
        boolean any = false;
        for (int number = 0; number < found.length; number++) {
            if (lost[number]) {
                continue;
            }
            Device device = chosen.get(number);
            try {
                found[number] = kernel(program, stage, device);
                any = true;
            } catch (DeviceException e) {
                first = first == null ? e : first;
                ledger.fault(device.info().id() + ": does not take stage " + stage + ": " + e.getMessage());
            }
        }
        if (!any) {
            throw first != null
                    ? first
                    : new DeviceException(DeviceException.Kind.LOST, "no device is left for stage " + stage);
        }
        return new StageKernels(chosen, found, lost);
    }

    private TileKernel kernel(Program program, int stage, Device device) {
        KernelKey key = new KernelKey(program.id(), stage, device.info().id());
        synchronized (kernels) {
            TileKernel known = kernels.get(key);
            if (known != null) {
                return known;
            }
        }
        TileKernel made = device.kernel(program, stage);
        synchronized (kernels) {
            kernels.put(key, made);
        }
        return made;
    }

    @Override
    public void close() {
        workers.shutdown();
    }
}
