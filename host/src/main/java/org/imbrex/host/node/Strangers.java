package org.imbrex.host.node;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/** How many connections there are that have not proved who they are, together and of one address. */
final class Strangers {
    private final int most;
    private final int mostOfOne;
    private final Map<InetAddress, Integer> here = new HashMap<>();
    private int all;

    Strangers(int most, int mostOfOne) {
        this.most = most;
        this.mostOfOne = mostOfOne;
    }

    /** Counts one more; false where there are too many, and it must go. */
    synchronized boolean enter(InetAddress from) {
        int before = here.getOrDefault(from, 0);
        if (all == most || before == mostOfOne) {
            return false;
        }
        here.put(from, before + 1);
        all++;
        return true;
    }

    /** It is no stranger any more, or has gone. */
    synchronized void leave(InetAddress from) {
        here.computeIfPresent(from, (address, count) -> count == 1 ? null : count - 1);
        all--;
    }
}
