package org.imbrex.runtime.tornado;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.tornado.TornadoKernel;
import org.imbrex.kernels.tornado.TornadoKernel.Parameter;
import org.imbrex.kernels.tornado.TornadoKernel.Role;
import org.imbrex.kernels.tornado.TornadoTypes;

/**
 * A task graph with its arrays, on the host and on the device, that runs tiles of one stage one after the other: only
 * what the arrays hold and the number of work items change.
 */
final class Plan implements AutoCloseable {
    private static final String ARRAYS = "types.arrays.";
    private static final String GRAPH = "imbrex";
    private static final int GROUP = 64;
    /** The one built with contraction off and correct rounding; TornadoVM's own options relax both. */
    private static final String OPENCL_FLAGS = "-cl-fp32-correctly-rounded-divide-sqrt -w";

    private final Map<Parameter, Object> arrays = new HashMap<>();
    private final List<Object> numbers = new ArrayList<>();
    private final List<Object> grids = new ArrayList<>();
    private final Object plan;
    private final long bytes;

    /**
     * Makes the graph; TornadoVM compiles its kernels when it first runs.
     *
     * @param kernels the kernels that run, in order
     * @param elements the length of each array
     */
    Plan(Object device, KernelClasses classes, List<String> kernels, Map<Parameter, Integer> elements) {
        long sum = 0;
        for (Map.Entry<Parameter, Integer> each : elements.entrySet()) {
            Parameter parameter = each.getKey();
            arrays.put(parameter, Reflected.make(ARRAYS + TornadoTypes.arrayName(parameter.dtype()), each.getValue()));
            sum += (long) each.getValue() * parameter.dtype().bytes();
        }
        this.bytes = sum;
        Object graph = Reflected.make("TaskGraph", GRAPH);
        Object grid = Reflected.make("GridScheduler");
        Object context = Reflected.make("KernelContext");
        List<Object> up = new ArrayList<>(List.of(everyTime()));
        kernels.forEach(name -> numbers.add(
                Reflected.make(ARRAYS + "LongArray", classes.kernel(name).numbers())));
        up.addAll(numbers);
        arrays.forEach((parameter, array) -> {
            if (parameter.role() == Role.READ) {
                up.add(array);
            }
        });
        Reflected.call("TaskGraph", graph, "transferToDevice", up.toArray());
        for (int k = 0; k < kernels.size(); k++) {
            TornadoKernel kernel = classes.kernel(kernels.get(k));
            List<Object> arguments = new ArrayList<>(
                    List.of("t" + k, classes.task(kernel.name()), context, numbers.get(k)));
            kernel.parameters().forEach(parameter -> arguments.add(arrays.get(parameter)));
            Reflected.call("TaskGraph", graph, "task", arguments.toArray());
            Object worker = Reflected.make("WorkerGrid1D", GROUP);
            grids.add(worker);
            Reflected.call("GridScheduler", grid, "addWorkerGrid", GRAPH + ".t" + k, worker);
        }
        List<Object> down = new ArrayList<>(List.of(everyTime()));
        arrays.forEach((parameter, array) -> {
            if (parameter.role() == Role.WRITTEN) {
                down.add(array);
            }
        });
        Reflected.call("TaskGraph", graph, "transferToHost", down.toArray());
        this.plan = Reflected.make("TornadoExecutionPlan", Reflected.call("TaskGraph", graph, "snapshot"));
        Reflected.call("TornadoExecutionPlan", plan, "withDevice", device);
        Reflected.call("TornadoExecutionPlan", plan, "withGridScheduler", grid);
        Object openCl = openClBackend();
        Reflected.call("TornadoExecutionPlan", plan, "withCompilerFlags", openCl, OPENCL_FLAGS);
    }

    private static Integer everyTime() {
        try {
            return Reflected.type("enums.DataTransferMode").getField("EVERY_EXECUTION").getInt(null);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("DataTransferMode.EVERY_EXECUTION", e);
        }
    }

    private static Object openClBackend() {
        for (Object type : Reflected.type("enums.TornadoVMBackendType").getEnumConstants()) {
            if (type.toString().equals("OPENCL")) {
                return type;
            }
        }
        throw new LinkageError("TornadoVMBackendType.OPENCL");
    }

    /** What its arrays take on the device. */
    long bytes() {
        return bytes;
    }

    /** The elements of an array, on the host. */
    MemorySegment memory(Parameter parameter) {
        return segment(arrays.get(parameter), TornadoTypes.arrayName(parameter.dtype()));
    }

    private static MemorySegment segment(Object array, String type) {
        return (MemorySegment) Reflected.call(ARRAYS + type, array, "getSegment");
    }

    /** Sets a launch's numbers and work items. */
    void set(int launch, Launch of, long[] values) {
        MemorySegment memory = segment(numbers.get(launch), "LongArray");
        for (int k = 0; k < values.length; k++) {
            memory.setAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, k, values[k]);
        }
        long items = Math.ceilDiv(of.items()[0], GROUP) * GROUP;
        Reflected.call("WorkerGrid", grids.get(launch), "setGlobalWork", items, 1L, 1L);
        Reflected.call("WorkerGrid", grids.get(launch), "setLocalWork", (long) GROUP, 1L, 1L);
    }

    /** Runs the graph to its end: arrays up, kernels, arrays down. */
    void run() {
        Reflected.call("TornadoExecutionPlan", plan, "execute");
    }

    @Override
    public void close() {
        try {
            Reflected.call("TornadoExecutionPlan", plan, "freeDeviceMemory");
            Reflected.call("TornadoExecutionPlan", plan, "close");
        } catch (RuntimeException e) {
            System.getLogger(Plan.class.getName()).log(System.Logger.Level.DEBUG, "closing a plan", e);
        }
    }
}
