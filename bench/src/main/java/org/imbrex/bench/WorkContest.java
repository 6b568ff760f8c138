package org.imbrex.bench;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.imbrex.bench.limit.HostLimits;
import org.imbrex.bench.limit.Limit;
import org.imbrex.bench.measure.Contest;
import org.imbrex.bench.measure.Contest.Entrant;
import org.imbrex.bench.measure.Cut;
import org.imbrex.bench.measure.Spread;
import org.imbrex.bench.measure.Trial;
import org.imbrex.bench.peer.Peer;
import org.imbrex.bench.peer.Peers;
import org.imbrex.bench.report.Outcome;
import org.imbrex.bench.work.Inputs;
import org.imbrex.bench.work.Work;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.schedule.RunOptions;

/** One work on all devices, by turns with its limit and its peers. */
final class WorkContest {
    private static final String LIMIT = "limit";
    /** Of a work's time, when peers' data are no longer prepared: what is left then is for turns. */
    private static final double PREPARE_SHARE = 0.4;

    private final Engine engine;
    private final BenchOptions options;
    private final List<DeviceInfo> devices;
    private final List<Limit> limits;
    private final HostLimits host;
    private final Peers peers;
    private final Set<String> skipped;

    WorkContest(Engine engine, BenchOptions options, List<DeviceInfo> devices, List<Limit> limits, HostLimits host,
            Peers peers, Set<String> skipped) {
        this.engine = engine;
        this.options = options;
        this.devices = devices;
        this.limits = limits;
        this.host = host;
        this.peers = peers;
        this.skipped = skipped;
    }

    /**
     * What came of it.
     *
     * @param versions of the peers that took part, by name
     * @param cut what there was no time for
     */
    record Result(List<Outcome> outcomes, Map<String, String> versions, Cut cut) {}

    /** What bounds a work: memory or arithmetic, as the limits measured before say. */
    private record Bound(String name, HostLimits.Probe probe, boolean moving) {}

    /** @param seconds what it should take, inputs and peers' copies of them with it */
    Result run(Work work, Inputs inputs, int threads, double seconds) {
        long began = System.nanoTime();
        Map<String, MemorySegment> memory = inputs.of(work);
        Map<String, Array> arrays = inputs.arrays(work);
        if (!known(work, arrays)) {
            return new Result(List.of(), Map.of(), new Cut(work.name(), 0, 0, List.of(), List.of()));
        }
        Map<String, EngineTrial> ours = new LinkedHashMap<>();
        List<Entrant> entrants = new ArrayList<>();
        for (DeviceInfo device : devices) {
            if (threads == options.threads() || device.backend().equals("vector")) {
                RunOptions run = RunOptions.defaults()
                        .withDevice(device.id())
                        .withThreads(threads)
                        .withFast(!device.exact());
                EngineTrial trial = new EngineTrial(engine, work.expression(), arrays, run);
                entrants.add(new Entrant(device.id(), true, !ours.isEmpty(), trial));
                ours.put(device.id(), trial);
            }
        }
        Bound bound = bound(work, threads);
        // the first device, the limit and cheap peers run whatever time there is; then come those that need little of it
        entrants.add(Math.min(1, entrants.size()), new Entrant(LIMIT, false, bound.probe().trial()));
        List<String> out = new ArrayList<>();
        for (Peer peer : peers.found()) {
            if (!peer.takes(work)) {
                continue;
            }
            if (!peer.isCheap() && since(began) > PREPARE_SHARE * seconds) {
                out.add(peer.name());
                continue;
            }
            trial(peer, work, memory, threads)
                    .ifPresent(trial -> entrants.add(new Entrant(peer.name(), peer.compiled(), !peer.isCheap(), trial)));
        }
        entrants.subList(Math.min(2, entrants.size()), entrants.size()).sort(Comparator.comparing(Entrant::compiled));
        Contest contest = new Contest(options.rounds(), options.warmSeconds(), options.mostSeconds());
        Contest.Result result = contest.run(
                entrants,
                Math.max(0, seconds - since(began)),
                (who, e) -> skipped.add(work.name() + " on " + who + ", " + threads + " threads: " + Bench.firstLine(e)));
        String name = work.name() + (threads == options.threads() ? "" : ", one thread");
        return outcomes(work, threads, result.spreads(), ours, bound, result.cut().with(name, out));
    }

    private static double since(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    /** Whether the engine has the expression: its parser and its typing say so. */
    private boolean known(Work work, Map<String, Array> arrays) {
        try {
            engine.typeOf(Parser.parse(work.expression()), arrays);
            return true;
        } catch (ImbrexException unknown) {
            skipped.add(work.name() + ": this engine has not got '" + work.expression() + "' yet ("
                    + unknown.getMessage() + ")");
            return false;
        }
    }

    private Bound bound(Work work, int threads) {
        double bandwidth = limit(work.reads() ? "read" : "triad", work.bytes(), threads) * 1e9;
        double peak = limit("peak-" + work.dtype(), 0, threads) * 1e9;
        if (work.bytes() / bandwidth >= work.flops() / peak) {
            return new Bound(work.reads() ? "read" : "triad", host.bandwidth(work.reads(), work.bytes(), threads), true);
        }
        return new Bound("peak-" + work.dtype(), host.peak(work.dtype(), threads), false);
    }

    private Result outcomes(Work work, int threads, Map<String, Spread> spreads, Map<String, EngineTrial> ours, Bound bound,
            Cut cut) {
        Map<String, Double> values = new LinkedHashMap<>();
        Map<String, String> versions = new LinkedHashMap<>();
        Map<String, String> notes = new LinkedHashMap<>();
        for (Peer peer : peers.found()) {
            Spread spread = spreads.get(peer.name());
            if (spread != null) {
                versions.put(peer.name(), peer.version());
                values.put(peer.name(), work.unit().value(work.amount(), spread.median()));
                if (!peer.note().isEmpty()) {
                    notes.put(peer.name(), peer.note());
                }
            }
        }
        boolean timed = work.unit().isTime();
        Spread limit = spreads.get(LIMIT);
        double rate = limit == null ? Double.NaN : bound.probe().amount() / limit.median();
        double at = timed
                ? Double.NaN
                : work.unit().value(work.amount(), (bound.moving() ? work.bytes() : work.flops()) / rate);
        List<Outcome> outcomes = new ArrayList<>();
        for (DeviceInfo device : devices) {
            Spread spread = spreads.get(device.id());
            if (spread != null) {
                boolean own = !device.hostCpu() && !timed;
                double its = own ? work.unit().value(work.amount(), transferSeconds(work, device)) : at;
                outcomes.add(outcome(work, device.id(), threads, spread, ours.get(device.id()),
                        timed ? "" : own ? "transfer" : bound.name(), its, values, notes, cut.text()));
            }
        }
        return new Result(outcomes, versions, cut);
    }

    /** What a device with memory of its own is bound by: inputs come from this memory, and the result goes back to it. */
    private double transferSeconds(Work work, DeviceInfo device) {
        double in = work.inputs().values().stream()
                .mapToDouble(type -> (double) type.shape().elements() * type.dtype().bytes())
                .sum();
        double out = Math.max(0, work.bytes() - in);
        return Math.max(
                Math.max(in / rate("upload", device), out / rate("download", device)),
                work.flops() / rate("peak-" + work.dtype(), device));
    }

    private double rate(String name, DeviceInfo device) {
        return limits.stream()
                .filter(limit -> limit.name().equals(name) && limit.device().equals(device.id()))
                .mapToDouble(limit -> limit.value() * 1e9)
                .findFirst()
                .orElse(Double.NaN);
    }

    private static Outcome outcome(Work work, String device, int threads, Spread spread, EngineTrial trial, String bound,
            double limit, Map<String, Double> others, Map<String, String> notes, String cut) {
        double a = work.unit().value(work.amount(), spread.least());
        double b = work.unit().value(work.amount(), spread.most());
        return new Outcome(
                work.name(), device, work.dtype().text(), work.size(), threads,
                work.unit().value(work.amount(), spread.median()), Math.min(a, b), Math.max(a, b), spread.rounds(),
                work.unit().text(), bound, limit, spread.median(),
                trial.last().bytesRead() + trial.last().bytesWritten(),
                work.flops() > 0 ? work.flops() : trial.last().operations(), others, notes, cut);
    }

    private Optional<Trial> trial(Peer peer, Work work, Map<String, MemorySegment> memory, int threads) {
        try {
            return peer.trial(work, memory, threads);
        } catch (OutOfMemoryError full) {
            skipped.add(work.name() + " on " + peer.name() + ": its arrays do not fit in the JVM's heap");
        } catch (RuntimeException | LinkageError e) {
            skipped.add(work.name() + " on " + peer.name() + ": " + Bench.firstLine(e));
        }
        return Optional.empty();
    }

    /** The measured limit nearest to that size. */
    private double limit(String name, double bytes, int threads) {
        return limits.stream()
                .filter(limit -> limit.name().equals(name) && limit.device().equals("host") && limit.threads() == threads)
                .min((x, y) -> Double.compare(
                        Math.abs(Math.log(bytes + 1) - Math.log(x.size() + 1.0)),
                        Math.abs(Math.log(bytes + 1) - Math.log(y.size() + 1.0))))
                .map(Limit::value)
                .orElseThrow(() -> new IllegalStateException("no limit " + name + " on " + threads + " threads"));
    }
}
