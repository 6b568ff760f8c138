package org.imbrex.host.node;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.imbrex.runtime.device.Device;

/**
 * A node's workers: as many threads as its devices work on tiles at once, and one queue of tiles. Whoever has computed a
 * large result and sends it has another thread take its place meanwhile, so that neither device nor connection waits.
 */
final class Workbench implements AutoCloseable {

    /** A tile to run: never throws. */
    interface Job {
        /** @param relief is called by a job that from now on needs the device no more, but may take a while */
        void run(Device device, Runnable relief);
    }

    private record Queued(Job job, Runnable drop) {}

    /** Bytes of a result from which on another thread takes the device while it is sent. */
    private static final long LARGE = 128 << 10;

    private final ArrayDeque<Queued> queue = new ArrayDeque<>();
    private final Surroundings surroundings;
    private final List<Surroundings.Task> threads = new ArrayList<>();
    private final List<Device> devices;
    private final int workers;
    private final long large;
    private final AtomicInteger busy = new AtomicInteger();
    private final AtomicLong done = new AtomicLong();
    private volatile boolean closed;

    Workbench(List<Device> devices, Surroundings surroundings) {
        this(devices, surroundings, LARGE);
    }

    /** @param large from how many bytes on a result takes a while to send */
    Workbench(List<Device> devices, Surroundings surroundings, long large) {
        this.surroundings = surroundings;
        this.large = large;
        this.devices = List.copyOf(devices);
        this.workers = devices.stream().mapToInt(Device::workers).sum();
        devices.forEach(device -> new Post(device).fill());
    }

    /** A device's threads: as many as it has workers are at work or wait for tiles, as many more at most send or rest. */
    private final class Post {
        private final Device device;
        private int hands;
        private int resting;
        private int called;

        Post(Device device) {
            this.device = device;
        }

        void fill() {
            for (int worker = 0; worker < device.workers(); worker++) {
                start();
            }
        }

        private void start() {
            String name = "imbrex-node-" + device.info().id() + "-" + hands;
            Surroundings.Task task = surroundings.start(name, true, this::work);
            hands++;
            synchronized (threads) {
                threads.add(task);
            }
        }

        private void work() {
            while (!closed) {
                try {
                    Job job = next().job;
                    boolean[] relieved = {false};
                    busy.incrementAndGet();
                    try {
                        job.run(device, () -> relieved[0] = relieved[0] || relieve());
                    } finally {
                        busy.decrementAndGet();
                        done.incrementAndGet();
                    }
                    if (relieved[0]) {
                        rest();
                    }
                } catch (InterruptedException e) {
                    return; // the node is closing
                }
            }
        }

        /** Whether another has taken the caller's place. */
        private synchronized boolean relieve() {
            if (resting > called) {
                called++;
                surroundings.wake(this);
                return true;
            }
            if (hands == 2 * device.workers() || closed) {
                return false;
            }
            try {
                start();
                return true;
            } catch (OutOfMemoryError noThread) {
                return false; // what one thread more would have saved is time
            }
        }

        private synchronized void rest() throws InterruptedException {
            resting++;
            while (called == 0 && !closed) {
                surroundings.await(this, Surroundings.FOREVER);
            }
            resting--;
            called = Math.max(0, called - 1);
        }
    }

    private synchronized Queued next() throws InterruptedException {
        while (queue.isEmpty()) {
            surroundings.await(this, Surroundings.FOREVER);
        }
        return queue.remove();
    }

    /** @param drop is called in its place where the workbench ends before it is begun */
    void add(Job job, Runnable drop) {
        synchronized (this) {
            if (!closed) {
                queue.add(new Queued(job, drop));
                surroundings.wake(this);
                return;
            }
        }
        drop.run();
    }

    private synchronized List<Queued> end() {
        closed = true;
        List<Queued> left = List.copyOf(queue);
        queue.clear();
        return left;
    }

    List<Device> devices() {
        return devices;
    }

    int workers() {
        return workers;
    }

    /** How many workers are; one whose place is taken while it sends is another one's. */
    int busy() {
        return Math.min(workers, busy.get());
    }

    /** Whether a result of so many bytes takes a while to send. */
    boolean isLarge(long bytes) {
        return bytes >= large;
    }

    synchronized int waiting() {
        return queue.size();
    }

    long done() {
        return done.get();
    }

    @Override
    public void close() {
        end().forEach(queued -> queued.drop.run());
        List<Surroundings.Task> all;
        synchronized (threads) {
            all = List.copyOf(threads);
        }
        all.forEach(Surroundings.Task::interrupt);
        for (Surroundings.Task thread : all) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
