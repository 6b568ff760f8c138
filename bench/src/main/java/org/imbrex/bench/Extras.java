package org.imbrex.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.imbrex.bench.measure.Contest;
import org.imbrex.bench.measure.Contest.Entrant;
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
    /** Elements in cache, and so many of them a tile. */
    private static final long ELEMENTS = 1 << 18;

    private static final long TILE = 512;

    private final Engine engine;
    private final BenchOptions options;
    private final Contest contest;
    private final List<DeviceInfo> devices;
    private final List<Outcome> outcomes;
    private final Set<String> skipped;

    Extras(Engine engine, BenchOptions options, Contest contest, List<DeviceInfo> devices, List<Outcome> outcomes,
            Set<String> skipped) {
        this.engine = engine;
        this.options = options;
        this.contest = contest;
        this.devices = devices;
        this.outcomes = outcomes;
        this.skipped = skipped;
    }

    void run(Inputs inputs) {
        if (options.wants("tile-dispatch")) {
            dispatch(inputs);
        }
        if (options.threads() > 1 && devices.stream().anyMatch(device -> device.id().equals("vector"))) {
            long n = options.scale() == 1 ? 1 << 20 : 4096;
            ArrayType type = new ArrayType(DType.F32, Shape.of(n));
            Map<String, ArrayType> three = new LinkedHashMap<>();
            List.of("a", "b", "c").forEach(name -> three.put(name, type));
            scaling(inputs, new Work("threads-math", "", DType.F32, Long.toString(n), "sin(a)*cos(b)+exp(-c)", three,
                    Unit.MICROS, 1, 16.0 * n, 0, false));
            for (Work work : Suite.works(options.scale(), options.quick())) {
                if (List.of("sqrt-exp", "sin-axpy", "matmul-f32-1536", "matmul-f64-1536").contains(work.name())) {
                    scaling(inputs, new Work("threads-" + work.name().replace("-1536", ""), work.family(), work.dtype(), work.size(),
                            work.expression(), work.inputs(), work.unit(), work.amount(), work.bytes(), work.flops(), false));
                }
            }
        }
    }

    private void failed(String who, RuntimeException e) {
        skipped.add(who + ": " + Bench.firstLine(e));
    }

    /** Many tiles against as few as there are threads: what each tile costs beyond its kernel. */
    private void dispatch(Inputs inputs) {
        ArrayType type = new ArrayType(DType.F32, Shape.of(ELEMENTS));
        Work work = new Work("tile-dispatch", "", DType.F32, Long.toString(ELEMENTS), "a+1", Map.of("a", type), Unit.MICROS, 1,
                8.0 * ELEMENTS, 0, false);
        Map<String, Array> arrays = inputs.arrays(work);
        for (DeviceInfo device : devices) {
            for (int threads : options.threads() > 1 && device.id().equals("vector")
                    ? List.of(1, options.threads())
                    : List.of(options.threads())) {
                RunOptions run = RunOptions.defaults()
                        .withDevice(device.id())
                        .withThreads(threads)
                        .withFast(!device.exact());
                EngineTrial many = new EngineTrial(engine, work.expression(), arrays, run.withTile(TILE));
                EngineTrial few = new EngineTrial(engine, work.expression(), arrays, run.withTile(ELEMENTS / threads));
                Map<String, Spread> spreads = contest.run(
                        List.of(new Entrant("many", true, many), new Entrant("few", true, few)),
                        (who, e) -> failed("tile-dispatch on " + device.id(), e));
                if (spreads.size() == 2) {
                    double micros = 1e6 * threads / (tiles(many) - tiles(few));
                    Spread m = spreads.get("many");
                    double base = spreads.get("few").median();
                    outcomes.add(new Outcome(work.name(), device.id(), "f32", work.size(), threads,
                            (m.median() - base) * micros, (m.least() - base) * micros, (m.most() - base) * micros,
                            m.rounds(), Unit.MICROS.text(), "", Double.NaN, m.median(), work.bytes(), ELEMENTS, Map.of()));
                }
            }
        }
    }

    private static long tiles(EngineTrial trial) {
        return trial.last().devices().stream().mapToLong(use -> use.tiles()).sum();
    }

    /** All threads against one, by turns. */
    private void scaling(Inputs inputs, Work work) {
        if (!options.wants(work.name())) {
            return;
        }
        Map<String, Array> arrays = inputs.arrays(work);
        RunOptions run = RunOptions.defaults().withDevice("vector");
        EngineTrial one = new EngineTrial(engine, work.expression(), arrays, run.withThreads(1));
        EngineTrial all = new EngineTrial(engine, work.expression(), arrays, run.withThreads(options.threads()));
        Map<String, Spread> spreads = contest.run(
                List.of(new Entrant("one", true, one), new Entrant("all", true, all)),
                (who, e) -> failed(work.name(), e));
        if (spreads.size() == 2) {
            double base = spreads.get("one").median();
            Spread s = spreads.get("all");
            outcomes.add(new Outcome(work.name(), "vector", work.dtype().text(), work.size(), options.threads(),
                    base / s.median(), base / s.most(), base / s.least(), s.rounds(), "times", "threads", options.threads(),
                    s.median(), all.last().bytesRead() + all.last().bytesWritten(), all.last().operations(), Map.of()));
        }
    }
}
