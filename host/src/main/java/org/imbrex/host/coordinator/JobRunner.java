package org.imbrex.host.coordinator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.imbrex.host.format.ArrayFiles;
import org.imbrex.host.format.FileFormat;
import org.imbrex.host.format.OutputFile;
import org.imbrex.host.format.WriteOptions;
import org.imbrex.host.node.Fleet;
import org.imbrex.host.node.FleetOptions;
import org.imbrex.host.node.NodeException;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.memory.BufferPool;
import org.imbrex.runtime.memory.Sink;
import org.imbrex.runtime.memory.Source;
import org.imbrex.runtime.schedule.RunOptions;
import org.imbrex.runtime.schedule.Scheduler;
import org.imbrex.runtime.schedule.Summary;
import org.imbrex.runtime.schedule.WrongBitsException;

/** Runs a job on the nodes until it is done or cannot be: what one try has finished the next one keeps. */
final class JobRunner {
    private static final System.Logger LOG = System.getLogger(JobRunner.class.getName());
    /** Tries that lose all nodes one after another without a tile finished: it may be the job that ends them. */
    private static final int FRUITLESS = 3;

    private static final long PAUSE_MILLIS = 1000;

    private final JobStore store;
    private final CoordinatorOptions options;
    private final Function<Fleet, Devices> devices;
    private final BufferPool pool;

    JobRunner(JobStore store, CoordinatorOptions options, Function<Fleet, Devices> devices, BufferPool pool) {
        this.store = store;
        this.options = options;
        this.devices = devices;
        this.pool = pool;
    }

    /** To its end, or until it is cancelled. */
    void run(Job job) throws InterruptedException {
        int fruitless = 0;
        while (!job.cancellation.isAsked()) {
            long before = job.log.count();
            try {
                if (attempt(job)) {
                    return;
                }
            } catch (WrongBitsException e) {
                fail(job, e); // no other node is left
                return;
            } catch (DeviceException e) {
                fruitless = job.log.count() > before ? 0 : fruitless + 1;
                if (e.kind() != DeviceException.Kind.LOST || fruitless == FRUITLESS) {
                    fail(job, e);
                    return;
                }
                job.is(JobStatus.State.WAITING, e.getMessage());
            } catch (JobLog.DamagedException e) {
                LOG.log(System.Logger.Level.WARNING, e.getMessage() + ": all tiles are computed again");
                try {
                    job.log.again("", e.getMessage());
                } catch (IOException io) {
                    fail(job, io);
                    return;
                }
            } catch (IOException | RuntimeException | Error e) {
                fail(job, e);
                return;
            }
            if (job.state() == JobStatus.State.WAITING) {
                job.cancellation.await(PAUSE_MILLIS);
            }
        }
    }

    private static void fail(Job job, Throwable e) {
        Throwable cause = e instanceof UncheckedIOException io ? io.getCause() : e;
        String why = cause instanceof ImbrexException ? cause.getMessage() : said(cause);
        job.is(JobStatus.State.FAILED, why);
        LOG.log(System.Logger.Level.WARNING, "job " + job.name + " failed: " + why);
    }

    private static String said(Throwable e) {
        return e instanceof IOException && e.getMessage() != null ? e.getMessage() : e.toString();
    }

    /** @return whether it is done */
    private boolean attempt(Job job) throws IOException {
        FleetOptions nodes;
        try {
            nodes = options.nodes().find();
        } catch (IOException | NodeException e) {
            job.is(JobStatus.State.WAITING, "the nodes cannot be looked up: " + e.getMessage());
            return false;
        }
        try (Fleet fleet = new Fleet(nodes);
                Devices found = devices.apply(fleet)) {
            Backend.Discovery discovery = found.discover(Fleet.NAME);
            if (discovery.devices().isEmpty()) {
                job.is(JobStatus.State.WAITING, "no node is there: " + String.join("; ", discovery.notes()));
                return false;
            }
            job.log.aside().stream().filter(one -> !one.place().isEmpty()).forEach(one -> fleet.putAside(one.place(), one.why()));
            job.is(JobStatus.State.RUNNING, "");
            try (Scheduler scheduler = new Scheduler(found, pool);
                    Arena arena = Arena.ofShared()) {
                job.done(run(job, scheduler, arena));
            } catch (WrongBitsException e) {
                if (!fleet.putAside(e.device(), e.getMessage())) {
                    throw e;
                }
                job.log.again(e.device(), e.getMessage());
                return false;
            }
        }
        store.dropInputs();
        return true;
    }

    private Summary run(Job job, Scheduler scheduler, Arena arena) throws IOException {
        JobSpec spec = job.spec;
        RunOptions how = RunOptions.defaults()
                .withDevice(Fleet.NAME)
                .withMemory(options.memoryBytes())
                .withVerify(spec.verify())
                .withLog(job.log)
                .withProgress(job)
                .withCancellation(job.cancellation);
        RunOptions tiled = spec.tile().isPresent() ? how.withTile(spec.tile().get()) : how;
        FileFormat format = spec.out().flatMap(out -> FileFormat.bySuffix(Path.of(out))).orElse(FileFormat.RAW);
        try (OutputFile out = ArrayFiles.create(job.result(), spec.type(), WriteOptions.of(format))) {
            Sink sink = out.sink();
            Summary summary = scheduler.run(spec.program(), sources(spec, arena), List.of(sink), tiled);
            out.commit();
            Disk.force(job.result());
            Disk.force(job.folder);
            if (spec.out().isPresent()) {
                Path target = store.target(spec.out().get());
                Files.move(job.result(), target, StandardCopyOption.ATOMIC_MOVE);
                Disk.force(target.getParent());
            }
            return summary;
        }
    }

    /** Inputs lie in files that nobody changes, so they are used where they are. */
    private List<Source> sources(JobSpec spec, Arena arena) throws IOException {
        List<Source> sources = new ArrayList<>();
        for (JobSpec.Input input : spec.inputs()) {
            try (FileChannel channel = FileChannel.open(store.inputs().file(input), StandardOpenOption.READ)) {
                MemorySegment memory = channel.map(FileChannel.MapMode.READ_ONLY, 0, input.bytes(), arena);
                sources.add(new Source.Resident(memory));
            }
        }
        return sources;
    }
}
