package org.imbrex.runtime.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.imbrex.kernels.contract.LoweringContract;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.memory.Span;
import org.junit.jupiter.api.Assumptions;

/** The first exact OpenCL device there is, for one test; at the end nothing of it may be left. */
final class OpenClFixture implements AutoCloseable {
    /** Where this is set to true, a machine without a device fails the tests instead of skipping them. */
    private static final boolean REQUIRED = "true".equals(System.getenv("IMBREX_REQUIRE_OPENCL"))
            || Boolean.getBoolean("IMBREX_REQUIRE_OPENCL");

    private final List<Device> all;
    final OpenClDevice device;
    /** Of that device. */
    final OpenClOptions options;

    OpenClFixture(UnaryOperator<OpenClOptions> options) {
        Backend.Discovery found = new OpenClBackend(
                        facts -> options.apply(OpenClOptions.usual(facts).withCache(Optional.empty())))
                .discover();
        all = found.devices();
        Optional<Device> exact = all.stream().filter(d -> d.info().exact()).findFirst();
        if (exact.isEmpty() && !REQUIRED) {
            String why = "no exact OpenCL device, tests skipped: " + String.join("; ", found.notes());
            System.out.println(why);
            Assumptions.abort(why);
        }
        device = (OpenClDevice) exact.orElseThrow(
                () -> new AssertionError("IMBREX_REQUIRE_OPENCL is set, and no exact OpenCL device was found: " + found));
        this.options = device.options();
    }

    /** A stage alone, on whole buffers. */
    LoweringContract.Runner runner(Stage stage) {
        TileKernel kernel = kernel(stage);
        return (tile, loads, stores) -> kernel.run(tile, spans(loads), spans(stores));
    }

    TileKernel kernel(Stage stage) {
        return device.kernel(new Program("test", List.of(), List.of(), List.of(stage), List.of()), 0);
    }

    static List<Span> spans(List<MemorySegment> memory) {
        return memory.stream().map(m -> new Span(m, 0)).toList();
    }

    @Override
    public void close() {
        all.forEach(Device::close);
        assertThat(device.calls().live()).as("OpenCL objects that were not released").isZero();
    }
}
