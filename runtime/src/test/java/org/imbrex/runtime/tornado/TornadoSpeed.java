package org.imbrex.runtime.tornado;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.expr.Expr;
import org.imbrex.kernels.fuse.Fuser;
import org.imbrex.kernels.parse.Parser;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Typing;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.Device;
import org.imbrex.runtime.device.TileKernel;
import org.imbrex.runtime.memory.Span;
import org.imbrex.runtime.opencl.OpenClBackend;

/** The figures of docs/tornado.md: tiles on TornadoVM's device beside the same on the OpenCL backend's, in turns. */
final class TornadoSpeed {
    private static final int ROUNDS = 15;
    /** Only the works whose text has this in it. */
    private static final String ONLY = System.getProperty("imbrex.test.work", "");

    private TornadoSpeed() {}

    private record Work(String text, long... shape) {}

    static void table() {
        List<Work> works = List.of(
                new Work("x * 2 + 1", 64),
                new Work("x * 2 + 1", 4 << 20),
                new Work("sin(x)", 4 << 20),
                new Work("stencil(at(x, -1, 0) + at(x, 1, 0) + at(x, 0, -1) + at(x, 0, 1) - 4 * x)", 2048, 2048),
                new Work("sum(x)", 4 << 20),
                new Work("mean(blocks(x, 8), axis=1)", 512, 8192),
                new Work("x @ x", 256, 256));
        List<Device> devices = new ArrayList<>();
        for (Backend backend : List.of(new OpenClBackend(), new TornadoBackend())) {
            devices.add(backend.discover().devices().getFirst());
        }
        for (DType dtype : List.of(DType.F32, DType.F64)) {
            for (Work work : works) {
                if (!work.text.contains(ONLY)) {
                    continue;
                }
                StringBuilder line = new StringBuilder(
                        "%s %s %s".formatted(work.text, dtype, Arrays.toString(work.shape)));
                Map<Device, double[]> times = measure(work, dtype, devices);
                times.forEach((device, of) -> line.append(" | %s first %.0f ms, then %.3f ms, of it kernel %.3f ms"
                        .formatted(device.info().id(), of[0], of[1], of[2])));
                System.out.println(line);
            }
        }
        devices.forEach(Device::close);
    }

    private static Map<Device, double[]> measure(Work work, DType dtype, List<Device> devices) {
        Shape shape = new Shape(work.shape);
        Expr expression = Parser.parse(work.text);
        Program program = Fuser.fuse(
                List.of(Typing.check(expression, Map.of("x", new ArrayType(dtype, shape)))),
                Map.of("x", new Program.Buffer(dtype, shape, shape.strides())));
        Stage stage = program.stages().getFirst();
        Tile tile = new Tile(0, new long[stage.domain().length], stage.domain(), 0, stage.leaves());
        Map<Device, double[]> times = new LinkedHashMap<>();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment input = arena.allocate(shape.elements() * dtype.bytes(), 4096);
            for (long i = 0; i < shape.elements(); i++) {
                double value = Math.sin(i);
                org.imbrex.kernels.element.Elements.write(dtype, input.address() + i * dtype.bytes(),
                        dtype == DType.F32 ? Float.floatToRawIntBits((float) value) : Double.doubleToRawLongBits(value));
            }
            List<Span> loads = new ArrayList<>();
            stage.loads().forEach(view -> loads.add(new Span(input, 0)));
            List<Span> stores = List.of(new Span(arena.allocate(shape.elements() * dtype.bytes() + 64, 4096), 0));
            Map<Device, TileKernel> kernels = new LinkedHashMap<>();
            Map<Device, List<double[]>> all = new LinkedHashMap<>();
            for (Device device : devices) {
                long began = System.nanoTime();
                kernels.put(device, device.kernel(program, 0));
                kernels.get(device).run(tile, loads, stores);
                times.put(device, new double[] {(System.nanoTime() - began) / 1e6, 0, 0});
                all.put(device, new ArrayList<>());
            }
            for (int round = 0; round < ROUNDS; round++) {
                for (Device device : devices) {
                    long began = System.nanoTime();
                    TileKernel.TileTimes of = kernels.get(device).run(tile, loads, stores);
                    all.get(device).add(new double[] {(System.nanoTime() - began) / 1e6, of.kernelNanos() / 1e6});
                }
            }
            all.forEach((device, list) -> {
                times.get(device)[1] = median(list, 0);
                times.get(device)[2] = median(list, 1);
            });
        }
        return times;
    }

    private static double median(List<double[]> list, int which) {
        return list.stream().mapToDouble(of -> of[which]).sorted().skip(ROUNDS / 2).findFirst().orElseThrow();
    }
}
