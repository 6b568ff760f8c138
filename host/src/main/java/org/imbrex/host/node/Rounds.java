package org.imbrex.host.node;

import org.imbrex.runtime.device.DeviceException;

/**
 * How far each node of a team is: none may overwrite what another still reads, nor read what another has not computed.
 */
final class Rounds {
    private final Surroundings surroundings;
    private final int[] crossed;
    private final int[] finished;
    private boolean over;

    Rounds(Surroundings surroundings, int nodes) {
        this.surroundings = surroundings;
        this.crossed = new int[nodes];
        this.finished = new int[nodes];
    }

    /** A node has computed what crosses from it in its round. */
    synchronized void crossed(int node) {
        crossed[node]++;
        surroundings.wake(this);
    }

    /** A node has computed all of its round, and read all that crosses to it. */
    synchronized void finished(int node) {
        finished[node]++;
        surroundings.wake(this);
    }

    /** Waits until what crosses from a node in a round, counted from 0, is there. */
    synchronized void awaitCrossed(int node, int round) throws InterruptedException {
        while (!over && crossed[node] <= round) {
            surroundings.await(this, Surroundings.FOREVER);
        }
        check();
    }

    /** Waits until a node has finished all rounds before one. */
    synchronized void awaitBefore(int node, int round) throws InterruptedException {
        while (!over && finished[node] < round) {
            surroundings.await(this, Surroundings.FOREVER);
        }
        check();
    }

    /** @throws DeviceException LOST where one of them has gone */
    synchronized void check() {
        if (over) {
            throw new DeviceException(DeviceException.Kind.LOST, "another node was lost");
        }
    }

    synchronized boolean isOver() {
        return over;
    }

    /** One of them has gone: nobody waits here any more. */
    synchronized void end() {
        over = true;
        surroundings.wake(this);
    }
}
