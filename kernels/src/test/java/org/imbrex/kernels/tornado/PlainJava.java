package org.imbrex.kernels.tornado;

import java.lang.constant.ClassDesc;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imbrex.kernels.contract.LoweringContract;
import org.imbrex.kernels.lower.Lowerings;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.Launch.Memory;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.tornado.TornadoKernel.Parameter;
import org.imbrex.kernels.tornado.TornadoKernel.Role;
import org.imbrex.kernels.tornado.TornadoTypes.Fma;
import org.imbrex.kernels.tornado.standin.Context;
import org.imbrex.kernels.tornado.standin.LongArray;
import org.imbrex.kernels.type.DType;

/** Runs TornadoVM kernels as the Java methods that they are too, one work item after the other. */
public final class PlainJava implements LoweringContract.Runner {
    private static final String STAND_INS = "org.imbrex.kernels.tornado.standin";
    public static final TornadoTypes TYPES =
            new TornadoTypes(ClassDesc.of(STAND_INS, "Context"), STAND_INS, Optional.empty(), Fma.SOFTWARE);

    private final Stage stage;
    private final TornadoLowering lowering;
    private final Map<String, Method> methods = new HashMap<>();

    public PlainJava(Stage stage) {
        this(stage, Fma.SOFTWARE);
    }

    public PlainJava(Stage stage, Fma fma) {
        this.stage = stage;
        this.lowering = Lowerings.tornado(stage, TYPES.with(fma), 64);
        for (TornadoKernel kernel : lowering.kernels()) {
            try {
                Class<?> made = new Loader().define(kernel);
                for (Method method : made.getDeclaredMethods()) {
                    if (method.getName().equals(kernel.name())) {
                        methods.put(kernel.name(), method);
                    }
                }
            } catch (RuntimeException | LinkageError e) {
                throw new AssertionError(kernel.name() + " of " + stage, e);
            }
        }
    }

    private static final class Loader extends ClassLoader {
        Loader() {
            super(PlainJava.class.getClassLoader());
            PlainJava.class.getModule().addExports(STAND_INS, getUnnamedModule());
        }

        Class<?> define(TornadoKernel kernel) {
            return defineClass(kernel.className(), kernel.bytes(), 0, kernel.bytes().length);
        }
    }

    /** Where a memory lies in the array of its role and dtype. */
    private record Place(Parameter array, DType dtype, long first, MemorySegment memory, long elements) {}

    @Override
    public void run(Tile tile, List<MemorySegment> loads, List<MemorySegment> stores) {
        Launch.Sequence sequence = lowering.launches().apply(tile);
        Map<Memory, Place> places = new HashMap<>();
        Map<Parameter, Long> sizes = new HashMap<>();
        for (Launch launch : sequence.launches()) {
            for (Memory memory : launch.memory()) {
                places.computeIfAbsent(memory, m -> place(m, sequence, loads, stores, sizes));
            }
        }
        Map<Parameter, Object> arrays = new HashMap<>();
        sizes.forEach((parameter, size) -> arrays.put(parameter, array(parameter.dtype(), size.intValue())));
        places.values().stream().filter(p -> p.memory != null).forEach(p -> copy(p, arrays.get(p.array), true));
        for (Launch launch : sequence.launches()) {
            launch(launch, places, arrays);
        }
        places.values().stream()
                .filter(p -> p.array.role() == Role.WRITTEN)
                .forEach(p -> copy(p, arrays.get(p.array), false));
    }

    private Place place(
            Memory memory, Launch.Sequence sequence, List<MemorySegment> loads, List<MemorySegment> stores,
            Map<Parameter, Long> sizes) {
        Role role = Role.WRITTEN;
        DType dtype;
        MemorySegment segment = null;
        long bytes;
        switch (memory) {
            case Memory.Load load -> {
                role = Role.READ;
                dtype = stage.loads().get(load.load()).dtype();
                segment = loads.get(load.load());
                bytes = segment.byteSize();
            }
            case Memory.Store store -> {
                dtype = stage.stores().get(store.store()).dtype();
                segment = stores.get(store.store());
                bytes = segment.byteSize();
            }
            case Memory.Accumulator accumulator -> {
                dtype = org.imbrex.kernels.element.Elements.dense(
                        ((ReduceStage) stage).body().resultType(accumulator.k()));
                segment = stores.get(accumulator.k());
                bytes = segment.byteSize();
            }
            case Memory.Scratch scratch -> {
                role = Role.KEPT;
                dtype = lowering.scratch().get(scratch.number());
                bytes = sequence.scratchBytes().get(scratch.number());
            }
        }
        Parameter parameter = new Parameter(role, dtype);
        long elements = bytes / dtype.bytes();
        long first = sizes.merge(parameter, elements, Long::sum) - elements;
        return new Place(parameter, dtype, first, segment, elements);
    }

    private static Object array(DType dtype, int size) {
        try {
            return Class.forName(STAND_INS + "." + TornadoTypes.arrayName(dtype))
                    .getConstructor(int.class)
                    .newInstance(size);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static void copy(Place place, Object array, boolean in) {
        try {
            Object elements = array.getClass().getField("elements").get(array);
            MemorySegment heap = switch (elements) {
                case byte[] a -> MemorySegment.ofArray(a);
                case short[] a -> MemorySegment.ofArray(a);
                case int[] a -> MemorySegment.ofArray(a);
                case long[] a -> MemorySegment.ofArray(a);
                case float[] a -> MemorySegment.ofArray(a);
                default -> MemorySegment.ofArray((double[]) elements);
            };
            int width = place.dtype.bytes();
            MemorySegment part = heap.asSlice(place.first * width, place.elements * width);
            MemorySegment memory = place.memory.asSlice(0, place.elements * width);
            (in ? part : memory).copyFrom(in ? memory : part);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private void launch(Launch launch, Map<Memory, Place> places, Map<Parameter, Object> arrays) {
        TornadoKernel kernel = lowering.kernels().stream()
                .filter(k -> k.name().equals(launch.kernel()))
                .findFirst()
                .orElseThrow();
        LongArray numbers = new LongArray(kernel.numbers());
        if (launch.numbers().length > kernel.numbers()) {
            throw new AssertionError(launch + " has more numbers than " + kernel.numbers());
        }
        for (int k = 0; k < launch.numbers().length; k++) {
            int of = launch.relative()[k];
            numbers.set(k, launch.numbers()[k] + (of < 0 ? 0 : places.get(launch.memory().get(of)).first));
        }
        Context context = new Context();
        List<Object> arguments = new ArrayList<>(List.of(context, numbers));
        for (Parameter parameter : kernel.parameters()) {
            arguments.add(arrays.getOrDefault(parameter, array(parameter.dtype(), 0)));
        }
        Method method = methods.get(kernel.name());
        try {
            // a few items more, as groups are whole
            for (int item = 0; item < launch.items()[0] + 3; item++) {
                context.globalIdx = item;
                method.invoke(null, arguments.toArray());
            }
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException || e.getCause() instanceof Error) {
                throw new IllegalStateException(kernel.name() + ": " + e.getCause(), e.getCause());
            }
            throw new AssertionError(e);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }
}
