package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.imbrex.kernels.stage.Program;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.TileKernel;
import org.junit.jupiter.api.Test;

/** A device works on as many tiles at once as it has workers, also while results of earlier ones are being sent. */
class WorkbenchTest {
    private static final int SECONDS = 30;

    private record Working(int workers) implements Device {
        @Override
        public DeviceInfo info() {
            return new DeviceInfo("test", "reference", "a test's", "none", true, workers, 1 << 20, 1 << 20, 0, true, true);
        }

        @Override
        public TileKernel kernel(Program program, int stage) {
            throw new AssertionError("no kernels here");
        }

        @Override
        public void close() {}
    }

    @Test
    void theNextTileIsComputedWhileAResultIsSent() throws InterruptedException {
        try (Workbench bench = new Workbench(List.of(new Working(1)), Surroundings.SYSTEM)) {
            CountDownLatch computed = new CountDownLatch(1);
            CountDownLatch sent = new CountDownLatch(1);
            bench.add(
                    (device, relief) -> {
                        relief.run();
                        awaits(computed); // sends until the next one has been computed
                        sent.countDown();
                    },
                    () -> {});
            bench.add((device, relief) -> computed.countDown(), () -> {});
            assertThat(sent.await(SECONDS, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void noMoreTilesAreComputedAtOnceThanThereAreWorkers() throws InterruptedException {
        int workers = 3;
        int tiles = 500;
        AtomicInteger computing = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch left = new CountDownLatch(tiles);
        CyclicBarrier all = new CyclicBarrier(workers);
        try (Workbench bench = new Workbench(List.of(new Working(workers)), Surroundings.SYSTEM)) {
            for (int tile = 0; tile < tiles; tile++) {
                int number = tile;
                bench.add(
                        (device, relief) -> {
                            most.accumulateAndGet(computing.incrementAndGet(), Math::max);
                            if (number < workers) {
                                awaits(all); // so that as many are seen at once
                            }
                            computing.decrementAndGet();
                            if (number % 3 > 0) {
                                relief.run();
                                Thread.yield();
                            }
                            left.countDown();
                        },
                        () -> {});
            }
            assertThat(left.await(SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(most.get()).isEqualTo(workers);
            assertThat(bench.workers()).isEqualTo(workers);
        }
        assertThat(computing.get()).isZero();
    }

    @Test
    void itClosesWhileAThreadRestsAndAnotherSends() throws InterruptedException {
        CountDownLatch sending = new CountDownLatch(2);
        CountDownLatch never = new CountDownLatch(1);
        Workbench bench = new Workbench(List.of(new Working(2)), Surroundings.SYSTEM);
        bench.add((device, relief) -> relief.run(), () -> {}); // its thread rests from then on
        for (int tile = 0; tile < 2; tile++) {
            bench.add(
                    (device, relief) -> {
                        relief.run();
                        relief.run(); // as good as once
                        sending.countDown();
                        try {
                            never.await();
                        } catch (InterruptedException closed) {
                            Thread.currentThread().interrupt();
                        }
                    },
                    () -> {});
        }
        assertThat(sending.await(SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(bench.busy()).isEqualTo(2);
        bench.close();
        assertThat(bench.busy()).isZero();
    }

    private static void awaits(CountDownLatch latch) {
        try {
            assertThat(latch.await(SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void awaits(CyclicBarrier barrier) {
        try {
            barrier.await(SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
