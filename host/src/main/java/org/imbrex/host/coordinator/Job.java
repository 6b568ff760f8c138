package org.imbrex.host.coordinator;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.runtime.schedule.Cancellation;
import org.imbrex.runtime.schedule.Progress;
import org.imbrex.runtime.schedule.Summary;

/** A job in a coordinator's store: what it is, its log, how far it is. */
final class Job implements Progress, AutoCloseable {
    final String name;
    final JobSpec spec;
    final Path folder;
    final JobLog log;
    final Cancellation cancellation = new Cancellation();
    /** Tiles that were there when this process began. */
    final long found;

    private JobStatus.State state = JobStatus.State.INCOMPLETE;
    private String message = "";
    private volatile long done;
    private volatile long total;
    private Optional<Summary> summary = Optional.empty();

    Job(JobSpec spec, Path folder, JobLog log) throws IOException {
        this.name = spec.name();
        this.spec = spec;
        this.folder = folder;
        this.log = log;
        long there = log.count();
        this.done = there;
        this.total = log.tilings().stream().mapToLong(tiling -> tiling.count()).sum();
        if (log.outcome().isPresent()) {
            Decoder from = new Decoder(log.outcome().get());
            there = from.i64();
            this.done = this.total = there;
            this.summary = Optional.of(Summaries.decode(from));
            this.state = JobStatus.State.DONE;
        }
        this.found = there;
    }

    Path result() {
        return folder.resolve("result");
    }

    synchronized JobStatus.State state() {
        return state;
    }

    synchronized void is(JobStatus.State now, String why) {
        state = now;
        message = why;
    }

    @Override
    public void tiles(long tiles, long of) {
        done = Math.max(done, tiles);
        total = of;
    }

    /** Writes down that the result is in its place. */
    void done(Summary with) throws IOException {
        Encoder to = new Encoder().i64(total);
        Summaries.encode(to, with);
        log.done(to.finished());
        synchronized (this) {
            summary = Optional.of(with);
            done = total;
            state = JobStatus.State.DONE;
            message = "";
        }
    }

    /** @param missing inputs that are not there */
    synchronized JobStatus status(List<JobStatus.Missing> missing) {
        return new JobStatus(
                name, spec.label(), state, done, total, found, message, missing, spec.type(), spec.out(), summary);
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
