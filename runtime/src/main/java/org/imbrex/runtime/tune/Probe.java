package org.imbrex.runtime.tune;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.matmul.ProductBlocks;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.device.Tuning;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Scheduler;

/**
 * Measures which sizes suit a device, one after another: of streams, of tiles in parts and how many of them are in flight,
 * of a product's panels and registers. It takes a few seconds and some 200 MB.
 */
public final class Probe {
    /** Of the usual size, what is tried for streams and tiles. */
    private static final double[] FACTORS = {1, 0.25, 0.5, 2, 4};

    private static final int[] DEPTHS = {2, 1, 3};
    private static final int[] PANELS_OF_A = {128 << 10, 512 << 10, 1 << 20};
    private static final int[] PANELS_OF_B = {1 << 20, 4 << 20, 8 << 20};
    /** Register blocks by rows and vectors beside the usual ones of {@link ProductBlocks}, for 16 registers and for 32. */
    private static final int[][] OF_16 = {{3, 3}, {4, 2}};

    private static final int[][] OF_32 = {{4, 3}, {4, 4}};
    private static final long STREAM = 6 << 20;
    private static final long PARTS = 4 << 20;

    private final Device device;
    private final long endNanos;
    private final List<Step> steps = new ArrayList<>();
    private Tuning tuning;

    /**
     * What was found of one size.
     *
     * @param name for people
     * @param tried each candidate with the milliseconds of a run, the usual one first
     * @param chosen which of them
     * @param gain how many times as fast as the usual one, 1 where that is kept
     * @param rounds how many times each ran
     */
    public record Step(String name, Map<String, Double> tried, String chosen, double gain, int rounds) {}

    /** What was found. */
    public record Found(Tuning tuning, List<Step> steps, double seconds) {}

    private Probe(Device device, double seconds) {
        this.device = device;
        this.endNanos = System.nanoTime() + (long) (seconds * 1e9);
        this.tuning = device.tuning();
    }

    /**
     * Measures a device, beginning from the sizes that it goes by.
     *
     * @param seconds what it may take; where that is over, the rest stays as it is
     * @throws ImbrexException where the device has nothing to choose
     */
    public static Found measure(Device device, double seconds) {
        if (!device.isTunable()) {
            throw new ImbrexException(device.info().id() + " has no sizes to choose");
        }
        long began = System.nanoTime();
        Probe probe = new Probe(device, seconds);
        List<Runnable> measurements = new ArrayList<>(List.of(probe::streams, probe::parts));
        if (device.info().backend().equals("vector")) {
            measurements.addAll(List.of(probe::registers, probe::panels));
        }
        for (Runnable measurement : measurements) {
            if (probe.steps.isEmpty() || System.nanoTime() < probe.endNanos) {
                measurement.run();
            }
        }
        return new Found(probe.tuning.asMeasured(), List.copyOf(probe.steps), (System.nanoTime() - began) / 1e9);
    }

    private void streams() {
        Set<Long> sizes = sizes(tuning.streamBytes());
        try (ProbeWork map = ProbeWork.of("a*b+c", false, STREAM, STREAM, STREAM)) {
            try (ProbeWork sum = ProbeWork.of("sum(a)", false, STREAM)) {
                choose("streams", sizes, tuning::withStreams, size -> mega(size), 0.4, map, sum);
            }
        }
    }

    private void parts() {
        try (ProbeWork map = ProbeWork.of("a*b+c", true, PARTS, PARTS, PARTS)) {
            choose("tiles in parts", sizes(tuning.tileBytes()), size -> tuning.withTiles(size, tuning.depth()), size -> mega(size),
                    0.2, map);
            Set<Integer> depths = new LinkedHashSet<>(List.of(tuning.depth()));
            for (int depth : DEPTHS) {
                depths.add(depth);
            }
            choose("tiles in flight for each worker", depths, depth -> tuning.withTiles(tuning.tileBytes(), depth),
                    depth -> Integer.toString(depth), 0.2, map);
        }
    }

    private void panels() {
        try (ProbeWork product = ProbeWork.product()) {
            ProductBlocks now = tuning.products();
            Set<Integer> ofA = candidates(now.bytesOfA(), PANELS_OF_A);
            choose("packed panels of a", ofA,
                    bytes -> tuning.withProducts(tuning.products().withPanels(bytes, now.bytesOfB())), size -> mega(size), 0.5,
                    product);
            Set<Integer> ofB = candidates(now.bytesOfB(), PANELS_OF_B);
            int chosenOfA = tuning.products().bytesOfA();
            choose("packed panels of b", ofB,
                    bytes -> tuning.withProducts(tuning.products().withPanels(chosenOfA, bytes)), size -> mega(size), 1,
                    product);
        }
    }

    /** The usual ones first, by 0: the width of vectors tells. Each of the others has to be compiled first. */
    private void registers() {
        Set<List<Integer>> shapes = new LinkedHashSet<>();
        shapes.add(List.of(tuning.products().rows(), tuning.products().vectors()));
        for (int[] shape : Lowerings.vectorBits() == 512 ? OF_32 : OF_16) {
            shapes.add(List.of(shape[0], shape[1]));
        }
        try (ProbeWork product = ProbeWork.product()) {
            choose("registers of products", shapes,
                    shape -> tuning.withProducts(tuning.products().withRegisters(shape.getFirst(), shape.getLast())),
                    shape -> shape.getFirst() == 0 ? "usual" : shape.getFirst() + " x " + shape.getLast(), 0.6, product);
        }
    }

    private static Set<Integer> candidates(int now, int... others) {
        Set<Integer> all = new LinkedHashSet<>(List.of(now));
        for (int other : others) {
            all.add(other);
        }
        return all;
    }

    private static Set<Long> sizes(long usual) {
        Set<Long> sizes = new LinkedHashSet<>();
        for (double factor : FACTORS) {
            sizes.add((long) (usual * factor));
        }
        return sizes;
    }

    private static String mega(Number bytes) {
        double mib = bytes.doubleValue() / (1 << 20);
        return mib < 1 ? bytes.longValue() / 1024 + " KiB" : String.format(Locale.ROOT, "%.0f MiB", mib);
    }

    /** @param share of the time that is left */
    private <T> void choose(
            String name, Set<T> candidates, Function<T, Tuning> of, Function<T, String> text, double share, ProbeWork... works) {
        long until = System.nanoTime() + (long) (share * Math.max(0, endNanos - System.nanoTime()));
        List<T> all = List.copyOf(candidates);
        List<Solo> solos = new ArrayList<>();
        try {
            List<Runnable> runs = new ArrayList<>();
            for (T candidate : all) {
                Solo solo = new Solo(device.with(of.apply(candidate)).orElseThrow());
                solos.add(solo);
                runs.add(() -> {
                    for (ProbeWork work : works) {
                        solo.run(work);
                    }
                });
            }
            settle(solos, works);
            Trials.Outcome outcome = Trials.of(runs, () -> until - System.nanoTime());
            Map<String, Double> tried = new LinkedHashMap<>();
            for (int k = 0; k < all.size(); k++) {
                tried.put(text.apply(all.get(k)), outcome.nanos()[k] / 1e6);
            }
            T chosen = all.get(outcome.best());
            tuning = of.apply(chosen);
            steps.add(new Step(name, tried, text.apply(chosen), outcome.gain(), outcome.rounds()));
        } finally {
            solos.forEach(Solo::close);
        }
    }

    /** Vector loops run as scalar code until they are compiled, which begins once there was some work for them. */
    private static void settle(List<Solo> solos, ProbeWork... works) {
        try {
            for (ProbeWork work : works) {
                try (ProbeWork small = work.small()) {
                    for (int time = 0; time < 2; time++) {
                        solos.forEach(solo -> solo.run(small));
                        Lowerings.awaitCompiled();
                    }
                }
                solos.forEach(solo -> solo.run(work)); // which touches what is to be touched
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ImbrexException("the probe was interrupted");
        }
    }

    /** A scheduler for one device alone. */
    private static final class Solo implements AutoCloseable {
        private final Devices devices;
        private final BufferPool pool = new BufferPool(256L << 20);
        private final Scheduler scheduler;
        private final RunOptions options;

        Solo(Device device) {
            devices = new Devices(List.of(new Only(device)));
            scheduler = new Scheduler(devices, pool);
            options = RunOptions.defaults().withDevice(device.info().id()).withFast(!device.info().exact());
        }

        void run(ProbeWork work) {
            scheduler.run(work.program(), work.sources(), List.of(work.sink()), options);
        }

        @Override
        public void close() {
            scheduler.close();
            devices.close();
            pool.close();
        }
    }

    /** A backend that has found one device. */
    private record Only(Device device) implements Backend {
        @Override
        public String name() {
            return device.info().backend();
        }

        @Override
        public Discovery discover() {
            return new Discovery(List.of(device), List.of());
        }
    }
}
