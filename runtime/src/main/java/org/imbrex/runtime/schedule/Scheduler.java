package org.imbrex.runtime.schedule;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.type.ShapeException;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.memory.MemoryBudget;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.memory.Source;
import org.imbrex.runtime.trace.Flight;
import org.imbrex.runtime.trace.Trace;

/** Runs programs on this machine's devices; may be used by several threads. */
public final class Scheduler implements AutoCloseable {
    private static final int MOST_PLANS = 256;
    private static final int MOST_KERNELS = 1024;
    private static final int MOST_TALLIES = 256;
    private static final AtomicLong RUNS = new AtomicLong();

    private final Devices devices;
    private final BufferPool pool;
    private final Crew crew;
    private final Clock clock;
    private final Map<PlanKey, Planned> plans = lru(MOST_PLANS);
    private final Map<KernelKey, TileKernel> kernels = lru(MOST_KERNELS);
    private final Map<StageKey, Epilogue> epilogues = lru(MOST_KERNELS);

    private record PlanKey(
            String program,
            String device,
            int threads,
            List<Long> tile,
            long memory,
            boolean verify,
            boolean fast,
            List<Planner.Given> given) {}

    private record Planned(Plan plan, Devices.Selection selection) {}

    private record StageKey(String program, int stage) {}

    private record KernelKey(String program, int stage, String device) {}

    /**
     * @param devices where tiles may run; the caller closes them
     * @param pool where memory comes from; the caller closes it
     */
    public Scheduler(Devices devices, BufferPool pool) {
        this(devices, pool, Crew.threads(), Clock.SYSTEM);
    }

    /**
     * A scheduler whose workers and time are the caller's.
     *
     * @param crew is closed with this
     */
    public Scheduler(Devices devices, BufferPool pool, Crew crew, Clock clock) {
        this.devices = devices;
        this.pool = pool;
        this.crew = crew;
        this.clock = clock;
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
        List<Planner.Given> list = new ArrayList<>(inputs.size() + results.size());
        for (int k = 0; k < inputs.size(); k++) {
            given[k] = inputs.get(k) instanceof Source.Chunked ? Planner.Given.IN_PARTS : Planner.Given.IN_PLACE;
            list.add(given[k]);
        }
        for (int k = 0; k < results.size(); k++) {
            Planner.Given how = switch (results.get(k)) {
                case Sink.Chunked sink -> sink.ordered() ? Planner.Given.IN_ORDER : Planner.Given.IN_PARTS;
                case Sink.Resident resident -> Planner.Given.IN_PLACE;
            };
            given[program.results().get(k)] = how;
            list.add(how);
        }
        List<Long> tile = options.tile()
                .map(box -> java.util.Arrays.stream(box).boxed().toList())
                .orElse(List.of());
        PlanKey key = new PlanKey(
                program.id(),
                options.device(),
                options.threads(),
                tile,
                options.memoryBytes(),
                options.verify() > 0,
                options.fast(),
                list);
        boolean logged = options.log() != TileLog.NONE; // its tilings may be an earlier run's
        synchronized (plans) {
            Planned known = logged ? null : plans.get(key);
            if (known != null) {
                return known;
            }
        }
        Flight planning = Flight.plan();
        long work = 0;
        for (Program.Buffer buffer : program.buffers()) {
            work += buffer.bytes();
        }
        Devices.Selection selection =
                devices.completed(devices.select(options.device(), options.fast(), work), program.stages());
        Planned made = new Planned(new Planner(program, options, selection, given).plan(), selection);
        planning.planned(program.id(), program.stages().size(), made.plan().tiles());
        synchronized (plans) {
            if (!logged) {
                plans.put(key, made);
            }
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
        long began = clock.nanos();
        Planned planned = planned(program, inputs, results, options);
        Plan plan = planned.plan();
        long planNanos = clock.nanos() - began;
        if (options.trace() != Trace.NONE) {
            options.trace().span("plan", "plan", began, began + planNanos);
        }
        List<Device> chosen = planned.selection().devices();
        Ledger ledger = new Ledger(chosen, options, plan, clock);
        MemoryBudget budget = new MemoryBudget(plan.budgetBytes());
        boolean[] lost = new boolean[chosen.size()];
        long runNumber = RUNS.getAndIncrement();
        if (options.log() != TileLog.NONE) {
            options.log().begin(plan.stages().stream().map(Plan.StagePlan::tiling).toList());
        }
        try (Placement placement = new Placement(program, plan, inputs, results, pool, budget)) {
            Chains chains = new Chains(program, plan, placement, chosen, ledger, options);
            for (int number = 0; number < plan.stages().size(); number++) {
                options.cancellation().check();
                if (options.log().isOver(number)) {
                    placement.end(number);
                    ledger.finished(plan.stages().get(number).tiles());
                    continue;
                }
                number = chains.run(number);
                if (number == plan.stages().size()) {
                    break;
                }
                run(program, planned, number, runNumber, lost, placement, ledger, options);
            }
        } finally {
            chosen.forEach(device -> device.runEnded(runNumber));
        }
        return ledger.summary(plan, budget.peak(), planNanos, clock.nanos() - began);
    }

    private void run(
            Program program,
            Planned planned,
            int number,
            long runNumber,
            boolean[] lost,
            Placement placement,
            Ledger ledger,
            RunOptions options) {
        Stage stage = program.stages().get(number);
        Plan plan = planned.plan();
        List<Device> chosen = planned.selection().devices();
        Plan.StagePlan stagePlan = plan.stages().get(number);
        placement.begin(stage);
        StageKernels stageKernels = kernels(program, number, runNumber, planned.selection(), lost, ledger, options);
        TileMemory memory = new TileMemory(stage, plan.inParts(), options.verify() > 0);
        Verifier verifier = new Verifier(stage, memory, placement, ledger, options);
        StageRun run = new StageRun(
                stage,
                plan,
                stagePlan,
                memory,
                placement,
                stageKernels,
                verifier,
                epilogue(program, number),
                ledger,
                options);
        List<Tally> tallies = new ArrayList<>();
        List<Hand> hands = hands(run, chosen, tallies, options);
        if (!hands.isEmpty()) {
            try {
                crew.work(hands);
            } finally {
                chosen.forEach(device -> device.stageEnded(runNumber, number));
            }
            tallies.forEach(ledger::add);
        }
        run.finish();
        placement.end(number);
        options.log().ended(number);
    }

    /** As many as planned, in turn one for each worker of each device that takes the stage. */
    private static List<Hand> hands(StageRun run, List<Device> chosen, List<Tally> tallies, RunOptions options) {
        long most = Math.min(run.plan.hands(), run.plan.tiles());
        List<Hand> hands = new ArrayList<>();
        // a second round where hands are more than workers
        for (int before = -1; hands.size() < most && before < hands.size(); ) {
            before = hands.size();
            for (int number = 0; number < chosen.size(); number++) {
                int workers = run.kernels.at(number) == null ? 0 : Planner.workers(chosen.get(number), options);
                for (int k = 0; k < workers && hands.size() < most; k++) {
                    if (tallies.size() < MOST_TALLIES) {
                        tallies.add(run.ledger.tally());
                    }
                    Tally tally = tallies.get(hands.size() % MOST_TALLIES);
                    hands.add(new Hand(run, hands.size(), number, tally));
                }
            }
        }
        return hands;
    }

    private StageKernels kernels(
            Program program,
            int stage,
            long runNumber,
            Devices.Selection selection,
            boolean[] lost,
            Ledger ledger,
            RunOptions options) {
        List<Device> chosen = selection.devices();
        TileKernel[] found = new TileKernel[chosen.size()];
        DeviceException[] reasons = new DeviceException[chosen.size()];
        int[] workers = new int[chosen.size()];
        boolean any = false;
        for (int number = 0; number < found.length; number++) {
            Device device = chosen.get(number);
            workers[number] = Planner.workers(device, options);
            if (lost[number]) {
                reasons[number] = new DeviceException(DeviceException.Kind.LOST, "lost in an earlier stage");
                continue;
            }
            if (!selection.takes(device, program.stages().get(stage))) {
                reasons[number] = new DeviceException(
                        DeviceException.Kind.UNSUPPORTED,
                        device.takes(program.stages().get(stage))
                                ? "stands in for stages that no other device takes"
                                : "has no kernels for whole lines");
                continue;
            }
            try {
                found[number] = kernel(program, stage, device).within(runNumber);
                any = true;
            } catch (DeviceException e) {
                reasons[number] = e;
                lost[number] = e.kind() == DeviceException.Kind.LOST;
                ledger.fault(device.info().id() + ": does not take stage " + stage + ": " + e.getMessage());
            }
        }
        if (!any) {
            throw noneTakes(stage, chosen, reasons);
        }
        return new StageKernels(chosen, found, reasons, lost, workers);
    }

    private static DeviceException noneTakes(int stage, List<Device> chosen, DeviceException[] reasons) {
        StringBuilder text = new StringBuilder("no device takes stage ").append(stage);
        String between = ": ";
        for (int number = 0; number < reasons.length; number++) {
            text.append(between)
                    .append(chosen.get(number).info().id())
                    .append(": ")
                    .append(reasons[number].getMessage());
            between = "; ";
        }
        return new DeviceException(reasons[0].kind(), text.toString(), reasons[0]);
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

    private Epilogue epilogue(Program program, int stage) {
        if (!(program.stages().get(stage) instanceof ReduceStage reduce)) {
            return null;
        }
        synchronized (epilogues) {
            return epilogues.computeIfAbsent(new StageKey(program.id(), stage), made -> new Epilogue(reduce));
        }
    }

    @Override
    public void close() {
        crew.close();
    }
}
