package org.imbrex.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.imbrex.bench.measure.Contest;
import org.imbrex.bench.measure.Contest.Entrant;
import org.imbrex.bench.measure.Cut;
import org.imbrex.bench.measure.Spread;
import org.imbrex.bench.report.Outcome;
import org.imbrex.bench.work.Inputs;
import org.imbrex.bench.work.Suite;
import org.imbrex.bench.work.Unit;
import org.imbrex.bench.work.Work;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.schedule.RunOptions;

/** What is found by comparing runs of the engine with each other: a tile's dispatch, threads against one. */
final class Extras {
    private static final String DISPATCH = "tile-dispatch";
    /** Works of the suite whose speed on all threads is set against that on one, by what their record is called. */
    private static final Map<String, String> SCALED = new LinkedHashMap<>();

    static {
        SCALED.put("threads-sqrt-exp", "sqrt-exp");
        SCALED.put("threads-sin-axpy", "sin-axpy");
        SCALED.put("threads-matmul-f32", "matmul-f32-1536");
        SCALED.put("threads-matmul-f64", "matmul-f64-1536");
    }

    /** Elements in cache, and so many of them a tile. */
    private static final long ELEMENTS = 1 << 18;

    private static final long TILE = 512;

    private final Engine engine;
    private final BenchOptions options;
    private final Contest contest;
    private final List<DeviceInfo> devices;
    private final List<Outcome> outcomes;
    private final Set<String> skipped;
    private final List<Cut> cut;

    Extras(Engine engine, BenchOptions options, List<DeviceInfo> devices, List<Outcome> outcomes, Set<String> skipped,
            List<Cut> cut) {
        this.engine = engine;
        this.options = options;
        this.contest = new Contest(options.rounds(), options.warmSeconds(), options.mostSeconds());
        this.devices = devices;
        this.outcomes = outcomes;
        this.skipped = skipped;
        this.cut = cut;
    }

    /** One of them. */
    record Extra(String name, Measurement does) {}

    /** How one of them is measured in about so many seconds. */
    interface Measurement {
        void run(Inputs inputs, double seconds);
    }

    /** The names of all of them. */
    static List<String> names() {
        List<String> names = new ArrayList<>(List.of(DISPATCH, "threads-math"));
        names.addAll(SCALED.keySet());
        return names;
    }

    /** Those that were asked for and that these devices have. */
    List<Extra> wanted() {
        List<Extra> wanted = new ArrayList<>();
        if (options.wants(DISPATCH)) {
            for (DeviceInfo device : devices) {
                boolean both = options.threads() > 1 && device.id().equals("vector");
                for (int threads : both ? List.of(1, options.threads()) : List.of(options.threads())) {
                    wanted.add(new Extra(DISPATCH, (inputs, seconds) -> dispatch(inputs, device, threads, seconds)));
                }
            }
        }
        if (options.threads() > 1 && devices.stream().anyMatch(device -> device.id().equals("vector"))) {
            for (String name : names()) {
                if (!name.equals(DISPATCH) && options.wants(name)) {
                    Work work = scaled(name);
                    wanted.add(new Extra(name, (inputs, seconds) -> scaling(inputs, name, work, seconds)));
                }
            }
        }
        return wanted;
    }

    private Work scaled(String name) {
        Optional<Work> same = Suite.works(options.scale()).stream()
                .filter(work -> work.name().equals(SCALED.get(name)))
                .findFirst();
        return same.orElseGet(() -> {
            long n = options.scale() == 1 ? 1 << 20 : 4096;
            ArrayType type = new ArrayType(DType.F32, Shape.of(n));
            Map<String, ArrayType> three = new LinkedHashMap<>();
            List.of("a", "b", "c").forEach(input -> three.put(input, type));
            return new Work(name, "", DType.F32, Long.toString(n), "sin(a)*cos(b)+exp(-c)", three, Unit.MICROS, 1, 16.0 * n,
                    0, false);
        });
    }

    private Map<String, Spread> contest(String name, double seconds, Entrant... entrants) {
        Contest.Result result = contest.run(
                List.of(entrants), seconds, (who, e) -> skipped.add(name + ": " + Bench.firstLine(e)));
        if (!result.cut().isNothing()) {
            cut.add(result.cut().with(name, List.of()));
        }
        return result.spreads();
    }

    /** Many tiles against as few as there are threads: what each tile costs beyond its kernel. */
    private void dispatch(Inputs inputs, DeviceInfo device, int threads, double seconds) {
        ArrayType type = new ArrayType(DType.F32, Shape.of(ELEMENTS));
        Work work = new Work(DISPATCH, "", DType.F32, Long.toString(ELEMENTS), "a+1", Map.of("a", type), Unit.MICROS, 1,
                8.0 * ELEMENTS, 0, false);
        Map<String, Array> arrays = inputs.arrays(work);
        RunOptions run = RunOptions.defaults()
                .withDevice(device.id())
                .withThreads(threads)
                .withFast(!device.exact());
        EngineTrial many = new EngineTrial(engine, work.expression(), arrays, run.withTile(TILE));
        EngineTrial few = new EngineTrial(engine, work.expression(), arrays, run.withTile(ELEMENTS / threads));
        Map<String, Spread> spreads = contest(DISPATCH + " on " + device.id() + ", " + threads + " threads", seconds,
                new Entrant("many", true, many), new Entrant("few", true, few));
        if (spreads.size() == 2) {
            double micros = 1e6 * threads / (tiles(many) - tiles(few));
            Spread m = spreads.get("many");
            double base = spreads.get("few").median();
            outcomes.add(new Outcome(DISPATCH, device.id(), "f32", work.size(), threads,
                    (m.median() - base) * micros, (m.least() - base) * micros, (m.most() - base) * micros,
                    m.rounds(), Unit.MICROS.text(), "", Double.NaN, m.median(), work.bytes(), ELEMENTS, Map.of(), Map.of(),
                    cutTurns(m)));
        }
    }

    private String cutTurns(Spread spread) {
        return spread.rounds() < options.rounds() ? spread.rounds() + " of " + options.rounds() + " turns" : "";
    }

    private static long tiles(EngineTrial trial) {
        return trial.last().devices().stream().mapToLong(use -> use.tiles()).sum();
    }

    /** All threads against one, by turns. */
    private void scaling(Inputs inputs, String name, Work work, double seconds) {
        Map<String, Array> arrays = inputs.arrays(work);
        RunOptions run = RunOptions.defaults().withDevice("vector");
        EngineTrial one = new EngineTrial(engine, work.expression(), arrays, run.withThreads(1));
        EngineTrial all = new EngineTrial(engine, work.expression(), arrays, run.withThreads(options.threads()));
        Map<String, Spread> spreads =
                contest(name, seconds, new Entrant("one", true, one), new Entrant("all", true, all));
        if (spreads.size() == 2) {
            double base = spreads.get("one").median();
            Spread s = spreads.get("all");
            outcomes.add(new Outcome(name, "vector", work.dtype().text(), work.size(), options.threads(),
                    base / s.median(), base / s.most(), base / s.least(), s.rounds(), "times", "threads", options.threads(),
                    s.median(), all.last().bytesRead() + all.last().bytesWritten(), all.last().operations(), Map.of(),
                    Map.of(), cutTurns(s)));
        }
    }
}
