package org.imbrex.runtime.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.View;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.tile.Tiling;

/** Decides where a program's buffers lie: which are held in memory and from when to when, which are spilled. */
final class BufferPlacing {
    private final Program program;
    private final List<Plan.BufferPlan> buffers = new ArrayList<>();
    private final int[] first;
    private final int[] last;
    private final long[] held;

    /**
     * @param given how each input and result is at hand; null for what lies between
     * @param whole results that are made whole although they are given in order
     */
    BufferPlacing(Program program, Planner.Given[] given, long budget, Set<Integer> whole) {
        this.program = program;
        int count = program.buffers().size();
        this.first = new int[count];
        this.last = new int[count];
        this.held = new long[program.stages().size()];
        findLives();
        for (int number = 0; number < count; number++) {
            long bytes = program.buffers().get(number).bytes();
            Plan.Where where = where(number, given[number], whole);
            if (where == Plan.Where.MEMORY) {
                where = hold(number, BufferPool.sizeOf(bytes), budget / 2);
            }
            buffers.add(new Plan.BufferPlan(where, bytes, last[number]));
        }
    }

    private void findLives() {
        Arrays.fill(first, Integer.MAX_VALUE);
        Arrays.fill(last, -1);
        for (int number = 0; number < program.stages().size(); number++) {
            Stage stage = program.stages().get(number);
            for (List<View> views : List.of(stage.loads(), stage.stores())) {
                for (View view : views) {
                    first[view.buffer()] = Math.min(first[view.buffer()], number);
                    last[view.buffer()] = number;
                }
            }
        }
    }

    private Plan.Where where(int number, Planner.Given given, Set<Integer> whole) {
        boolean result = program.results().contains(number);
        return switch (given) {
            case null -> Plan.Where.MEMORY;
            case IN_PLACE -> Plan.Where.IN_PLACE;
            // what is written in parts cannot be read back
            case IN_PARTS -> result && isRead(number) ? Plan.Where.MEMORY : Plan.Where.IN_PARTS;
            case IN_ORDER -> isRead(number) || whole.contains(number) ? Plan.Where.MEMORY : Plan.Where.IN_ORDER;
        };
    }

    private boolean isRead(int buffer) {
        return program.stages().stream()
                .anyMatch(stage -> stage.loads().stream().anyMatch(view -> view.buffer() == buffer));
    }

    private Plan.Where hold(int number, long bytes, long most) {
        for (int stage = first[number]; stage <= last[number]; stage++) {
            if (held[stage] + bytes > most) {
                return Plan.Where.SPILLED;
            }
        }
        for (int stage = first[number]; stage <= last[number]; stage++) {
            held[stage] += bytes;
        }
        return Plan.Where.MEMORY;
    }

    List<Plan.BufferPlan> buffers() {
        return List.copyOf(buffers);
    }

    /** What intermediate arrays take while a stage runs. */
    long heldBytes(int stage) {
        return held[stage];
    }

    private boolean[] inParts() {
        boolean[] inParts = new boolean[buffers.size()];
        for (int number = 0; number < inParts.length; number++) {
            inParts[number] = buffers.get(number).where().inParts();
        }
        return inParts;
    }

    TileMemory tileMemory(int stage, boolean verify) {
        return new TileMemory(program.stages().get(stage), inParts(), verify);
    }

    boolean touchesParts(int stage) {
        boolean[] inParts = inParts();
        Stage is = program.stages().get(stage);
        return is.loads().stream().anyMatch(view -> inParts[view.buffer()])
                || is.stores().stream().anyMatch(view -> inParts[view.buffer()]);
    }

    /** A result that must be written in order although the tiles do not come in the order of its elements, or -1. */
    int firstOutOfOrder(List<Plan.StagePlan> stages) {
        long[] written = new long[buffers.size()];
        for (int number = 0; number < stages.size(); number++) {
            Tiling tiling = stages.get(number).tiling();
            Stage stage = program.stages().get(number);
            for (View view : stage.stores()) {
                int buffer = view.buffer();
                if (buffers.get(buffer).where() == Plan.Where.IN_ORDER && tiling.count() > 0) {
                    if (view.offset() < written[buffer] || !isInOrder(view, tiling) || !halvesAreInOrder(stage)) {
                        return buffer;
                    }
                    written[buffer] = view.range(new long[tiling.domain().length], tiling.domain())[1] + 1;
                }
            }
        }
        return -1;
    }

    /** Whether a tile that is cut for want of memory is cut along its outermost axis first. */
    private static boolean halvesAreInOrder(Stage stage) {
        long[] domain = stage.domain();
        boolean whole = false;
        for (int axis = 0; axis < domain.length; axis++) {
            if (whole && domain[axis] > 1 && stage.cuts(axis)) {
                return false;
            }
            whole |= domain[axis] > 1 && !stage.cuts(axis);
        }
        return true;
    }

    /** Whether each tile writes a run of elements without gaps that begins where the one before ended. */
    private static boolean isInOrder(View view, Tiling tiling) {
        long[] domain = tiling.domain();
        long stride = 1;
        boolean cut = false;
        for (int axis = domain.length - 1; axis >= 0; axis--) {
            if (domain[axis] > 1 && view.strides()[axis] != stride) {
                return false;
            }
            if (cut && tiling.box()[axis] > 1) {
                return false;
            }
            cut |= tiling.box()[axis] < domain[axis];
            stride *= domain[axis];
        }
        return view.shifts().isEmpty();
    }
}
