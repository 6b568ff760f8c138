package org.imbrex.runtime.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.imbrex.runtime.tile.Tiling;
import org.junit.jupiter.api.Test;

class TileQueueTest {
    private static Tiling tiles(long count) {
        return new Tiling(0, new long[] {count}, new long[] {1}, 1, 1);
    }

    @Test
    void everyTileIsTakenOnceWhoeverTakesIt() {
        Random random = new Random(7);
        for (int round = 0; round < 2_000; round++) {
            int count = random.nextInt(70);
            int hands = 1 + random.nextInt(5);
            TileQueue queue = new TileQueue(tiles(count), 1 + random.nextInt(5));
            BitSet taken = new BitSet();
            BitSet done = new BitSet();
            while (done.cardinality() < hands) {
                int hand = random.nextInt(hands);
                TileQueue.Claim claim = queue.take(hand, 1 + random.nextInt(4));
                if (claim.count() == 0) {
                    done.set(hand);
                }
                for (long tile = claim.first(); tile < claim.first() + claim.count(); tile++) {
                    assertTrue(!taken.get((int) tile), "tile " + tile + " came twice");
                    taken.set((int) tile);
                }
            }
            assertEquals(count, taken.cardinality());
        }
    }

    @Test
    void threadsAtOnceTakeEveryTileOnce() throws InterruptedException {
        for (int parts = 1; parts <= 4; parts++) {
            int count = 100_000;
            TileQueue queue = new TileQueue(tiles(count), parts);
            AtomicIntegerArray times = new AtomicIntegerArray(count);
            Thread[] threads = new Thread[4];
            for (int hand = 0; hand < threads.length; hand++) {
                int mine = hand;
                threads[hand] = Thread.ofPlatform().start(() -> {
                    for (TileQueue.Claim claim = queue.take(mine, 1 + mine); claim.count() > 0; ) {
                        for (long k = 0; k < claim.count(); k++) {
                            times.incrementAndGet((int) (claim.first() + k));
                        }
                        claim = queue.take(mine, 1 + mine);
                    }
                });
            }
            for (Thread thread : threads) {
                thread.join();
            }
            IntStream.range(0, count).forEach(tile -> assertEquals(1, times.get(tile), "tile " + tile));
        }
    }

    @Test
    void aHandTakesItsOwnPartInOrderAndThenFromTheFullest() {
        TileQueue queue = new TileQueue(tiles(11), 3); // 0 to 3, 4 to 7, 8 to 10
        assertEquals(4, queue.take(1, 1).first());
        assertEquals(0, queue.take(0, 1).first());
        assertEquals(1, queue.take(0, 1).first());
        assertEquals(8, queue.take(2, 1).first());
        assertEquals(9, queue.take(2, 1).first());
        assertEquals(10, queue.take(2, 1).first());
        assertEquals(5, queue.take(2, 1).first()); // three are left of the second part, two of the first
        assertEquals(2, queue.take(3, 1).first()); // hands beyond the parts share them
    }
}
