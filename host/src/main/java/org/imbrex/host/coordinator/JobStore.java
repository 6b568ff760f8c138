package org.imbrex.host.coordinator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.imbrex.host.format.FileFormat;
import org.imbrex.host.node.NodeException;
import org.imbrex.kernels.type.ImbrexException;

/**
 * A coordinator's folder: {@code jobs/NAME} with a journal and what tiles have written, {@code inputs} by digest,
 * {@code files} where results go that stay. Whatever is in it is found again after the process has ended at any moment.
 */
final class JobStore implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(JobStore.class.getName());
    /** Unfinished and finished ones together. */
    private static final int MOST_JOBS = 4096;

    private final Path root;
    private final FileChannel lockFile;
    private final InputStore inputs;
    private final Map<String, Job> jobs = new LinkedHashMap<>();
    private final Map<String, String> broken = new LinkedHashMap<>();

    /** @throws NodeException where another coordinator has it */
    JobStore(Path root) throws IOException {
        this.root = root;
        Files.createDirectories(root.resolve("jobs"));
        Files.createDirectories(root.resolve("files"));
        this.lockFile = FileChannel.open(
                root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            lock();
            this.inputs = new InputStore(root.resolve("inputs"));
            for (Path folder : Disk.list(root.resolve("jobs"))) {
                find(folder);
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void lock() throws IOException {
        FileLock lock;
        try {
            lock = lockFile.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new NodeException("found another coordinator at work on the store " + root
                    + "; expected one for each store");
        }
    }

    private void find(Path folder) throws IOException {
        String name = folder.getFileName().toString();
        JobLog log;
        try {
            log = new JobLog(folder);
        } catch (IOException | ImbrexException e) {
            broken.put(name, folder + " cannot be read: " + e.getMessage());
            LOG.log(System.Logger.Level.WARNING, broken.get(name));
            return;
        }
        if (log.spec().isEmpty()) {
            log.close(); // nobody was told of it
            Disk.remove(folder);
            return;
        }
        for (Path file : Disk.list(folder)) {
            if (file.getFileName().toString().endsWith(".partial")) {
                Files.delete(file);
            }
        }
        if (log.cutBytes() > 0) {
            LOG.log(System.Logger.Level.INFO, folder + ": cut " + log.cutBytes() + " bytes of records that were not"
                    + " finished");
        }
        jobs.put(name, new Job(log.spec().get(), folder, log));
    }

    InputStore inputs() {
        return inputs;
    }

    /** All jobs, those begun first first. */
    synchronized List<Job> jobs() {
        return List.copyOf(jobs.values());
    }

    /** @throws NodeException where there is none of that name */
    synchronized Job job(String name) {
        Job job = jobs.get(name);
        if (job == null) {
            throw new NodeException(broken.containsKey(name)
                    ? broken.get(name)
                    : "found no job " + name + " here; was it forgotten, or given to another coordinator?");
        }
        return job;
    }

    /** The job of that description, made if there is none yet. */
    synchronized Job submit(JobSpec spec) throws IOException {
        String name = spec.name();
        if (broken.containsKey(name)) {
            throw new NodeException(broken.get(name));
        }
        Job known = jobs.get(name);
        if (known != null) {
            return known;
        }
        if (jobs.size() >= MOST_JOBS) {
            throw new NodeException("found " + jobs.size() + " jobs in the store, which is the most; forget some");
        }
        if (spec.out().isPresent()) {
            target(spec.out().get());
        }
        Path folder = root.resolve("jobs").resolve(name);
        Files.createDirectories(folder);
        try {
            JobLog log = new JobLog(folder);
            try {
                log.describe(spec);
            } catch (RuntimeException e) {
                log.close();
                throw e;
            }
            Disk.force(root.resolve("jobs"));
            Job job = new Job(spec, folder, log);
            jobs.put(name, job);
            return job;
        } catch (UncheckedIOException e) {
            Disk.remove(folder);
            throw e.getCause();
        }
    }

    /** Inputs that a job lacks, and how much of them is there. */
    List<JobStatus.Missing> missing(Job job) throws IOException {
        List<JobStatus.Missing> missing = new ArrayList<>();
        for (int k = 0; k < job.spec.inputs().size(); k++) {
            JobSpec.Input input = job.spec.inputs().get(k);
            if (!inputs.has(input)) {
                missing.add(new JobStatus.Missing(k, inputs.have(input)));
            }
        }
        return missing;
    }

    /**
     * An input of a job.
     *
     * @param waits whether of one that waits for inputs
     */
    synchronized Optional<JobSpec.Input> input(String digest, boolean waits) {
        return jobs.values().stream()
                .filter(job -> !waits || job.state() == JobStatus.State.INCOMPLETE)
                .flatMap(job -> job.spec.inputs().stream())
                .filter(input -> input.digest().equals(digest))
                .findFirst();
    }

    /** Removes inputs that no unfinished job reads. */
    synchronized void dropInputs() throws IOException {
        Set<String> needed = new HashSet<>();
        jobs.values().stream()
                .filter(job -> job.state() != JobStatus.State.DONE)
                .forEach(job -> job.spec.inputs().forEach(input -> needed.add(input.digest())));
        inputs.keepOnly(needed);
    }

    /** Removes a job that does not run. */
    void forget(Job job) throws IOException {
        synchronized (this) {
            jobs.remove(job.name);
        }
        job.close();
        Disk.remove(job.folder);
        dropInputs();
    }

    /**
     * Where a result goes that stays in the store.
     *
     * @throws NodeException where the name leads out of the store, or tells no format
     */
    Path target(String out) throws IOException {
        Path files = root.resolve("files").toRealPath();
        Path named;
        try {
            named = Path.of(out);
        } catch (InvalidPathException e) {
            throw new NodeException("found the store's file '" + out + "', expected a path: " + e.getMessage());
        }
        Path whole = files.resolve(named).normalize();
        boolean hidden = false;
        for (Path part : named) {
            hidden |= part.toString().startsWith(".");
        }
        if (named.isAbsolute() || hidden || !whole.startsWith(files) || whole.equals(files)) {
            throw new NodeException("found the store's file '" + out + "', expected a path inside of the store"
                    + " without '..' and hidden names");
        }
        if (FileFormat.bySuffix(whole).isEmpty()) {
            throw new NodeException("found the store's file '" + out + "', expected .npy, .npz, .csv or .raw");
        }
        Path there = whole.getParent();
        while (!Files.exists(there)) {
            there = there.getParent();
        }
        if (!there.toRealPath().startsWith(files)) {
            throw new NodeException("found the store's file '" + out + "', which a link leads out of the store");
        }
        Files.createDirectories(whole.getParent());
        return whole;
    }

    @Override
    public void close() throws IOException {
        for (Job job : jobs()) {
            job.close();
        }
        lockFile.close();
    }
}
