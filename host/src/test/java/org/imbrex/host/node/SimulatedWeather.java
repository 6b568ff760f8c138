package org.imbrex.host.node;

import java.util.Random;

/**
 * How a connection behaves.
 *
 * @param mostDelayNanos the longest a piece takes in the usual case; one in fifty takes ten times as long
 * @param mischiefOneIn one write in so many is damaged, sent twice or after the next one; 0 for none
 * @param ordered whether it is damaged only: what comes over TCP comes once and in order
 */
record SimulatedWeather(int mostDelayNanos, int mischiefOneIn, boolean ordered) {
    enum Mischief {
        NONE,
        FLIP,
        TWICE,
        SWAP
    }

    long delay(Random random) {
        long delay = random.nextInt(mostDelayNanos);
        return random.nextInt(50) == 0 ? delay * 10 : delay;
    }

    Mischief mischief(Random random) {
        return mischiefOneIn == 0 || random.nextInt(mischiefOneIn) > 0
                ? Mischief.NONE
                : Mischief.values()[1 + random.nextInt(ordered ? 1 : 3)];
    }
}
