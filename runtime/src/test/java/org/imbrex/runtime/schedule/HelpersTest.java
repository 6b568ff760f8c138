package org.imbrex.runtime.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HelpersTest {
    @Test
    void whatIsAskedIsDoneOrTakenBackNeverBoth() throws InterruptedException {
        try (Helpers helpers = new Helpers()) {
            AtomicInteger done = new AtomicInteger();
            int back = 0;
            int rounds = 20_000;
            for (int round = 0; round < rounds; round++) {
                Helpers.Asked asked = helpers.ask(new Counting(done));
                if (round % 1000 == 0) {
                    Thread.sleep(1); // long enough for the helper to sleep
                }
                back += asked.takeBack() ? 1 : 0;
            }
            while (done.get() + back < rounds) {
                Thread.onSpinWait();
            }
            Thread.sleep(20);
            assertEquals(rounds, done.get() + back);
        }
    }

    private record Counting(AtomicInteger done) implements Runnable {
        @Override
        public void run() {
            done.incrementAndGet();
        }
    }

    @Test
    void theSameThreadTakesTheNextWork() throws Exception {
        try (Helpers helpers = new Helpers()) {
            Thread first = threadOf(helpers);
            Thread.sleep(20); // asleep by now, and free
            assertEquals(first, threadOf(helpers));
        }
    }

    private static Thread threadOf(Helpers helpers) throws InterruptedException {
        AtomicReference<Thread> thread = new AtomicReference<>();
        CountDownLatch ran = new CountDownLatch(1);
        helpers.ask(() -> {
            thread.set(Thread.currentThread());
            ran.countDown();
        });
        ran.await();
        return thread.get();
    }

    @Test
    void workThatNeedsAllItsThreadsHasThem() throws Exception {
        try (Helpers helpers = new Helpers()) {
            for (int round = 0; round < 200; round++) {
                CyclicBarrier all = new CyclicBarrier(4);
                List<Helpers.Asked> asked = new ArrayList<>();
                for (int k = 0; k < 3; k++) {
                    asked.add(helpers.ask(() -> meet(all)));
                }
                all.await(30, TimeUnit.SECONDS);
                assertFalse(asked.getFirst().takeBack());
            }
        }
    }

    private static void meet(CyclicBarrier all) {
        try {
            all.await(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aThreadThatWorkThrewInIsReplaced() throws Exception {
        try (Helpers helpers = new Helpers()) {
            AtomicReference<Thread> broken = new AtomicReference<>();
            helpers.ask(() -> {
                Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> {});
                broken.set(Thread.currentThread());
                throw new IllegalStateException("for the test");
            });
            while (broken.get() == null) {
                Thread.onSpinWait();
            }
            assertNotEquals(broken.get(), threadOf(helpers));
        }
    }

    @Test
    void closingEndsIdleThreads() throws Exception {
        Helpers helpers = new Helpers();
        Thread thread = threadOf(helpers);
        helpers.close();
        thread.join(30_000);
        assertTrue(!thread.isAlive());
        assertThrows(IllegalStateException.class, () -> helpers.ask(() -> {}));
    }
}
