package org.imbrex.runtime.device;

import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;

/** A device that is given tiles of other sizes, to try them; it is not closed with this. */
public record SizedDevice(Device device, Tuning tuning) implements Device {
    @Override
    public DeviceInfo info() {
        return device.info();
    }

    @Override
    public int workers() {
        return device.workers();
    }

    @Override
    public boolean takes(Stage stage) {
        return device.takes(stage);
    }

    @Override
    public List<String> notes() {
        return device.notes();
    }

    @Override
    public TileKernel kernel(Program program, int stage) {
        return device.kernel(program, stage);
    }

    @Override
    public Optional<StageChain> chain(Program program, int from, int to) {
        return device.chain(program, from, to);
    }

    @Override
    public void stageEnded(long run, int stage) {
        device.stageEnded(run, stage);
    }

    @Override
    public void runEnded(long run) {
        device.runEnded(run);
    }

    @Override
    public void close() {}
}
