package org.imbrex.host.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Virtual time: threads that take turns, one at a time, as a seed decides, and events between their turns. Time passes
 * only while all wait. The same seed gives the same order of everything, so a failure can be run again.
 *
 * <p>Threads are real (virtual) ones with real monitors, because the code that they run is; a turn is handed over where
 * it waits, sleeps or reads.
 */
final class SimulatedTime implements Surroundings {
    /** More turns than any schedule that makes progress takes. */
    private static final int MOST_TURNS = 300_000;
    /** One turn in so many begins late, as after a pause of a collector. */
    private static final int PAUSE_ONE_IN = 400;

    private static final int MOST_PAUSE_NANOS = 300_000_000;

    /** Makes the connection that a member asks for. */
    interface Network {
        Met meet(InetSocketAddress address, Caller caller) throws IOException, InterruptedException;
    }

    private record Event(long at, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
        }
    }

    /** A thread of the simulation. */
    final class Fiber implements Task {
        private final String name;
        private final Thread thread;
        private volatile boolean turn;
        private boolean started;
        private boolean waiting;
        private boolean interrupted;
        private boolean done;
        private Object monitor;
        private long ticket;
        private final List<Fiber> joining = new ArrayList<>(1);

        private Fiber(String name, Runnable body) {
            this.name = name;
            this.thread = Thread.ofVirtual().name(name).unstarted(() -> {
                try {
                    body.run();
                } catch (Throwable e) {
                    fail(e);
                }
                done = true;
                alive.remove(this);
                joining.forEach(SimulatedTime.this::ready);
                handOver(this);
            });
        }

        /** The test's own thread. */
        private Fiber(String name) {
            this.name = name;
            this.thread = Thread.currentThread();
            this.started = true;
        }

        @Override
        public void interrupt() {
            interrupted = true;
            if (waiting) {
                ready(this);
            }
        }

        @Override
        public void join() throws InterruptedException {
            while (!done) {
                joining.add(current);
                block(null, FOREVER);
            }
        }
    }

    final Random random;
    private final Network network;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final List<Fiber> ready = new ArrayList<>();
    private final List<Fiber> atMonitors = new ArrayList<>();
    private final Fiber main = new Fiber("main");
    private Fiber current = main;
    private long now;
    private long order;
    private int turns;
    private final Set<Fiber> alive = new LinkedHashSet<>();
    private Throwable failure;

    SimulatedTime(long seed, Network network) {
        this.random = new Random(seed);
        this.network = network;
    }

    int turns() {
        return turns;
    }

    /** A clock for what wants one. */
    LongSupplier clock() {
        return () -> now;
    }

    /** Something that happens at a time, between turns; it must not wait. */
    void at(long nanos, Runnable action) {
        events.add(new Event(Math.max(now, nanos), order++, action));
    }

    void after(long nanos, Runnable action) {
        at(now + nanos, action);
    }

    Fiber current() {
        return current;
    }

    /** Ends the simulation with what should never happen. */
    void fail(Throwable e) {
        failure = failure == null ? e : failure;
        if (main.waiting) {
            ready(main);
        }
    }

    void ready(Fiber fiber) {
        if (fiber.waiting) {
            fiber.waiting = false;
            atMonitors.remove(fiber);
            ready.add(fiber);
        }
    }

    private Fiber pick() {
        while (true) {
            if (failure != null && !main.done) {
                main.waiting = false;
                ready.remove(main);
                return main;
            }
            if (!ready.isEmpty()) {
                int which = random.nextInt(ready.size());
                Fiber fiber = ready.set(which, ready.getLast());
                ready.removeLast();
                if (random.nextInt(PAUSE_ONE_IN) == 0) {
                    after(random.nextInt(MOST_PAUSE_NANOS), () -> ready.add(fiber));
                    continue;
                }
                if (++turns > MOST_TURNS) {
                    failure = new AssertionError("no end after " + turns + " turns, at " + now / 1_000_000 + " ms");
                }
                return fiber;
            }
            Event event = events.poll();
            if (event == null) {
                failure = new AssertionError("all wait for each other at " + now / 1_000_000 + " ms");
                continue;
            }
            now = event.at;
            event.action.run();
        }
    }

    private void handOver(Fiber self) {
        Fiber next = pick();
        current = next;
        if (next == self) {
            return;
        }
        self.turn = false;
        if (!next.started) {
            next.started = true;
            next.turn = true;
            next.thread.start();
        } else if (next.monitor == null) {
            next.turn = true;
            LockSupport.unpark(next.thread);
        } else {
            // within its monitor: it goes on only when we need that no more
            synchronized (next.monitor) {
                next.turn = true;
                next.monitor.notifyAll();
            }
        }
        while (!self.done && !self.turn) {
            if (self.monitor == null) {
                LockSupport.park(this);
            } else {
                try {
                    self.monitor.wait();
                } catch (InterruptedException e) {
                    throw new IllegalStateException("nobody interrupts a simulation's threads", e);
                }
            }
        }
    }

    /** Waits until made ready, or for so long; the monitor is given up meanwhile. */
    void block(Object monitor, long nanos) throws InterruptedException {
        Fiber self = current;
        if (self.interrupted) {
            self.interrupted = false;
            throw new InterruptedException();
        }
        self.monitor = monitor;
        self.waiting = true;
        long ticket = ++self.ticket;
        if (monitor != null) {
            atMonitors.add(self);
        }
        if (nanos != FOREVER) {
            after(nanos, () -> {
                if (self.ticket == ticket) {
                    ready(self);
                }
            });
        }
        handOver(self);
        self.ticket++;
        if (self == main && failure != null) {
            throw new AssertionError(failure.getMessage(), failure);
        }
        if (self.interrupted) {
            self.interrupted = false;
            throw new InterruptedException();
        }
    }

    @Override
    public long nanos() {
        return now;
    }

    @Override
    public void await(Object monitor, long nanos) throws InterruptedException {
        block(monitor, nanos);
    }

    @Override
    public void wake(Object monitor) {
        for (Fiber fiber : List.copyOf(atMonitors)) {
            if (fiber.monitor == monitor) {
                ready(fiber);
            }
        }
    }

    @Override
    public void sleep(long nanos) throws InterruptedException {
        block(null, nanos);
    }

    @Override
    public void between() {
        boolean interrupted = false;
        for (int turns = random.nextInt(3); turns > 0; turns--) {
            try {
                block(null, 0);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        current.interrupted |= interrupted;
    }

    @Override
    public Fiber start(String name, boolean quick, Runnable body) {
        Fiber fiber = new Fiber(name, body);
        alive.add(fiber);
        ready.add(fiber);
        return fiber;
    }

    @Override
    public Met meet(InetSocketAddress address, Caller caller) throws IOException {
        try {
            return network.meet(address, caller);
        } catch (InterruptedException e) {
            current.interrupted = true;
            throw new IOException("interrupted", e);
        }
    }

    /** Until every thread has ended. */
    void end() throws InterruptedException {
        for (int wait = 0; !alive.isEmpty(); wait++) {
            if (wait > 1000) {
                throw new AssertionError("threads that do not end: "
                        + alive.stream().map(fiber -> fiber.name).toList());
            }
            sleep(100_000_000);
        }
    }
}
