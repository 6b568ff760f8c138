package org.imbrex.host.node;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.host.node.wire.WireException;

/** One node of a fleet: connects to it, and again whenever it was lost, until the fleet is closed. */
final class Member {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    /** How often a node that hangs up, as one does to which many strangers come, is tried before it counts as away. */
    private static final int FIRST_TRIES = 4;

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    final String name;
    final int number;
    private final InetSocketAddress address;
    private final Fleet fleet;
    private final Surroundings surroundings;
    private final Surroundings.Task task;
    private volatile Connection connection;
    private volatile String trouble = "";
    private volatile String aside = "";
    private volatile boolean closed;
    private boolean tried;

    /** How many of our tiles it holds, and how much of its memory they take: guarded by the room. */
    int flying;

    long flyingBytes;

    /** What of its workers is taken, by which the room orders nodes. */
    private double load;

    /** @param number its place in the fleet */
    Member(InetSocketAddress address, int number, Fleet fleet) {
        this.address = address;
        this.number = number;
        this.name = FleetOptions.name(address);
        this.fleet = fleet;
        this.surroundings = fleet.surroundings();
        this.task = surroundings.start("imbrex-node " + name, !Fleet.isMany(fleet.options()), () -> {
            try {
                keepConnected();
            } finally {
                tried(); // who waits for a first try must not wait for ever
            }
        });
    }

    double load() {
        return load;
    }

    void count(int workers) {
        load = (double) flying / workers;
    }

    private void keepConnected() {
        Duration pause = FIRST_PAUSE;
        int tries = 0;
        while (!closed && aside.isEmpty()) {
            boolean turnedAway = false;
            try {
                Connection now = connect();
                pause = FIRST_PAUSE;
                serve(now);
            } catch (IOException | RuntimeException e) {
                trouble = NodeException.why(e);
                turnedAway = e instanceof EOFException || e instanceof SocketException && !(e instanceof ConnectException);
            }
            if (!turnedAway || ++tries == FIRST_TRIES) {
                tried();
            }
            try {
                surroundings.sleep(pause.toNanos());
            } catch (InterruptedException e) {
                return; // closed
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
    }

    private Connection connect() throws IOException {
        Surroundings.Met met = surroundings.meet(address, Surroundings.Caller.client(fleet.options()));
        Wire wire = met.peer().wire();
        try {
            met.mustNotRefuse();
            if (met.peer().takesJobs()) {
                throw new WireException("it is a coordinator, which takes no tiles; name it with --coordinator");
            }
            if (met.header().type() != FrameType.WELCOME) {
                throw new WireException("found " + met.header().type() + ", expected WELCOME");
            }
            return new Connection(this, fleet, met.peer(), new Decoder(met.fields()));
        } catch (IOException e) {
            wire.close();
            throw e;
        }
    }

    private void serve(Connection now) {
        String[] why = {""};
        Surroundings.Task pulse = Pulse.watch(surroundings, now.wire, fleet.options().timeout(), silent -> {
            why[0] = silent;
            now.wire.close();
        });
        connection = now;
        fleet.room.joined(now);
        tried();
        try {
            now.serve();
        } catch (IOException | RuntimeException e) {
            trouble = why[0].isEmpty() ? String.valueOf(e.getMessage()) : why[0];
        } finally {
            connection = null;
            fleet.room.left(this);
            pulse.interrupt();
            now.end(trouble);
        }
    }

    InetSocketAddress address() {
        return address;
    }

    /** Its connection, or null while it has none that takes tiles. */
    Connection connection() {
        Connection now = connection;
        return now == null || now.draining || now.isOver() || !aside.isEmpty() ? null : now;
    }

    /** Why there is no connection. */
    String trouble() {
        return aside.isEmpty() ? trouble : aside;
    }

    boolean isAside() {
        return !aside.isEmpty();
    }

    void putAside(String why) {
        aside = why;
        Connection now = connection;
        if (now != null) {
            now.wire.close();
        }
    }

    private synchronized void tried() {
        tried = true;
        surroundings.wake(this);
    }

    synchronized void awaitFirstTry() throws InterruptedException {
        while (!tried) {
            surroundings.await(this, Surroundings.FOREVER);
        }
    }

    void close() {
        closed = true;
        Connection now = connection;
        if (now != null) {
            now.wire.close();
        }
        task.interrupt();
        try {
            task.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
