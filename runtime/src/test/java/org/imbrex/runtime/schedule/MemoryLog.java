package org.imbrex.runtime.schedule;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.runtime.tile.Tiling;

/** A log in memory that ends runs after some tiles, as if their process were killed, and complains of repeated work. */
final class MemoryLog implements TileLog {
    private final Program program;
    private final Map<Tile, byte[]> kept = new HashMap<>();
    private final Set<Tile> cuts = new HashSet<>();
    private final Set<Integer> over = new HashSet<>();
    private List<Tiling> tilings = List.of();
    private int left;
    private int restored;

    /** The process has ended. */
    static final class EndedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    MemoryLog(Program program) {
        this.program = program;
    }

    synchronized void endAfter(int tiles) {
        left = tiles;
    }

    synchronized int restored() {
        return restored;
    }

    @Override
    public synchronized List<Tiling> tilings() {
        return tilings;
    }

    @Override
    public synchronized void begin(List<Tiling> now) {
        if (!tilings.isEmpty() && !tilings.equals(now)) {
            throw new AssertionError("cut as " + now + ", expected " + tilings);
        }
        tilings = now;
    }

    @Override
    public synchronized boolean isOver(int stage) {
        return over.contains(stage);
    }

    @Override
    public synchronized boolean isCut(Tile tile) {
        return cuts.contains(tile);
    }

    @Override
    public synchronized void cut(Tile tile) {
        cuts.add(tile);
    }

    @Override
    public synchronized boolean has(Tile tile) {
        return kept.containsKey(tile);
    }

    @Override
    public synchronized boolean restore(Tile tile, Memory into) {
        byte[] bytes = kept.get(tile);
        int[] at = new int[1];
        into.each(run -> {
            MemorySegment.copy(bytes, at[0], run, ValueLayout.JAVA_BYTE, 0, (int) run.byteSize());
            at[0] += (int) run.byteSize();
        });
        if (at[0] != bytes.length || at[0] != into.bytes()) {
            throw new AssertionError(tile + ": found " + at[0] + " bytes, expected " + bytes.length);
        }
        restored++;
        return true;
    }

    @Override
    public synchronized void keep(Tile tile, String place, Memory from) {
        if (left-- <= 0) {
            throw new EndedException();
        }
        List<byte[]> runs = new ArrayList<>();
        from.each(run -> runs.add(run.toArray(ValueLayout.JAVA_BYTE)));
        byte[] all = new byte[(int) from.bytes()];
        int at = 0;
        for (byte[] run : runs) {
            System.arraycopy(run, 0, all, at, run.length);
            at += run.length;
        }
        if (at != all.length) {
            throw new AssertionError(tile + ": found " + at + " bytes, expected " + all.length);
        }
        if (kept.put(tile, all) != null) {
            throw new AssertionError(tile + " was computed although it was there");
        }
    }

    /** As a log on a disk does: what only stages before this one read is needed no more. */
    @Override
    public synchronized void ended(int stage) {
        for (int earlier = 0; earlier <= stage; earlier++) {
            boolean needed = program.stages().get(earlier).stores().stream()
                    .anyMatch(store -> program.results().contains(store.buffer())
                            || program.stages().subList(stage + 1, program.stages().size()).stream()
                                    .anyMatch(later -> later.loads().stream()
                                            .anyMatch(load -> load.buffer() == store.buffer())));
            if (!needed) {
                int dead = earlier;
                over.add(dead);
                kept.keySet().removeIf(tile -> tile.stage() == dead);
            }
        }
    }
}
