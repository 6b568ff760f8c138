package org.imbrex.runtime.schedule;

import java.util.List;
import java.util.Random;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.DeviceInfo;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.memory.Span;

/** A backend whose device does as another's does, but fails at seeded moments. */
record Faulty(String name, Backend inner, Mode mode, long seed) implements Backend {
    enum Mode {
        FAILS_SOMETIMES,
        OUT_OF_MEMORY,
        VANISHES,
        DOES_NOT_BUILD,
        FLIPS_A_BIT
    }

    @Override
    public Discovery discover() {
        Device device = inner.discover().devices().getFirst();
        return new Discovery(List.of(new FaultyDevice(name, device, mode, new Random(seed))), List.of());
    }

    private record FaultyDevice(String name, Device inner, Mode mode, Random random) implements Device {
        @Override
        public DeviceInfo info() {
            DeviceInfo i = inner.info();
            return new DeviceInfo(
                    name, name, i.name(), i.driver(), false, i.units(), i.memoryBytes(), i.allocationBytes(),
                    i.cacheBytes(), i.fp64(), i.exact());
        }

        @Override
        public int workers() {
            return 2;
        }

        @Override
        public TileKernel kernel(Program program, int stage) {
            if (mode == Mode.DOES_NOT_BUILD) {
                throw new DeviceException(DeviceException.Kind.UNSUPPORTED, "does not build");
            }
            return new FaultyKernel(inner.kernel(program, stage), mode, random);
        }

        @Override
        public void close() {
            inner.close();
        }
    }

    private record FaultyKernel(TileKernel inner, Mode mode, Random random) implements TileKernel {
        @Override
        public String hash() {
            return inner.hash();
        }

        @Override
        public TileTimes run(Tile tile, List<Span> loads, List<Span> stores) {
            boolean now;
            synchronized (random) {
                now = random.nextInt(3) == 0;
            }
            if (now && mode == Mode.FAILS_SOMETIMES) {
                throw new DeviceException(DeviceException.Kind.FAILED, "launch failed");
            }
            if (now && mode == Mode.VANISHES) {
                throw new DeviceException(DeviceException.Kind.LOST, "gone");
            }
            if (mode == Mode.OUT_OF_MEMORY && tile.elements() > 2) {
                throw new DeviceException(DeviceException.Kind.OUT_OF_MEMORY, "no room");
            }
            TileTimes times = inner.run(tile, loads, stores);
            if (mode == Mode.FLIPS_A_BIT) {
                var memory = stores.getFirst().memory();
                var byteLayout = java.lang.foreign.ValueLayout.JAVA_BYTE;
                for (long at = 0; at < memory.byteSize(); at++) {
                    memory.set(byteLayout, at, (byte) (memory.get(byteLayout, at) ^ 1));
                }
            }
            return times;
        }
    }
}
