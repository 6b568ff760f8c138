package org.imbrex.bench;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.imbrex.bench.limit.CLoops;
import org.imbrex.bench.limit.HostLimits;
import org.imbrex.bench.limit.Limit;
import org.imbrex.bench.limit.Loops;
import org.imbrex.bench.limit.OpenClLimits;
import org.imbrex.bench.limit.VectorLoops;
import org.imbrex.bench.measure.Contest;
import org.imbrex.bench.measure.Contest.Entrant;
import org.imbrex.bench.measure.Spread;
import org.imbrex.bench.measure.Trial;
import org.imbrex.bench.peer.Peer;
import org.imbrex.bench.peer.Peers;
import org.imbrex.bench.report.Findings;
import org.imbrex.bench.report.Machine;
import org.imbrex.bench.report.Outcome;
import org.imbrex.bench.work.Inputs;
import org.imbrex.bench.work.Suite;
import org.imbrex.bench.work.Work;
import org.imbrex.host.Array;
import org.imbrex.host.Engine;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.schedule.RunOptions;

/** Runs the suite: limits first, then each work with all devices, its limit and its peers by turns. */
final class Bench implements AutoCloseable {
    private static final String LIMIT = "limit";
    /** Of the largest array in the curve of bandwidths; three of them. */
    private static final long MOST_BYTES = 80L << 20;

    private static final double TRANSFER_BYTES = 64 << 20;

    private final BenchOptions options;
    private final Status status;
    private final Engine engine = Engine.open();
    private final Inputs inputs = new Inputs();
    private final Peers peers;
    private final HostLimits host;
    private final Contest contest;
    private final List<DeviceInfo> devices = new ArrayList<>();
    private final List<Limit> limits = new ArrayList<>();
    private final List<Outcome> outcomes = new ArrayList<>();
    private final Set<String> skipped = new LinkedHashSet<>();
    private final Map<String, String> versions = new LinkedHashMap<>();

    /** Where it is, for those who wait. */
    interface Status {
        void at(String what, int done, int all);
    }

    Bench(BenchOptions options, Status status) throws InterruptedException {
        this.options = options;
        this.status = status;
        Optional<CLoops> c = Optional.empty();
        try {
            c = Optional.of(CLoops.build());
        } catch (IOException missing) {
            skipped.add("C's limits and loops: " + missing.getMessage());
        }
        Loops loops = c.isPresent() ? c.get() : new VectorLoops();
        peers = Peers.find(c);
        long most = (long) Math.max(1 << 20, MOST_BYTES * Math.min(1, options.scale()));
        host = new HostLimits(loops, most);
        contest = new Contest(options.rounds(), options.warmSeconds(), options.mostSeconds());
        for (DeviceInfo device : engine.devices()) {
            if (options.devices().isEmpty() ? !device.backend().equals("reference") : chosen(device)) {
                devices.add(device);
            }
        }
        skipped.addAll(engine.deviceNotes());
    }

    private boolean chosen(DeviceInfo device) {
        return options.devices().contains(device.id()) || options.devices().contains(device.backend());
    }

    boolean has(String device) {
        return devices.stream().anyMatch(is -> is.id().equals(device) || is.backend().equals(device));
    }

    /** The ids of all devices that there are. */
    List<String> known() {
        return engine.devices().stream().map(DeviceInfo::id).toList();
    }

    Findings run() {
        List<Work> works = Suite.works(options.scale(), options.quick()).stream()
                .filter(work -> options.wants(work.name()))
                .toList();
        limits.addAll(host.measure(options.threads(), options.quick() ? 3 : 7, options.scale() < 1 ? 0.01 : 0.1,
                (done, all) -> status.at("limits", done, all)));
        deviceLimits();
        int done = 0;
        for (Work work : works) {
            status.at(work.name(), done++, works.size());
            if (!known(work)) {
                continue;
            }
            for (int threads : threads(work)) {
                measure(work, threads);
            }
        }
        new Extras(engine, options, contest, devices, outcomes, skipped).run(inputs);
        Map<String, String> machine = Machine.facts();
        machine.put("limits by", host.loops().maker());
        devices.forEach(device -> machine.put(device.id(), device.name() + ", " + device.driver()));
        return new Findings(
                machine, List.copyOf(limits), List.copyOf(outcomes), versions, peers.missing(), List.copyOf(skipped));
    }

    private void deviceLimits() {
        long bytes = (long) Math.max(1 << 20, TRANSFER_BYTES * options.scale());
        for (DeviceInfo device : devices) {
            if (device.backend().equals("opencl")) {
                try {
                    limits.addAll(OpenClLimits.measure(device, bytes, options.rounds(), options.scale() < 1 ? 0.01 : 0.2));
                } catch (RuntimeException e) {
                    skipped.add("limits of " + device.id() + ": " + firstLine(e));
                }
            }
        }
    }

    /** Whether the engine has the expression: its parser and its typing say so. */
    private boolean known(Work work) {
        try {
            engine.typeOf(Parser.parse(work.expression()), inputs.arrays(work));
            return true;
        } catch (ImbrexException unknown) {
            skipped.add(work.name() + ": this engine has not got '" + work.expression() + "' yet ("
                    + unknown.getMessage() + ")");
            return false;
        }
    }

    /** Compute-bound works run on one thread as well. */
    private List<Integer> threads(Work work) {
        boolean both = options.threads() > 1 && (options.quick() ? work.name().endsWith("-512") : work.flops() > 0);
        return both ? List.of(1, options.threads()) : List.of(options.threads());
    }

    private void measure(Work work, int threads) {
        Map<String, MemorySegment> memory = inputs.of(work);
        Map<String, Array> arrays = inputs.arrays(work);
        Map<String, EngineTrial> ours = new LinkedHashMap<>();
        List<Entrant> entrants = new ArrayList<>();
        for (DeviceInfo device : devices) {
            if (threads == options.threads() || device.backend().equals("vector")) {
                RunOptions run = RunOptions.defaults()
                        .withDevice(device.id())
                        .withThreads(threads)
                        .withFast(!device.exact());
                EngineTrial trial = new EngineTrial(engine, work.expression(), arrays, run);
                ours.put(device.id(), trial);
                entrants.add(new Entrant(device.id(), true, trial));
            }
        }
        double bandwidth = limit(work.reads() ? "read" : "triad", work.bytes(), threads) * 1e9;
        double peak = limit("peak-" + work.dtype(), 0, threads) * 1e9;
        boolean moving = work.bytes() / bandwidth >= work.flops() / peak;
        HostLimits.Probe probe =
                moving ? host.bandwidth(work.reads(), work.bytes(), threads) : host.peak(work.dtype(), threads);
        entrants.add(new Entrant(LIMIT, false, probe.trial()));
        for (Peer peer : peers.found()) {
            trial(peer, work, memory, threads)
                    .ifPresent(trial -> entrants.add(new Entrant(peer.name(), peer.compiled(), trial)));
        }
        Map<String, Spread> spreads = contest.run(entrants, (who, e) -> skipped.add(
                work.name() + " on " + who + ", " + threads + " threads: " + firstLine(e)));
        Map<String, Double> others = new LinkedHashMap<>();
        for (Peer peer : peers.found()) {
            Spread spread = spreads.get(peer.name());
            if (spread != null) {
                versions.put(peer.name(), peer.version());
                others.put(peer.name(), work.unit().value(work.amount(), spread.median()));
            }
        }
        Spread limit = spreads.get(LIMIT);
        double rate = limit == null ? Double.NaN : probe.amount() / limit.median();
        double bound = work.unit().isTime()
                ? Double.NaN
                : work.unit().value(work.amount(), (moving ? work.bytes() : work.flops()) / rate);
        String boundName = work.unit().isTime() ? "" : moving ? work.reads() ? "read" : "triad" : "peak-" + work.dtype();
        for (DeviceInfo device : devices) {
            Spread spread = spreads.get(device.id());
            if (spread == null) {
                continue;
            }
            boolean own = !device.hostCpu() && !work.unit().isTime();
            double its = own ? work.unit().value(work.amount(), transferSeconds(work, device)) : bound;
            outcomes.add(outcome(work, device.id(), threads, spread, ours.get(device.id()), own ? "transfer" : boundName, its, others));
        }
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
            double limit, Map<String, Double> others) {
        double a = work.unit().value(work.amount(), spread.least());
        double b = work.unit().value(work.amount(), spread.most());
        return new Outcome(
                work.name(), device, work.dtype().text(), work.size(), threads,
                work.unit().value(work.amount(), spread.median()), Math.min(a, b), Math.max(a, b), spread.rounds(),
                work.unit().text(), bound, limit, spread.median(),
                trial.last().bytesRead() + trial.last().bytesWritten(), trial.last().operations(), others);
    }

    private Optional<Trial> trial(Peer peer, Work work, Map<String, MemorySegment> memory, int threads) {
        try {
            return peer.trial(work, memory, threads);
        } catch (OutOfMemoryError full) {
            skipped.add(work.name() + " on " + peer.name() + ": its arrays do not fit in the JVM's heap");
        } catch (RuntimeException | LinkageError e) {
            skipped.add(work.name() + " on " + peer.name() + ": " + firstLine(e));
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
                .orElseThrow(() -> new IllegalStateException("no limit " + name + " for " + DType.F32));
    }

    static String firstLine(Throwable e) {
        String text = String.valueOf(e.getMessage() == null ? e : e.getMessage());
        return text.lines().findFirst().orElse(text);
    }

    @Override
    public void close() {
        peers.close();
        engine.close();
        inputs.close();
        host.close();
    }
}
