package org.imbrex.host.node;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.imbrex.host.node.wire.Block;
import org.imbrex.host.node.wire.Limits;
import org.imbrex.host.node.wire.Part;

/**
 * Which blocks of this client's arrays a node holds: inputs that many tiles share are sent to it once. What no tile in
 * flight uses makes room for others, the longest unused first. Guarded by the room.
 */
final class Stock {

    /**
     * What a block holds: some elements of one buffer of a run, which are the same as long as that is.
     *
     * @param stage in which they are; {@link #WHOLE_RUN} for an input's, which nothing writes
     */
    record Key(long run, int stage, int buffer, Part part) {
        static final int WHOLE_RUN = -1;
    }

    /** A part that tiles share. */
    record Shared(Key key, Part part, Block block) {}

    /** A block on the node. */
    static final class Held {
        final Shared shared;
        final int number;
        private int tiles;
        private boolean over;
        /** Whether it was sent: guarded by who sends. */
        boolean sent;

        private Held(Shared shared, int number) {
            this.shared = shared;
            this.number = number;
        }
    }

    private final Map<Key, Held> blocks = new LinkedHashMap<>(16, 0.75f, true);
    private final List<Integer> dropped = new ArrayList<>();
    private long bytes;
    private int numbers;

    /** What the blocks take of the node's memory. */
    long bytes() {
        return bytes;
    }

    /** What blocks that are not there yet would take. */
    long missing(List<Shared> wanted) {
        long missing = 0;
        for (Shared shared : wanted) {
            missing += blocks.containsKey(shared.key) ? 0 : shared.block.bytes();
        }
        return missing;
    }

    /** What could be freed without touching those that are wanted. */
    long idle(List<Shared> wanted) {
        Set<Key> keys = keys(wanted);
        return blocks.values().stream()
                .filter(held -> held.tiles == 0 && !keys.contains(held.shared.key))
                .mapToLong(held -> held.shared.block.bytes())
                .sum();
    }

    private static Set<Key> keys(List<Shared> wanted) {
        return Set.copyOf(wanted.stream().map(Shared::key).toList());
    }

    /** Keeps what is wanted for one tile more; frees idle ones until all take no more than {@code most}. */
    List<Held> use(List<Shared> wanted, long most) {
        if (wanted.isEmpty() && bytes <= most) {
            return List.of();
        }
        Set<Key> keys = keys(wanted);
        long missing = missing(wanted);
        boolean many = blocks.size() + wanted.size() > Limits.BLOCKS / 2;
        Iterator<Held> eldest = blocks.values().iterator();
        while ((bytes + missing > most || many) && eldest.hasNext()) {
            Held held = eldest.next();
            if (held.tiles == 0 && !keys.contains(held.shared.key)) {
                eldest.remove();
                free(held);
            }
        }
        List<Held> used = new ArrayList<>();
        for (Shared shared : wanted) {
            Held held = blocks.get(shared.key);
            if (held == null) {
                held = new Held(shared, number());
                blocks.put(shared.key, held);
                bytes += shared.block.bytes();
            }
            held.tiles++;
            used.add(held);
        }
        return used;
    }

    /** A number that no block has. */
    int number() {
        return numbers++ & Integer.MAX_VALUE;
    }

    /** Takes memory for blocks that are not named here. */
    void take(long more) {
        bytes += more;
    }

    /** … and gives it back with them. */
    void drop(List<Integer> numbers, long less) {
        dropped.addAll(numbers);
        bytes -= less;
    }

    private void free(Held held) {
        bytes -= held.shared.block.bytes();
        dropped.add(held.number);
    }

    void release(List<Held> used) {
        for (Held held : used) {
            if (--held.tiles == 0 && held.over) {
                free(held);
            }
        }
    }

    /**
     * A stage is over, or with {@link Key#WHOLE_RUN} a run: nobody wants its blocks any more.
     *
     * @return whether there were any
     */
    boolean end(long run, int stage) {
        return blocks.values().removeIf(held -> {
            boolean over = held.shared.key.run == run && (stage == Key.WHOLE_RUN || held.shared.key.stage == stage);
            if (over && held.tiles == 0) {
                free(held);
            }
            held.over |= over;
            return over;
        });
    }

    boolean hasDropped() {
        return !dropped.isEmpty();
    }

    /** The blocks that the node is to be told to drop. */
    List<Integer> takeDropped() {
        List<Integer> all = List.copyOf(dropped);
        dropped.clear();
        return all;
    }
}
