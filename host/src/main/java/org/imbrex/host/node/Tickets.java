package org.imbrex.host.node;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.imbrex.host.node.wire.Borders;
import org.imbrex.host.node.wire.Ticket;

/** What all clients of a node expect from other nodes, by their tickets. */
final class Tickets {
    private final Supplier<Ticket> fresh;
    private final List<Expected> all = new CopyOnWriteArrayList<>();

    /** @param fresh makes tickets that nobody guesses */
    Tickets(Supplier<Ticket> fresh) {
        this.fresh = fresh;
    }

    Expected issue(List<Borders.Range> ranges, Holdings holdings, Credit credit) {
        Expected made = new Expected(fresh.get(), ranges, holdings, credit);
        all.add(made);
        return made;
    }

    /** What is expected of who shows it; looks at all, so that the time tells nothing. */
    Optional<Expected> find(Ticket shown) {
        Optional<Expected> found = Optional.empty();
        for (Expected one : all) {
            found = one.ticket.equals(shown) ? Optional.of(one) : found;
        }
        return found;
    }

    void end(Expected expected) {
        all.remove(expected);
        expected.end();
    }
}
