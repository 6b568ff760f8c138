package org.imbrex.host.node;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.host.node.wire.WireException;
import org.imbrex.runtime.device.DeviceException;

/** Something asked of one node and no other: a tile of blocks that it holds, elements of one, or a word. */
final class Errand {
    private final Surroundings surroundings;
    private final Optional<Seat> seat;
    private final MemorySegment into;
    private volatile int request;
    private Optional<byte[]> answer = Optional.empty();
    private Optional<DeviceException> failure = Optional.empty();

    private Errand(Surroundings surroundings, Optional<Seat> seat, MemorySegment into) {
        this.surroundings = surroundings;
        this.seat = seat;
        this.into = into;
    }

    /** A tile whose results stay on the node. */
    static Errand tile(Surroundings surroundings, Seat seat) {
        return new Errand(surroundings, Optional.of(seat), MemorySegment.NULL);
    }

    /** Elements that are brought here. */
    static Errand read(Surroundings surroundings, MemorySegment into) {
        return new Errand(surroundings, Optional.empty(), into);
    }

    /** A question whose answer has no elements. */
    static Errand word(Surroundings surroundings) {
        return read(surroundings, MemorySegment.NULL);
    }

    Optional<Seat> seat() {
        return seat;
    }

    void begun(int number) {
        request = number;
    }

    /** By which the node knows it. */
    int request() {
        return request;
    }

    /** By the thread that reads the connection. */
    void receive(Wire wire, Wire.Header header, byte[] fields) throws IOException {
        if (header.data() != into.byteSize()) {
            throw new WireException(
                    "found " + header.data() + " bytes of elements, expected " + into.byteSize());
        }
        if (header.data() > 0) {
            wire.take(into);
            wire.endOfData();
        }
        synchronized (this) {
            answer = Optional.of(fields);
            surroundings.wake(this);
        }
    }

    synchronized void fail(DeviceException why) {
        if (!isDone()) {
            failure = Optional.of(why);
            surroundings.wake(this);
        }
    }

    synchronized boolean isDone() {
        return answer.isPresent() || failure.isPresent();
    }

    /** Waits for the answer's fields. */
    synchronized byte[] await() throws InterruptedException {
        while (!isDone()) {
            surroundings.await(this, Surroundings.FOREVER);
        }
        if (failure.isPresent()) {
            DeviceException why = failure.get();
            throw new DeviceException(why.kind(), why.getMessage(), why);
        }
        return answer.orElseThrow();
    }

    /** Waits for so long at most; whether the answer is there, whatever it is. */
    synchronized boolean await(long nanos) throws InterruptedException {
        long until = surroundings.nanos() + nanos;
        while (!isDone() && surroundings.nanos() < until) {
            surroundings.await(this, until - surroundings.nanos());
        }
        return isDone();
    }

    /** Waits until nobody works on it any more, whatever came of it. */
    synchronized void settle() {
        boolean interrupted = false;
        while (!isDone()) {
            try {
                surroundings.await(this, Surroundings.FOREVER);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
