package org.imbrex.host.node;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.imbrex.host.node.wire.Borders;
import org.imbrex.host.node.wire.Ticket;

/** What one client expects from other nodes, by the numbers under which it has said so. One thread works with it. */
final class Expectations {
    /** Tickets that a client may have given out at once. */
    static final int MOST = 64;

    private final Tickets tickets;
    private final Holdings holdings;
    private final Credit credit;
    private final Map<Integer, Expected> all = new HashMap<>();

    Expectations(Tickets tickets, Holdings holdings, Credit credit) {
        this.tickets = tickets;
        this.holdings = holdings;
        this.credit = credit;
    }

    /** A ticket for what is expected; none where there are too many, or the number is in use. */
    Optional<Ticket> add(int number, List<Borders.Range> ranges) {
        if (all.size() == MOST || all.containsKey(number)) {
            return Optional.empty();
        }
        Expected made = tickets.issue(ranges, holdings, credit);
        all.put(number, made);
        return Optional.of(made.ticket);
    }

    /** From now on nothing is written by the ticket of that number. */
    void end(int number) {
        Expected before = all.remove(number);
        if (before != null) {
            tickets.end(before);
        }
    }

    void close() {
        all.values().forEach(tickets::end);
        all.clear();
    }
}
