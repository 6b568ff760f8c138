package org.imbrex.host.coordinator;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.imbrex.host.node.Door;
import org.imbrex.host.node.Fleet;
import org.imbrex.host.node.NodeException;
import org.imbrex.host.node.trust.Greeting;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.memory.BufferPool;

/**
 * Runs jobs on nodes for clients that may go away. What it has finished lies in its store: a process that is ended at
 * any moment and started again goes on with the tiles that are missing.
 *
 * <p>One job at a time, in the order in which they were complete.
 */
public final class Coordinator implements AutoCloseable {
    private final CoordinatorOptions options;
    private final JobStore store;
    private final BufferPool pool;
    private final JobRunner runner;
    private final LinkedBlockingQueue<Job> queue = new LinkedBlockingQueue<>();
    private final Thread worker;
    private final Door door;
    private Job running;
    private boolean closed;

    private Coordinator(CoordinatorOptions options, Function<Fleet, Devices> devices) throws IOException {
        this.options = options;
        this.store = new JobStore(options.store());
        this.pool = new BufferPool(options.memoryBytes() / 2);
        this.runner = new JobRunner(store, options, devices, pool);
        for (Job job : store.jobs()) {
            ready(job);
        }
        this.worker = Thread.ofPlatform().daemon().name("imbrex-jobs").unstarted(this::work);
        try {
            this.door = Door.open(
                    new Door.Options(
                            options.listen(),
                            options.clients(),
                            options.credentials(),
                            options.timeout(),
                            options.software(),
                            Greeting.TAKES_JOBS),
                    new Desk());
        } catch (IOException | RuntimeException e) {
            store.close();
            pool.close();
            throw e;
        }
        worker.start();
    }

    /**
     * Starts a coordinator, which goes on with the jobs in its store.
     *
     * @param devices makes the devices of a run with these nodes
     * @throws NodeException where it cannot listen there, or another one uses the store
     */
    public static Coordinator start(CoordinatorOptions options, Function<Fleet, Devices> devices) throws IOException {
        return new Coordinator(options, devices);
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return door.address();
    }

    /** Its jobs. */
    public List<JobStatus> jobs() {
        return store.jobs().stream().map(job -> job.status(List.of())).toList();
    }

    /** What it has done so far, by name. */
    public Map<String, Long> numbers() {
        Map<String, Long> numbers = new LinkedHashMap<>();
        List<JobStatus> jobs = jobs();
        for (JobStatus.State state : JobStatus.State.values()) {
            numbers.put(
                    "jobs_" + state.name().toLowerCase(java.util.Locale.ROOT),
                    jobs.stream().filter(job -> job.state() == state).count());
        }
        numbers.put("tiles_done", jobs.stream().mapToLong(JobStatus::done).sum());
        numbers.put("draining", 0L);
        numbers.putAll(door.numbers());
        return numbers;
    }

    private final class Desk implements Door.Host {
        @Override
        public byte[] welcome() {
            return new Encoder()
                    .u16(0)
                    .u16(0)
                    .i64(0)
                    .i32((int) options.timeout().toMillis())
                    .finished();
        }

        @Override
        public void serve(Wire wire) throws IOException {
            try (Visit visit = new Visit(wire, Coordinator.this)) {
                visit.serve();
            }
        }
    }

    JobStore store() {
        return store;
    }

    /** The job of that description, begun if it is new, gone on with where it has failed. */
    JobStatus submit(JobSpec spec) throws IOException {
        Job job = store.submit(spec);
        ready(job);
        return status(job);
    }

    JobStatus status(Job job) throws IOException {
        return job.status(job.state() == JobStatus.State.INCOMPLETE ? store.missing(job) : List.of());
    }

    /** Queues a job that has all it needs. */
    private synchronized void ready(Job job) throws IOException {
        boolean idle = job.state() == JobStatus.State.INCOMPLETE || job.state() == JobStatus.State.FAILED;
        if (!idle) {
            return;
        }
        if (store.missing(job).isEmpty()) {
            job.is(JobStatus.State.WAITING, queue.isEmpty() && running == null ? "" : "other jobs are before it");
            queue.add(job);
        } else {
            job.is(JobStatus.State.INCOMPLETE, "");
        }
    }

    /** An input has come whole. */
    void inputCame() throws IOException {
        for (Job job : store.jobs()) {
            if (job.state() == JobStatus.State.INCOMPLETE) {
                ready(job);
            }
        }
    }

    private void work() {
        try {
            while (true) {
                Job job = queue.take();
                synchronized (this) {
                    if (closed || job.cancellation.isAsked()) {
                        continue;
                    }
                    running = job;
                }
                try {
                    runner.run(job);
                } finally {
                    synchronized (this) {
                        running = null;
                        notifyAll();
                    }
                }
            }
        } catch (InterruptedException e) {
            return; // closed
        }
    }

    /** Ends a job if it runs, and removes all there is of it but a result that stays in the store. */
    void forget(String name) throws IOException {
        Job job = store.job(name);
        synchronized (this) {
            job.cancellation.cancel();
            queue.remove(job);
            try {
                while (running == job) {
                    wait();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new NodeException("interrupted while job " + name + " was being ended");
            }
        }
        store.forget(job);
    }

    /** Ends at once; what tiles have finished is kept. */
    @Override
    public void close() {
        door.close();
        synchronized (this) {
            closed = true;
            if (running != null) {
                running.cancellation.cancel();
            }
        }
        worker.interrupt();
        try {
            worker.join();
            store.close();
        } catch (IOException e) {
            throw new NodeException("cannot close the store " + options.store() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        pool.close();
    }

    /** For its clients: those that are longest there first. */
    List<JobStatus> list(int most) {
        List<JobStatus> all = new ArrayList<>(jobs());
        return all.subList(Math.max(0, all.size() - most), all.size());
    }
}
