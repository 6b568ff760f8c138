package org.imbrex.runtime.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.imbrex.kernels.matmul.ProductBlocks;
import org.imbrex.runtime.BackendContract;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.Tuning;
import org.imbrex.runtime.device.Tunings;
import org.imbrex.runtime.host.ReferenceBackend;
import org.imbrex.runtime.host.VectorBackend;
import org.imbrex.runtime.opencl.OpenClBackend;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** No tuning changes a bit: programs by chance under sizes by chance give the reference's. */
class TuningBitsTest {
    private static final long SEED = System.nanoTime();
    private static final int CASES = Integer.getInteger("imbrex.test.cases", 40);

    /** Sizes around and far below those of the programs' arrays, so that these are cut in every way. */
    private static Tuning tuning(Random random) {
        return new Tuning(
                4096L << random.nextInt(7),
                4096L << random.nextInt(7),
                1 + random.nextInt(4),
                new ProductBlocks(
                        1 + random.nextInt(9), 1 + random.nextInt(4), 1 << 10 + random.nextInt(8), 1 << 10 + random.nextInt(8)),
                true);
    }

    private static Tunings always(Tuning tuning) {
        return device -> new Tunings.Found(Optional.of(tuning), List.of());
    }

    @Test
    void vectorGivesTheReferencesBitsUnderAnyTuning() {
        for (int number = 0; number < CASES; number++) {
            Tuning tuning = tuning(new Random(SEED + number));
            assertThat(BackendContract.check(new VectorBackend(2, always(tuning)), SEED + number, 1))
                    .as("%s, seed %d", tuning, SEED + number)
                    .isEqualTo(2);
        }
    }

    @Test
    void openClGivesTheReferencesBitsUnderAnyTuning() {
        Tuning tuning = tuning(new Random(SEED));
        OpenClBackend backend = new OpenClBackend(always(tuning));
        List<Device> found = backend.discover().devices();
        boolean exact = !found.isEmpty() && found.getFirst().info().exact();
        found.forEach(Device::close);
        boolean required = "true".equals(System.getenv("IMBREX_REQUIRE_OPENCL"));
        Assumptions.assumeTrue(exact || required, "no exact OpenCL device");
        int cases = Math.max(8, CASES / 4);
        assertThat(BackendContract.check(backend, SEED, cases)).as("%s, seed %d", tuning, SEED).isEqualTo(2L * cases);
    }

    @Test
    void aProbeChoosesSizesAndLeavesTheDeviceAsItIs() {
        try (Device device = new VectorBackend(2).discover().devices().getFirst()) {
            Tuning before = device.tuning();
            Probe.Found found = Probe.measure(device, 0.2);
            assertThat(found.tuning().measured()).isTrue();
            assertThat(found.steps()).isNotEmpty().allSatisfy(step -> {
                assertThat(step.tried()).containsKey(step.chosen());
                assertThat(step.gain()).isGreaterThanOrEqualTo(1);
            });
            assertThat(Tuning.of(found.tuning().numbers())).isEqualTo(found.tuning());
            assertThat(device.tuning()).isEqualTo(before);
        }
    }

    @Test
    void theReferenceHasNothingToChoose() {
        try (Device device = new ReferenceBackend(1).discover().devices().getFirst()) {
            assertThat(device.isTunable()).isFalse();
            assertThatThrownBy(() -> Probe.measure(device, 1)).hasMessageContaining("reference has no sizes");
        }
    }
}
