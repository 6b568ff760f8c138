package org.imbrex.runtime.schedule;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.memory.MemoryBudget;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.memory.Source;
import org.imbrex.runtime.memory.Span;
import org.imbrex.runtime.memory.SpillFile;
import org.imbrex.runtime.tile.Footprint;

/** Where each buffer of one run lies, and the memory that the run holds. */
final class Placement implements AutoCloseable {
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
            if (memory[buffer] != null || where.where() == Plan.Where.IN_PARTS) {
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

    /** Memory from the pool, counted against the budget until it is closed. */
    Lent take(long bytes) {
        BufferPool.Buffer buffer = pool.take(bytes);
        budget.take(buffer.bytes());
        return new Lent(buffer, pool, budget);
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

    /** Whether every buffer that the stage touches lies in memory, so that spans are the same for all its tiles. */
    boolean isResident(Stage stage) {
        return stage.loads().stream().allMatch(view -> memory[view.buffer()] != null)
                && stage.stores().stream().allMatch(view -> memory[view.buffer()] != null);
    }

    /** One span for each load; what must be brought is read into memory that {@code taken} then holds. */
    List<Span> loads(Stage stage, Tile tile, List<Lent> taken) {
        List<Span> spans = new ArrayList<>(stage.loads().size());
        for (int load = 0; load < stage.loads().size(); load++) {
            int buffer = stage.loads().get(load).buffer();
            if (memory[buffer] != null) {
                spans.add(new Span(memory[buffer], 0));
                continue;
            }
            Span known = null;
            for (int before = 0; before < load && known == null; before++) {
                known = stage.loads().get(before).buffer() == buffer ? spans.get(before) : null;
            }
            spans.add(known != null ? known : read(stage, buffer, tile, taken));
        }
        return spans;
    }

    private Span read(Stage stage, int buffer, Tile tile, List<Lent> taken) {
        long[] range = Footprint.bufferRange(stage, buffer, tile);
        long count = range[1] - range[0] + 1;
        if (count <= 0) {
            return new Span(MemorySegment.NULL, 0);
        }
        Lent lent = take(count * program.buffers().get(buffer).dtype().bytes());
        taken.add(lent);
        ((Source.Chunked) sources[buffer]).read(range[0], count, lent.memory());
        return new Span(lent.memory(), range[0]);
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

    /** Hands to sinks what a tile has written beside the buffers. */
    void write(Stage stage, Tile tile, List<Span> stores) {
        for (int store = 0; store < stores.size(); store++) {
            int buffer = stage.stores().get(store).buffer();
            if (memory[buffer] == null) {
                Rows.write((Sink.Chunked) sinks[buffer], stage.stores().get(store), tile, stores.get(store));
            }
        }
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
