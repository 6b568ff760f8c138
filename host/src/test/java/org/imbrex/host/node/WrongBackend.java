package org.imbrex.host.node;

import java.util.List;
import java.util.function.Consumer;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.host.VectorBackend;
import org.imbrex.runtime.memory.Span;

/** A processor of one thread whose tiles' results are spoilt after they were computed. */
record WrongBackend(Consumer<List<Span>> spoils) implements Backend {
    @Override
    public String name() {
        return "vector";
    }

    @Override
    public Discovery discover() {
        Device device = new VectorBackend(1).discover().devices().getFirst();
        return new Discovery(List.of(new Wrong(device, spoils)), List.of());
    }

    private record Wrong(Device of, Consumer<List<Span>> spoils) implements Device {
        @Override
        public DeviceInfo info() {
            return of.info();
        }

        @Override
        public int workers() {
            return of.workers();
        }

        @Override
        public TileKernel kernel(Program program, int stage) {
            TileKernel right = of.kernel(program, stage);
            return new TileKernel() {
                @Override
                public String hash() {
                    return right.hash();
                }

                @Override
                public TileTimes run(Tile tile, List<Span> loads, List<Span> stores) {
                    TileTimes times = right.run(tile, loads, stores);
                    spoils.accept(stores);
                    return times;
                }
            };
        }

        @Override
        public void close() {
            of.close();
        }
    }
}
