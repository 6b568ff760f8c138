package org.imbrex.host.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.imbrex.host.node.wire.Link;

/** A peer that sends given bytes and listens to nothing. */
public abstract class ScriptedLink implements Link {
    protected final ByteBuffer bytes;

    protected ScriptedLink(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes);
    }

    /** The next of its bytes, before that at {@code end}; -1 where there are none. */
    protected final int next(ByteBuffer into, int end) {
        int count = Math.min(into.remaining(), end - bytes.position());
        if (count == 0) {
            return -1;
        }
        into.put(bytes.slice(bytes.position(), count));
        bytes.position(bytes.position() + count);
        return count;
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
        from.position(from.limit());
    }

    @Override
    public void close() {}
}
