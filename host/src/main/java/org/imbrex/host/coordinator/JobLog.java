package org.imbrex.host.coordinator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.kernels.stage.Program;
import org.imbrex.kernels.stage.Stage;
import org.imbrex.kernels.stage.Tile;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.runtime.schedule.TileLog;
import org.imbrex.runtime.tile.Tiling;

/**
 * A job's log: its description, its finished tiles, its end. What a tile has written goes to the stage's file first;
 * once that is on the disk, the record of it goes to the journal. One thread does so for all tiles that wait, so many
 * small tiles share one wait for the disk.
 */
final class JobLog implements TileLog, AutoCloseable {
    /** Tiles that have been written and wait for the disk; more make the workers wait. */
    private static final int MOST_WAITING = 4096;

    private final Path folder;
    private final StageFiles files;
    private final Journal journal;
    private final Map<Tile, StageFiles.Kept> kept = new HashMap<>();
    private final Set<Tile> cuts = new HashSet<>();
    private final Set<Integer> over = new HashSet<>();
    private final List<Aside> aside = new ArrayList<>();
    private List<Tiling> tilings = List.of();
    private Optional<JobSpec> spec = Optional.empty();
    private Optional<byte[]> outcome = Optional.empty();

    private final Thread writer;
    private List<Waiting> waiting = new ArrayList<>();
    private boolean writing;
    private boolean closed;
    private IOException failure;

    /** A node that has given wrong bits. */
    record Aside(String place, String why) {}

    /** A record on its way to the disk, and what is so once it is there. */
    private record Waiting(byte[] record, int stage, Runnable then) {
        static final int NONE = -1;
    }

    /** What stage's data was lost that nothing can compute again by itself. */
    static final class DamagedException extends ImbrexException {
        private static final long serialVersionUID = 1L;

        DamagedException(String message) {
            super(message);
        }
    }

    private enum Kind {
        JOB,
        PLAN,
        TILE,
        CUT,
        OVER,
        AGAIN,
        DONE
    }

    /** Opens the log in a job's folder and reads what is there. */
    JobLog(Path folder) throws IOException {
        this.folder = folder;
        this.files = new StageFiles(folder);
        this.journal = Journal.open(folder.resolve("journal"), this::read);
        try {
            cutFiles();
        } catch (IOException | RuntimeException e) {
            files.close();
            journal.close();
            throw e;
        }
        this.writer = Thread.ofPlatform().daemon().name("imbrex-journal").start(this::write);
    }

    // ---- reading

    private void read(byte[] record) throws IOException {
        Decoder from = new Decoder(record);
        switch (from.choice(Kind.values())) {
            case JOB -> spec = Optional.of(JobSpec.decode(from.rest()));
            case PLAN -> tilings = LogRecords.tilings(from);
            case TILE -> {
                Tile tile = LogRecords.tile(from);
                from.text(); // the node: for people who look
                kept.put(tile, new StageFiles.Kept(from.i64(), from.i64(), from.bytes(JobSpec.DIGEST)));
            }
            case CUT -> cuts.add(LogRecords.tile(from));
            case OVER -> over.addAll(from.list(LogRecords.STAGES, Decoder::u16));
            case AGAIN -> {
                aside.add(new Aside(from.text(), from.text()));
                kept.clear();
                over.clear();
            }
            case DONE -> outcome = Optional.of(from.rest());
        }
        from.end();
    }

    /** Forgets tiles whose bytes are not there, and cuts bytes of tiles that were never recorded. */
    private void cutFiles() throws IOException {
        Map<Integer, Long> sizes = new HashMap<>();
        Map<Integer, Long> ends = new HashMap<>();
        for (Tile tile : kept.keySet()) {
            if (!sizes.containsKey(tile.stage())) {
                sizes.put(tile.stage(), files.size(tile.stage()));
            }
        }
        kept.entrySet().removeIf(entry -> !over.contains(entry.getKey().stage())
                && entry.getValue().end() > sizes.get(entry.getKey().stage()));
        kept.forEach((tile, one) -> ends.merge(tile.stage(), one.end(), Math::max));
        for (Map.Entry<Integer, Long> end : ends.entrySet()) {
            if (!over.contains(end.getKey())) {
                files.cut(end.getKey(), end.getValue());
            }
        }
        for (int stage : over) {
            files.remove(stage);
        }
    }

    /** The job, unless the process ended before it was written down. */
    Optional<JobSpec> spec() {
        return spec;
    }

    /** What {@link #done} was given, if the job is done. */
    synchronized Optional<byte[]> outcome() {
        return outcome;
    }

    /** How many tiles are on the disk. */
    synchronized long count() {
        return kept.size();
    }

    /** Nodes that have given wrong bits in this job. */
    synchronized List<Aside> aside() {
        return List.copyOf(aside);
    }

    /** Bytes of unfinished records that were found at the journal's end. */
    long cutBytes() {
        return journal.cutBytes();
    }

    // ---- writing

    private void write() {
        while (true) {
            List<Waiting> now;
            synchronized (this) {
                writing = false;
                notifyAll();
                while (waiting.isEmpty() && !closed) {
                    if (!awaits()) {
                        return;
                    }
                }
                if (waiting.isEmpty()) {
                    return;
                }
                now = waiting;
                waiting = new ArrayList<>();
                writing = true;
            }
            try {
                Set<Integer> stages = new TreeSet<>();
                now.stream().map(Waiting::stage).filter(stage -> stage != Waiting.NONE).forEach(stages::add);
                for (int stage : stages) {
                    files.force(stage);
                }
                journal.append(now.stream().map(Waiting::record).toList());
            } catch (IOException | UncheckedIOException e) {
                synchronized (this) {
                    failure = e instanceof IOException io ? io : ((UncheckedIOException) e).getCause();
                    closed = true;
                    waiting.clear();
                    writing = false;
                    notifyAll();
                }
                return;
            }
            synchronized (this) {
                now.forEach(one -> one.then.run());
            }
        }
    }

    /** Whether it went on rather than being interrupted. */
    private boolean awaits() {
        try {
            wait();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized void enqueue(byte[] record, int stage, Runnable then) {
        while (waiting.size() >= MOST_WAITING && failure == null) {
            if (!awaits()) {
                throw new ImbrexException("interrupted while a tile was written to " + folder);
            }
        }
        check();
        waiting.add(new Waiting(record, stage, then));
        notifyAll();
    }

    private void check() {
        if (failure != null) {
            throw new UncheckedIOException(failure);
        }
        if (closed) {
            throw new IllegalStateException("the log is closed");
        }
    }

    /** Waits until all that was given is on the disk. */
    synchronized void flush() {
        while (failure == null && (writing || !waiting.isEmpty())) {
            if (!awaits()) {
                throw new ImbrexException("interrupted while tiles were written to " + folder);
            }
        }
        check();
    }

    private static Encoder record(Kind kind) {
        return new Encoder().choice(kind);
    }

    /** Writes down what is to be done. */
    void describe(JobSpec described) {
        enqueue(record(Kind.JOB).bytes(described.encode()).finished(), Waiting.NONE, () -> spec = Optional.of(described));
        flush();
    }

    /** All tiles are to be computed again, without a node that has given wrong bits. */
    void again(String place, String why) throws IOException {
        flush();
        enqueue(record(Kind.AGAIN).text(place).text(why).finished(), Waiting.NONE, () -> {
            aside.add(new Aside(place, why));
            kept.clear();
            over.clear();
        });
        flush();
        removeFiles();
    }

    /** The result is where it should be; tiles are of no use any more. */
    void done(byte[] with) throws IOException {
        flush();
        enqueue(record(Kind.DONE).bytes(with).finished(), Waiting.NONE, () -> outcome = Optional.of(with));
        flush();
        removeFiles();
    }

    private void removeFiles() throws IOException {
        int stages = spec.map(s -> s.program().stages().size()).orElse(0);
        for (int stage = 0; stage < stages; stage++) {
            files.remove(stage);
        }
    }

    // ---- as the scheduler sees it

    @Override
    public synchronized List<Tiling> tilings() {
        return tilings;
    }

    @Override
    public void begin(List<Tiling> now) {
        if (tilings().isEmpty()) {
            enqueue(LogRecords.encode(record(Kind.PLAN), now).finished(), Waiting.NONE, () -> tilings = List.copyOf(now));
            flush();
        }
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
    public void cut(Tile tile) {
        if (!isCut(tile)) {
            enqueue(LogRecords.encode(record(Kind.CUT), tile).finished(), Waiting.NONE, () -> cuts.add(tile));
        }
    }

    @Override
    public synchronized boolean has(Tile tile) {
        return kept.containsKey(tile);
    }

    @Override
    public boolean restore(Tile tile, Memory into) {
        StageFiles.Kept one;
        boolean needed;
        synchronized (this) {
            one = kept.get(tile);
            needed = !over.isEmpty();
        }
        try {
            if (one != null && files.read(tile.stage(), one, into)) {
                return true;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (needed) {
            throw new DamagedException(folder + ": tile " + tile + " is damaged on the disk, and what it was computed"
                    + " from is not kept any more");
        }
        synchronized (this) {
            kept.remove(tile);
        }
        return false;
    }

    @Override
    public void keep(Tile tile, String place, Memory from) {
        StageFiles.Kept one;
        try {
            one = files.write(tile.stage(), from);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] record = LogRecords.encode(record(Kind.TILE), tile)
                .text(place)
                .i64(one.offset())
                .i64(one.bytes())
                .bytes(one.digest())
                .finished();
        enqueue(record, tile.stage(), () -> kept.put(tile, one));
    }

    /** Stages of which nothing is needed any more are over, and their files go. */
    @Override
    public void ended(int stage) {
        flush();
        Program program = spec.orElseThrow().program();
        List<Integer> dead = new ArrayList<>();
        for (int earlier = 0; earlier <= stage; earlier++) {
            if (!isOver(earlier) && isDead(program, earlier, stage)) {
                dead.add(earlier);
            }
        }
        if (dead.isEmpty()) {
            return;
        }
        // one record for all: what one of them was computed from is never gone without it
        enqueue(record(Kind.OVER).list(dead, Encoder::u16).finished(), Waiting.NONE, () -> over.addAll(dead));
        flush();
        try {
            for (int one : dead) {
                files.remove(one);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether no result and no later stage needs what a stage has written. */
    private static boolean isDead(Program program, int earlier, int stage) {
        return program.stages().get(earlier).stores().stream()
                .noneMatch(store -> program.results().contains(store.buffer())
                        || program.stages().subList(stage + 1, program.stages().size()).stream()
                                .anyMatch(later -> reads(later, store.buffer())));
    }

    private static boolean reads(Stage stage, int buffer) {
        return stage.loads().stream().anyMatch(load -> load.buffer() == buffer);
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        files.close();
        journal.close();
    }
}
