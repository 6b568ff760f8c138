package org.imbrex.host.format.file;

import java.util.Map;
import java.util.TreeMap;

/** Which elements of an output have been written: tiles come in any order, and one that was run again comes twice. */
final class Coverage {
    private final TreeMap<Long, Long> runs = new TreeMap<>();
    private boolean overlapped;

    synchronized void add(long first, long count) {
        if (count == 0) {
            return;
        }
        long from = first;
        long to = first + count;
        Map.Entry<Long, Long> before = runs.floorEntry(from);
        if (before != null && before.getValue() >= from) {
            overlapped |= before.getValue() > from;
            from = before.getKey();
            to = Math.max(to, before.getValue());
        }
        Map.Entry<Long, Long> next = runs.higherEntry(from);
        while (next != null && next.getKey() <= to) {
            overlapped |= next.getKey() < first + count;
            to = Math.max(to, next.getValue());
            runs.remove(next.getKey());
            next = runs.higherEntry(from);
        }
        runs.put(from, to);
    }

    /** Whether an element was written twice. */
    synchronized boolean overlapped() {
        return overlapped;
    }

    /** The first element that was not written; {@code elements} where all were. */
    synchronized long firstMissing() {
        Map.Entry<Long, Long> start = runs.firstEntry();
        return start == null || start.getKey() > 0 ? 0 : start.getValue();
    }
}
