package org.imbrex.host.node;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.host.node.wire.WireException;
import org.imbrex.runtime.device.DeviceException;
import org.imbrex.runtime.memory.Span;

/** Something asked of one node and no other: a tile of blocks that it holds, or elements of one. */
final class Errand {
    private final Optional<Seat> seat;
    private final MemorySegment into;
    private final CompletableFuture<byte[]> answer = new CompletableFuture<>();

    private Errand(Optional<Seat> seat, MemorySegment into) {
        this.seat = seat;
        this.into = into;
    }

    /** A tile whose results stay on the node. */
    static Errand tile(Seat seat) {
        return new Errand(Optional.of(seat), MemorySegment.NULL);
    }

    /** Elements that are brought here. */
    static Errand read(MemorySegment into) {
        return new Errand(Optional.empty(), into);
    }

    Optional<Seat> seat() {
        return seat;
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
        answer.complete(fields);
    }

    void fail(DeviceException why) {
        answer.completeExceptionally(why);
    }

    boolean isDone() {
        return answer.isDone();
    }

    /** Waits for the answer's fields. */
    byte[] await() throws InterruptedException {
        try {
            return answer.get();
        } catch (java.util.concurrent.ExecutionException e) {
            DeviceException why = (DeviceException) e.getCause();
            throw new DeviceException(why.kind(), why.getMessage(), why);
        }
    }

    /** Waits until nobody works on it any more, whatever came of it. */
    void settle() {
        try {
            answer.join();
        } catch (CompletionException e) {
            return; // whoever waits for the answer tells why
        }
    }
}
