package org.imbrex.host.node;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.imbrex.host.node.wire.Borders;
import org.imbrex.host.node.wire.Ticket;

/**
 * Elements that a client of this node expects from others: who shows the ticket may write them. Once it is over nothing
 * is written any more, also not by who is about to.
 */
final class Expected {
    final Ticket ticket;
    private final List<Borders.Range> ranges;
    private final Holdings holdings;
    private final Credit credit;
    private long charged;
    private boolean over;

    Expected(Ticket ticket, List<Borders.Range> ranges, Holdings holdings, Credit credit) {
        this.ticket = ticket;
        this.ranges = List.copyOf(ranges);
        this.holdings = holdings;
        this.credit = credit;
    }

    boolean allows(Borders.Range range) {
        return ranges.stream().anyMatch(own -> own.contains(range));
    }

    /** Takes memory from the client's share for elements on their way; false where it has none. */
    synchronized boolean charge(long bytes) {
        if (over || !credit.take(bytes)) {
            return false;
        }
        charged += bytes;
        return true;
    }

    synchronized void uncharge(long bytes) {
        if (!over) {
            charged -= bytes;
            credit.give(bytes);
        }
    }

    /** Writes to the block, all of it or nothing; whether it is still expected and the block there. */
    synchronized boolean write(Borders.Border border, MemorySegment from) {
        return !over && holdings.write(border, from);
    }

    synchronized void end() {
        if (!over) {
            over = true;
            credit.give(charged);
        }
    }
}
