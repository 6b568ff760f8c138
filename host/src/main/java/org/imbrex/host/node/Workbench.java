package org.imbrex.host.node;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.imbrex.runtime.device.Device;

/** A node's workers: as many threads as its devices work on tiles at once, and one queue of tiles. */
final class Workbench implements AutoCloseable {

    /** A tile to run: never throws. */
    interface Job {
        void run(Device device);
    }

    private record Queued(Job job, Runnable drop) {}

    private final ArrayDeque<Queued> queue = new ArrayDeque<>();
    private final Surroundings surroundings;
    private final List<Surroundings.Task> threads = new ArrayList<>();
    private final List<Device> devices;
    private final AtomicInteger busy = new AtomicInteger();
    private final AtomicLong done = new AtomicLong();
    private volatile boolean closed;

    Workbench(List<Device> devices, Surroundings surroundings) {
        this.surroundings = surroundings;
        this.devices = List.copyOf(devices);
        for (Device device : devices) {
            for (int worker = 0; worker < device.workers(); worker++) {
                String name = "imbrex-node-" + device.info().id() + "-" + worker;
                threads.add(surroundings.start(name, true, () -> work(device)));
            }
        }
    }

    private void work(Device device) {
        while (!closed) {
            try {
                Job job = next().job;
                busy.incrementAndGet();
                try {
                    job.run(device);
                } finally {
                    busy.decrementAndGet();
                    done.incrementAndGet();
                }
            } catch (InterruptedException e) {
                return; // the node is closing
            }
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
        return threads.size();
    }

    int busy() {
        return busy.get();
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
        threads.forEach(Surroundings.Task::interrupt);
        for (Surroundings.Task thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
