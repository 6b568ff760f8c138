package org.imbrex.runtime.tornado;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.opencl.Launch;
import org.imbrex.kernels.opencl.Launch.Memory;
import org.imbrex.kernels.stage.ReduceStage;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.tornado.TornadoKernel.Parameter;
import org.imbrex.kernels.tornado.TornadoKernel.Role;
import org.imbrex.kernels.tornado.TornadoLowering;
import org.imbrex.kernels.type.DType;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.memory.Span;
import org.imbrex.runtime.tile.Footprint;
import org.imbrex.runtime.tile.Scatter;

/**
 * Where a tile's memory lies in the arrays of its roles and dtypes: a range of a buffer's elements for all loads of the
 * same memory, one for all stores of a buffer, one after the other.
 */
final class Packing {
    private static final int MOST_ELEMENTS = Integer.MAX_VALUE - 64;
    /** Ranges begin at multiples of so many elements. */
    private static final int ALIGN = 16;

    private final Stage stage;
    private final Tile tile;
    private final TornadoLowering lowering;
    private final List<Span> loads;
    private final List<Span> stores;
    private final Map<Memory, Place> places = new LinkedHashMap<>();
    private final Map<Parameter, Long> sizes = new HashMap<>();

    /**
     * A range of elements.
     *
     * @param first where it begins in the array
     * @param element which element of the buffer that is
     * @param address where it lies on the host, 0 for what stays on the device
     */
    private record Place(Parameter array, DType dtype, long first, long element, long elements, long address) {
        /** Where element 0 of the buffer would lie in the array. */
        long shift() {
            return first - element;
        }
    }

    Packing(Stage stage, Tile tile, TornadoLowering lowering, List<Span> loads, List<Span> stores,
            Launch.Sequence sequence) {
        this.stage = stage;
        this.tile = tile;
        this.lowering = lowering;
        this.loads = loads;
        this.stores = stores;
        for (Launch launch : sequence.launches()) {
            for (Memory memory : launch.memory()) {
                if (!places.containsKey(memory)) {
                    places.put(memory, place(memory, sequence.scratchBytes()));
                }
            }
        }
    }

    private Place place(Memory memory, List<Long> scratchBytes) {
        return switch (memory) {
            case Memory.Load load -> load(load.load());
            case Memory.Store store -> store(store.store());
            case Memory.Accumulator accumulator -> {
                DType dtype = Elements.dense(((ReduceStage) stage).body().resultType(accumulator.k()));
                yield take(Role.WRITTEN, dtype, 0, tile.elements(), stores.get(accumulator.k()).base(dtype.bytes()));
            }
            case Memory.Scratch scratch -> {
                DType dtype = lowering.scratch().get(scratch.number());
                yield take(Role.KEPT, dtype, 0, scratchBytes.get(scratch.number()) / dtype.bytes(), 0);
            }
        };
    }

    private Place take(Role role, DType dtype, long element, long elements, long address) {
        Parameter parameter = new Parameter(role, dtype);
        long room = Math.ceilDiv(elements, ALIGN) * ALIGN;
        long first = sizes.merge(parameter, room, Long::sum) - room;
        return new Place(parameter, dtype, first, element, elements, address);
    }

    private Place load(int load) {
        View view = stage.loads().get(load);
        long address = loads.get(load).memory().address();
        long first = Long.MAX_VALUE;
        long last = -1;
        for (int other = 0; other < loads.size(); other++) {
            boolean same = stage.loads().get(other).buffer() == view.buffer()
                    && loads.get(other).memory().address() == address;
            if (!same) {
                continue;
            }
            Place known = places.get(new Memory.Load(other));
            if (known != null) {
                return known;
            }
            long[] range = Footprint.loadRange(stage, other, tile);
            if (range[0] <= range[1]) {
                first = Math.min(first, range[0]);
                last = Math.max(last, range[1]);
            }
        }
        int width = view.dtype().bytes();
        return last < 0
                ? take(Role.READ, view.dtype(), 0, 0, 0) // every element is the fill
                : take(Role.READ, view.dtype(), first, last - first + 1, loads.get(load).base(width) + first * width);
    }

    private Place store(int store) {
        View view = stage.stores().get(store);
        long first = Long.MAX_VALUE;
        long last = -1;
        for (int other = 0; other < stage.stores().size(); other++) {
            if (stage.stores().get(other).buffer() == view.buffer()) {
                Place known = places.get(new Memory.Store(other));
                if (known != null) {
                    return known;
                }
                long[] range = Footprint.storeRange(stage, other, tile);
                first = Math.min(first, range[0]);
                last = Math.max(last, range[1]);
            }
        }
        int width = view.dtype().bytes();
        return take(Role.WRITTEN, view.dtype(), first, last - first + 1, stores.get(store).base(width) + first * width);
    }

    /**
     * The length of each array of some kernels' parameters: rounded up by an eighth at most, so that tiles of about one
     * size share a plan.
     */
    Map<Parameter, Integer> lengths(Iterable<Parameter> parameters, String device) {
        Map<Parameter, Integer> lengths = new LinkedHashMap<>();
        long bytes = 0;
        for (Parameter parameter : parameters) {
            long size = Math.max(1024, sizes.getOrDefault(parameter, 0L));
            long step = Long.highestOneBit(size) / 8;
            size = Math.ceilDiv(size, step) * step;
            bytes += size * parameter.dtype().bytes();
            if (size > MOST_ELEMENTS || bytes > TornadoDevice.MOST_BYTES) {
                throw new DeviceException(
                        DeviceException.Kind.OUT_OF_MEMORY,
                        "%s: a tile's arrays take more than %d bytes".formatted(device, TornadoDevice.MOST_BYTES));
            }
            lengths.put(parameter, (int) size);
        }
        return lengths;
    }

    /** A launch's numbers, with where its memory lies. */
    long[] numbers(Launch launch) {
        long[] numbers = launch.numbers().clone();
        for (int k = 0; k < numbers.length; k++) {
            if (launch.relative()[k] >= 0) {
                numbers[k] += places.get(launch.memory().get(launch.relative()[k])).shift();
            }
        }
        return numbers;
    }

    /** Copies what the tile reads to the arrays; how many bytes. */
    long up(Plan plan) {
        long bytes = 0;
        for (Place place : places.values().stream().distinct().toList()) {
            if (place.array.role() == Role.READ && place.address != 0) {
                MemorySegment array = plan.memory(place.array);
                long width = place.dtype.bytes();
                MemorySegment.copy(
                        Elements.ALL, place.address, array, place.first * width, place.elements * width);
                bytes += place.elements * width;
            }
        }
        return bytes;
    }

    /** Copies what the tile has written from the arrays to its place; how many bytes. */
    long down(Plan plan, Scatter scatter) {
        long bytes = 0;
        Map<Place, List<Integer>> sharing = new LinkedHashMap<>();
        for (Map.Entry<Memory, Place> each : places.entrySet()) {
            Place place = each.getValue();
            long width = place.dtype.bytes();
            if (each.getKey() instanceof Memory.Accumulator) {
                MemorySegment.copy(
                        plan.memory(place.array), place.first * width, Elements.ALL, place.address,
                        place.elements * width);
                bytes += place.elements * width;
            } else if (each.getKey() instanceof Memory.Store store) {
                sharing.computeIfAbsent(place, p -> new ArrayList<>()).add(store.store());
            }
        }
        for (Map.Entry<Place, List<Integer>> each : sharing.entrySet()) {
            Place place = each.getKey();
            long width = place.dtype.bytes();
            MemorySegment array = plan.memory(place.array);
            bytes += place.elements * width;
            if (tile.elements() * each.getValue().size() == place.elements) {
                MemorySegment.copy(
                        array, place.first * width, Elements.ALL, place.address, place.elements * width);
                continue;
            }
            long from = array.address() + place.shift() * width;
            for (int store : each.getValue()) {
                scatter.run(store, tile, from, place.address - place.element * width);
            }
        }
        return bytes;
    }
}
