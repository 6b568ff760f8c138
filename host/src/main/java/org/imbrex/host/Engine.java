package org.imbrex.host;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.imbrex.host.coordinator.Coordinator;
import org.imbrex.host.coordinator.CoordinatorOptions;
import org.imbrex.host.coordinator.JobClient;
import org.imbrex.host.coordinator.JobStatus;
import org.imbrex.host.format.ArrayFiles;
import org.imbrex.host.format.OutputFile;
import org.imbrex.host.format.ReadOptions;
import org.imbrex.host.format.StoredArray;
import org.imbrex.host.node.Fleet;
import org.imbrex.host.node.FleetOptions;
import org.imbrex.host.node.Node;
import org.imbrex.host.node.NodeOptions;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.expr.ExprException;
import org.imbrex.kernels.fuse.ProgramText;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.device.Tuning;
import org.imbrex.runtime.device.Tunings;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.memory.Source;
import org.imbrex.runtime.schedule.Plan;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Scheduler;
import org.imbrex.runtime.schedule.Summary;
import org.imbrex.runtime.schedule.WrongBitsException;
import org.imbrex.runtime.tune.Probe;

/**
 * Evaluates expressions on this machine's devices. It may be used by several threads; closing it frees every array it
 * has made, and whatever memory and devices it holds.
 *
 * <pre>{@code
 * try (Engine engine = Engine.open()) {
 *     Array x = engine.read(Path.of("weather.npy"));
 *     Array means = engine.eval("mean(blocks(x, 8), axis=1)", Map.of("x", x));
 *     Array traced = engine.eval(Expr.of(u -> u.blocks(8).mean(1)), x);
 * }
 * }</pre>
 */
public final class Engine implements AutoCloseable {
    /** Memory that results have given back and that later ones use again. */
    private static final long KEEP_BYTES = 512L << 20;

    private static final String[] POSITIONS = {"x", "y", "z"};

    private final BufferPool pool = new BufferPool(KEEP_BYTES);
    private final Devices devices;
    private final Optional<Fleet> fleet;
    private final Optional<JobClient> coordinator;
    private final Scheduler scheduler;
    private final Programs programs = new Programs();
    private final Set<Array> arrays = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private Engine(Devices devices, Optional<Fleet> fleet, Optional<JobClient> coordinator) {
        this.devices = devices;
        this.fleet = fleet;
        this.coordinator = coordinator;
        this.scheduler = new Scheduler(devices, pool);
    }

    /** An engine over all of this machine; devices are looked for when work first asks for them. */
    public static Engine open() {
        return new Engine(Backends.devices(Runtime.getRuntime().availableProcessors()), Optional.empty(), Optional.empty());
    }

    /** The same as {@link #open()}, going by the usual sizes of tiles and products whatever {@code imbrex devices --tune} has kept. */
    public static Engine openUntuned() {
        return new Engine(
                Backends.devices(Runtime.getRuntime().availableProcessors(), Tunings.NONE),
                Optional.empty(),
                Optional.empty());
    }

    /**
     * An engine that gives its work to a coordinator, as jobs that go on without this process and are found again by
     * whoever asks for the same.
     *
     * @param coordinator its address, as if it were one node
     */
    public static Engine openAt(FleetOptions coordinator) {
        return new Engine(Backends.devices(1), Optional.empty(), Optional.of(new JobClient(coordinator)));
    }

    /** A coordinator, until it is closed. */
    public static Coordinator coordinator(CoordinatorOptions options) throws IOException {
        return Coordinator.start(options, nodes -> Backends.devices(1, nodes));
    }

    /**
     * An engine that runs tiles on nodes: {@code --device auto} are the nodes, {@code nodes,vector} are they and this
     * machine's own processor.
     */
    public static Engine open(FleetOptions nodes) {
        Fleet fleet = new Fleet(nodes);
        return new Engine(
                Backends.devices(Runtime.getRuntime().availableProcessors(), fleet),
                Optional.of(fleet),
                Optional.empty());
    }

    /**
     * A node on this machine's devices, until it is closed.
     *
     * @param threads how many tiles its processor works on at once, 0 for as many as it has
     */
    public static Node node(NodeOptions options, int threads) throws IOException {
        int all = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        Devices devices = Backends.devices(all);
        try {
            return Node.start(options, devices);
        } catch (IOException | RuntimeException e) {
            devices.close();
            throw e;
        }
    }

    /**
     * The one array of a file, or a CSV file's numeric columns: {@code .npy .npz .csv .nc}. Files whose elements lie as
     * they are used are mapped, others are read in parts as tiles need them.
     *
     * @throws IOException where the file cannot be read; {@link org.imbrex.host.format.FormatException} where it is not
     *     what its name says
     */
    public Array read(Path file) throws IOException {
        return read(file, "", ReadOptions.DEFAULT);
    }

    /** One array of a file by its name. */
    public Array read(Path file, String variable) throws IOException {
        return read(file, variable, ReadOptions.DEFAULT);
    }

    /** One array of a file, read as told; an empty name means the only one. */
    public Array read(Path file, String variable, ReadOptions options) throws IOException {
        StoredArray stored = ArrayFiles.open(file, variable, options);
        return keep(new Array(stored.type(), stored.strides(), stored.source(), stored::close));
    }

    /**
     * Evaluates an expression in text form.
     *
     * @param inputs the arrays that its names stand for
     * @return the result, in native memory; the caller may close it, or the engine does
     * @throws org.imbrex.kernels.type.ImbrexException where the text, a shape, a dtype or a name does not fit
     */
    public Array eval(String expression, Map<String, Array> inputs) {
        return run(expression, inputs, RunOptions.defaults()).result();
    }

    /** Evaluates an expression. */
    public Array eval(Expr expression, Map<String, Array> inputs) {
        return run(expression, inputs, RunOptions.defaults()).result();
    }

    /** Evaluates a traced expression of one to three inputs, {@code Expr.of((x, y) -> …)}, in their order. */
    public Array eval(Expr expression, Array... inputs) {
        if (inputs.length > POSITIONS.length) {
            throw new ExprException("found " + inputs.length + " inputs by position, expected at most "
                    + POSITIONS.length + "; give them by name");
        }
        Map<String, Array> named = new LinkedHashMap<>();
        for (int k = 0; k < inputs.length; k++) {
            named.put(POSITIONS[k], inputs[k]);
        }
        return eval(expression, named);
    }

    /** A result and what was done for it. */
    public record Run(Array result, Summary summary) {}

    /** Evaluates an expression in text form as the options say. */
    public Run run(String expression, Map<String, Array> inputs, RunOptions options) {
        return run(programs.of(expression, inputs), expression, inputs, options);
    }

    /** Evaluates an expression as the options say. */
    public Run run(Expr expression, Map<String, Array> inputs, RunOptions options) {
        return run(programs.of(expression, inputs), expression, inputs, options);
    }

    private Run run(Program program, Object expression, Map<String, Array> inputs, RunOptions options) {
        RunOptions how = onNodes(options);
        try {
            return attempt(program, expression, inputs, how);
        } catch (WrongBitsException e) {
            String note = asideNote(e);
            Run again = run(program, expression, inputs, options);
            return new Run(again.result(), again.summary().withFault(note));
        }
    }

    private RunOptions onNodes(RunOptions options) {
        return fleet.isPresent() && options.device().equals("auto") ? options.withDevice(Fleet.NAME) : options;
    }

    /** A node that gives wrong bits is put aside and all of its work done again; on one machine there is no other. */
    private String asideNote(WrongBitsException e) {
        if (!fleet.map(nodes -> nodes.putAside(e.device(), e.getMessage())).orElse(false)) {
            throw e;
        }
        return e.device() + " is put aside and all tiles were run again: " + e.getMessage();
    }

    private Run attempt(Program program, Object expression, Map<String, Array> inputs, RunOptions options) {
        Program.Buffer type = program.buffers().get(program.results().getFirst());
        BufferPool.Buffer memory = pool.take(Math.max(1, type.bytes()));
        boolean done = false;
        try {
            MemorySegment segment = memory.memory().asSlice(0, type.bytes());
            Summary summary = run(program, expression, inputs, new Sink.Resident(segment), options);
            Array result = new Array(
                    new ArrayType(type.dtype(), type.shape()),
                    type.strides(),
                    new Source.Resident(segment),
                    () -> pool.give(memory));
            done = true;
            return new Run(keep(result), summary);
        } finally {
            if (!done) {
                pool.give(memory);
            }
        }
    }

    private Summary run(
            Program program, Object expression, Map<String, Array> inputs, Sink sink, RunOptions options) {
        List<Source> sources = sources(program, inputs);
        return coordinator.isPresent()
                ? coordinator.get().run(program, expression.toString(), sources, sink, options)
                : scheduler.run(program, sources, List.of(sink), options);
    }

    /**
     * Gives an expression to the coordinator and does not wait for it.
     *
     * @param out where the result goes in the coordinator's store; without it the coordinator keeps the result until it
     *     is fetched, as by {@link #run} of the same
     * @throws IllegalStateException where this engine has none
     */
    public JobStatus submit(Expr expression, Map<String, Array> inputs, Optional<String> out, RunOptions options) {
        Program program = programs.of(expression, inputs);
        return coordinator
                .orElseThrow(() -> new IllegalStateException("this engine has no coordinator"))
                .submit(program, expression.toString(), sources(program, inputs), options, out);
    }

    /**
     * Evaluates an expression into a file, tile by tile: neither inputs nor result need to fit in memory. The file
     * appears only when it is complete.
     *
     * @throws IOException where it cannot be written
     */
    public Summary write(Expr expression, Map<String, Array> inputs, Path file, RunOptions options) throws IOException {
        Program program = programs.of(expression, inputs);
        try (OutputFile out = ArrayFiles.create(file, type(program))) {
            Summary summary = run(program, expression, inputs, out.sink(), onNodes(options));
            out.commit();
            return summary;
        } catch (WrongBitsException e) {
            String note = asideNote(e);
            return write(expression, inputs, file, options).withFault(note);
        }
    }

    /** What evaluating an expression would do, without doing it: devices, memory, tiles, stages. */
    public String explain(Expr expression, Map<String, Array> inputs, RunOptions options) {
        if (coordinator.isPresent()) {
            throw new ExprException("only the coordinator knows what would run where; explain it without one");
        }
        Program program = programs.of(expression, inputs);
        MemorySegment nowhere = MemorySegment.NULL;
        Plan plan = scheduler.plan(
                program, sources(program, inputs), List.of(new Sink.Resident(nowhere)), onNodes(options));
        return plan.text(program) + "\n" + ProgramText.summary(program);
    }

    /** Dtype and shape of what an expression gives. */
    public ArrayType typeOf(Expr expression, Map<String, Array> inputs) {
        return type(programs.of(expression, inputs));
    }

    private static ArrayType type(Program program) {
        Program.Buffer type = program.buffers().get(program.results().getFirst());
        return new ArrayType(type.dtype(), type.shape());
    }

    private static List<Source> sources(Program program, Map<String, Array> inputs) {
        List<Source> sources = new ArrayList<>(program.inputs().size());
        for (String name : program.inputs()) {
            sources.add(inputs.get(name).source());
        }
        return sources;
    }

    /** Every device of this machine; looks for all of them now. */
    public List<DeviceInfo> devices() {
        return devices.all();
    }

    /** The sizes that each device goes by, by its id, of those that have a choice; looks for all of them now. */
    public Map<String, Tuning> tunings() {
        Map<String, Tuning> tunings = new LinkedHashMap<>();
        devices.tunable().forEach(device -> tunings.put(device.info().id(), device.tuning()));
        return tunings;
    }

    /**
     * Measures which sizes suit a device, beginning from those that it goes by, without keeping them: what {@code imbrex
     * devices --tune} does for each, on an engine that is {@link #openUntuned}.
     *
     * @param device an id of {@link #tunings}
     * @param seconds what it may take, about
     * @throws org.imbrex.kernels.type.ImbrexException where there is no such device, or it has nothing to choose
     */
    public Probe.Found tune(String device, double seconds) {
        for (Device one : devices.tunable()) {
            if (one.info().id().equals(device)) {
                return Probe.measure(one, seconds);
            }
        }
        throw new ExprException("found the device '" + device + "', expected one of " + tunings().keySet());
    }

    /** What is missing to find more devices, or is broken, a line each. */
    public List<String> deviceNotes() {
        devices.all();
        return devices.notes();
    }

    /** What could be set up to find more devices, a line each. */
    public List<String> deviceHints() {
        devices.all();
        return devices.hints();
    }

    /** Bytes of results that have not been closed. */
    public long openBytes() {
        return pool.lentBytes();
    }

    private Array keep(Array array) {
        if (closed) {
            array.close();
            throw new IllegalStateException("the engine is closed");
        }
        arrays.add(array);
        array.whenClosed(() -> arrays.remove(array));
        return array;
    }

    @Override
    public void close() {
        closed = true;
        scheduler.close();
        arrays.forEach(Array::close);
        arrays.clear();
        devices.close();
        coordinator.ifPresent(JobClient::close);
        fleet.ifPresent(Fleet::close); // which is no device yet where no node was reached
        pool.close();
    }
}
