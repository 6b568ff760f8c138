package org.imbrex.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import org.imbrex.bench.limit.CLoops;
import org.imbrex.bench.limit.HostLimits;
import org.imbrex.bench.limit.Limit;
import org.imbrex.bench.limit.Loops;
import org.imbrex.bench.limit.OpenClLimits;
import org.imbrex.bench.limit.VectorLoops;
import org.imbrex.bench.measure.Contest;
import org.imbrex.bench.measure.Cut;
import org.imbrex.bench.measure.TimeBudget;
import org.imbrex.bench.peer.Peers;
import org.imbrex.bench.report.Findings;
import org.imbrex.bench.report.Machine;
import org.imbrex.bench.report.Outcome;
import org.imbrex.bench.work.Inputs;
import org.imbrex.bench.work.Suite;
import org.imbrex.bench.work.Work;
import org.imbrex.host.Engine;
import org.imbrex.runtime.device.DeviceInfo;

/** Runs the suite within a time budget: limits first, then each work; what has been found so far is told after each. */
final class Bench implements AutoCloseable {
    /** Of the largest array in the curve of bandwidths; three of them. */
    private static final long MOST_BYTES = 80L << 20;

    private static final double TRANSFER_BYTES = 64 << 20;
    /** The limits' weights among those of works, which begin at one. */
    private static final double HOST_WEIGHT = 4;

    private static final double OPENCL_WEIGHT = 1.5;
    private static final Set<String> QUICK_ON_ONE =
            Set.of("matmul-f32-512", "matmul-f32-1536", "matmul-f64-512", "matmul-f64-1536", "fft-2^16");

    private final BenchOptions options;
    private final TimeBudget budget;
    private final Status status;
    private final Engine engine = Engine.open();
    private final Inputs inputs = new Inputs();
    private final Peers peers;
    private final HostLimits host;
    private final List<DeviceInfo> devices = new ArrayList<>();
    private final List<Limit> limits = new ArrayList<>();
    private final List<Outcome> outcomes = new ArrayList<>();
    private final Set<String> skipped = new LinkedHashSet<>();
    private final List<Cut> cut = new ArrayList<>();
    private final Map<String, String> versions = new LinkedHashMap<>();
    private final Map<String, String> machine;
    private final List<String> order = new ArrayList<>();

    /** Where it is, for those who wait. */
    interface Status {
        void at(String what, int done, int all, double secondsLeft);
    }

    /** A part of a run: it is given the seconds that it should take. */
    private record Part(String name, double weight, DoubleConsumer does) {}

    Bench(BenchOptions options, TimeBudget budget, Status status) throws InterruptedException {
        this.options = options;
        this.budget = budget;
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
        for (DeviceInfo device : engine.devices()) {
            if (options.devices().isEmpty() ? !device.backend().equals("reference") : chosen(device)) {
                devices.add(device);
            }
        }
        skipped.addAll(engine.deviceNotes());
        machine = Machine.facts();
        machine.put("limits by", host.loops().maker());
        devices.forEach(device -> machine.put(device.id(), device.name() + ", " + device.driver()));
        engine.tunings().forEach((id, sizes) ->
                machine.put(id + "'s sizes", (sizes.measured() ? "measured " : "usual ") + sizes.numbers()));
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

    /** @param soFar takes what is found after each part; the last time, all of it */
    void run(Consumer<Findings> soFar) {
        List<Part> parts = parts();
        parts.forEach(part -> budget.expect(part.weight()));
        for (int done = 0; done < parts.size(); done++) {
            Part part = parts.get(done);
            status.at(part.name(), done, parts.size(), budget.left());
            soFar.accept(findings(done, parts.size()));
            part.does().accept(budget.share(part.weight()));
        }
        soFar.accept(findings(parts.size(), parts.size()));
    }

    /** All works on all threads first, then those on one: a peer that must be started anew for that is so once. */
    private List<Part> parts() {
        List<Part> parts = new ArrayList<>();
        parts.add(new Part("limits", HOST_WEIGHT, this::hostLimits));
        for (DeviceInfo device : devices) {
            if (device.backend().equals("opencl")) {
                parts.add(new Part("limits of " + device.id(), OPENCL_WEIGHT, seconds -> deviceLimits(device, seconds)));
            }
        }
        List<Work> works = Suite.works(options.scale()).stream()
                .filter(work -> options.wants(work.name()))
                .toList();
        for (Work work : works) {
            order.add(work.name());
            parts.add(part(work, options.threads()));
        }
        for (Work work : works) {
            // compute-bound works run on one thread as well; quickly, those of them that show most
            boolean bound = options.quick() ? QUICK_ON_ONE.contains(work.name()) : work.flops() > 0;
            if (options.threads() > 1 && bound) {
                parts.add(part(work, 1));
            }
        }
        Extras extras = new Extras(engine, options, devices, outcomes, skipped, cut);
        for (Extras.Extra extra : extras.wanted()) {
            if (!order.contains(extra.name())) {
                order.add(extra.name());
            }
            parts.add(new Part(extra.name(), 1, seconds -> extra.does().run(inputs, seconds)));
        }
        return parts;
    }

    private Part part(Work work, int threads) {
        WorkContest contest = new WorkContest(engine, options, devices, limits, host, peers, skipped);
        String name = work.name() + (threads == options.threads() ? "" : ", one thread");
        return new Part(name, work.cost(), seconds -> {
            WorkContest.Result result = contest.run(work, inputs, threads, seconds);
            outcomes.addAll(result.outcomes());
            versions.putAll(result.versions());
            if (!result.cut().isNothing()) {
                cut.add(result.cut());
            }
        });
    }

    private Findings findings(int done, int all) {
        List<Outcome> sorted = new ArrayList<>(outcomes);
        sorted.sort(Comparator.comparingInt((Outcome o) -> order.indexOf(o.work())).thenComparingInt(Outcome::threads));
        return new Findings(
                machine, List.copyOf(limits), sorted, Map.copyOf(versions), peers.missing(), List.copyOf(skipped),
                List.copyOf(cut), done, all);
    }

    private void hostLimits(double seconds) {
        double warm = options.scale() < 1 ? 0.01 : 0.1;
        limits.addAll(host.measure(options.threads(), options.quick() ? 3 : 7, warm, seconds));
    }

    private void deviceLimits(DeviceInfo device, double seconds) {
        long bytes = (long) Math.max(1 << 20, TRANSFER_BYTES * options.scale());
        Contest contest = new Contest(options.rounds(), options.scale() < 1 ? 0.01 : 0.2, 1);
        try {
            limits.addAll(OpenClLimits.measure(device, bytes, contest, seconds));
        } catch (RuntimeException e) {
            skipped.add("limits of " + device.id() + ": " + firstLine(e));
        }
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
