package org.imbrex.runtime.schedule;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.memory.MemoryBudget;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.memory.Source;
import org.imbrex.runtime.memory.Span;
import org.imbrex.runtime.memory.SpillFile;
import org.imbrex.runtime.tile.Footprint;

/** Where each buffer of one run lies, and the memory that the run holds. */
final class Placement implements AutoCloseable {
    private static final Span NOTHING = new Span(MemorySegment.NULL, 0);

    private final Program program;
    private final Plan plan;
    private final BufferPool pool;
    private final MemoryBudget budget;
    private final Source[] sources;
    private final Sink[] sinks;
    private final MemorySegment[] memory;
    private final AutoCloseable[] held;

    Placement(
            Program program, Plan plan, List<Source> inputs, List<Sink> results, BufferPool pool, MemoryBudget budget) {
        this.program = program;
        this.plan = plan;
        this.pool = pool;
        this.budget = budget;
        int count = program.buffers().size();
        sources = new Source[count];
        sinks = new Sink[count];
        memory = new MemorySegment[count];
        held = new AutoCloseable[count];
        for (int k = 0; k < inputs.size(); k++) {
            sources[k] = inputs.get(k);
            if (inputs.get(k) instanceof Source.Resident resident) {
                memory[k] = resident.memory();
            }
        }
        for (int k = 0; k < results.size(); k++) {
            int buffer = program.results().get(k);
            sinks[buffer] = results.get(k);
            if (results.get(k) instanceof Sink.Resident resident) {
                memory[buffer] = resident.memory();
            }
        }
    }

    /** Makes room for what a stage writes first. */
    void begin(Stage stage) {
        for (var view : stage.stores()) {
            int buffer = view.buffer();
            Plan.BufferPlan where = plan.buffers().get(buffer);
            if (memory[buffer] != null || where.where().inParts()) {
                continue;
            }
            long bytes = Math.max(1, program.buffers().get(buffer).bytes());
            if (where.where() == Plan.Where.SPILLED) {
                SpillFile file = new SpillFile(bytes);
                memory[buffer] = file.memory();
                held[buffer] = file;
            } else {
                Lent lent = take(bytes);
                memory[buffer] = lent.memory();
                held[buffer] = lent;
            }
        }
    }

    /** Writes out and frees what no later stage needs. */
    void end(int stage) {
        for (int buffer = 0; buffer < held.length; buffer++) {
            if (plan.buffers().get(buffer).lastStage() == stage) {
                if (held[buffer] != null && sinks[buffer] instanceof Sink.Chunked sink) {
                    Rows.write(sink, memory[buffer], 0, program.buffers().get(buffer));
                }
                free(buffer);
            }
        }
    }

    /**
     * Memory from the pool, counted against the budget until it is closed.
     *
     * @throws ImbrexException where the machine has none
     */
    Lent take(long bytes) {
        try {
            BufferPool.Buffer buffer = pool.take(bytes, budget.bytes());
            budget.take(buffer.bytes());
            return new Lent(buffer, pool, budget);
        } catch (OutOfMemoryError e) {
            throw new ImbrexException("this machine has no " + bytes + " bytes of memory left for a part of an array,"
                    + " with " + budget.used() + " of a budget of " + budget.bytes()
                    + " bytes in use: set a smaller memory budget", e);
        }
    }

    record Lent(BufferPool.Buffer buffer, BufferPool pool, MemoryBudget budget) implements AutoCloseable {
        MemorySegment memory() {
            return buffer.memory();
        }

        @Override
        public void close() {
            budget.give(buffer.bytes());
            pool.give(buffer);
        }
    }

    /** Whether what views see lies in memory. */
    boolean isAtHand(List<View> views) {
        for (View view : views) {
            if (memory[view.buffer()] == null) {
                return false;
            }
        }
        return true;
    }

    /** Whether every buffer that the stage touches lies in memory, so that spans are the same for all its tiles. */
    boolean isResident(Stage stage) {
        return isAtHand(stage.loads()) && isAtHand(stage.stores());
    }

    /** One span for each load; what must be brought is read into memory that {@code taken} then holds. */
    List<Span> loads(Stage stage, Tile tile, TileMemory parts, List<Lent> taken) {
        Span[] spans = new Span[stage.loads().size()];
        for (TileMemory.Part part : parts.parts(tile)) {
            Span span = memory[part.buffer()] != null ? new Span(memory[part.buffer()], 0) : read(part, taken);
            for (int load : part.loads()) {
                spans[load] = span;
            }
        }
        for (int load = 0; load < spans.length; load++) {
            spans[load] = spans[load] == null ? NOTHING : spans[load];
        }
        return List.of(spans);
    }

    /** Spans of whole buffers, for stages that are {@link #isResident}. */
    List<Span> whole(List<View> views) {
        Span[] spans = new Span[views.size()];
        for (int k = 0; k < spans.length; k++) {
            spans[k] = new Span(memory[views.get(k).buffer()], 0);
        }
        return List.of(spans);
    }

    private Span read(TileMemory.Part part, List<Lent> taken) {
        Lent lent = take(part.count() * program.buffers().get(part.buffer()).dtype().bytes());
        taken.add(lent);
        ((Source.Chunked) sources[part.buffer()]).read(part.first(), part.count(), lent.memory());
        return new Span(lent.memory(), part.first());
    }

    /** One span for each store: the buffer itself, or memory that {@link #write} hands to the sink. */
    List<Span> stores(Stage stage, Tile tile, List<Lent> taken) {
        List<Span> spans = new ArrayList<>(stage.stores().size());
        for (int store = 0; store < stage.stores().size(); store++) {
            int buffer = stage.stores().get(store).buffer();
            if (memory[buffer] != null) {
                spans.add(new Span(memory[buffer], 0));
            } else {
                spans.add(scratch(stage, store, tile, taken));
            }
        }
        return spans;
    }

    /** Memory for what a tile writes through one store. */
    Span scratch(Stage stage, int store, Tile tile, List<Lent> taken) {
        long[] range = Footprint.storeRange(stage, store, tile);
        Lent lent = take(Math.max(1, range[1] - range[0] + 1) * stage.stores().get(store).dtype().bytes());
        taken.add(lent);
        return new Span(lent.memory(), range[0]);
    }

    /** Hands to sinks what a tile has written beside the buffers; how many bytes. */
    long write(Stage stage, Tile tile, List<Span> stores) {
        long bytes = 0;
        for (int store = 0; store < stores.size(); store++) {
            View view = stage.stores().get(store);
            if (memory[view.buffer()] == null) {
                Rows.write((Sink.Chunked) sinks[view.buffer()], view, tile, stores.get(store));
                bytes += tile.elements() * view.dtype().bytes();
            }
        }
        return bytes;
    }

    private void free(int buffer) {
        AutoCloseable freed = held[buffer];
        held[buffer] = null;
        if (freed != null) {
            memory[buffer] = null;
            switch (freed) {
                case Lent lent -> lent.close();
                case SpillFile file -> file.close();
                default -> throw new IllegalStateException("unknown holder " + freed);
            }
        }
    }

    @Override
    public void close() {
        for (int buffer = 0; buffer < held.length; buffer++) {
            free(buffer);
        }
    }
}
