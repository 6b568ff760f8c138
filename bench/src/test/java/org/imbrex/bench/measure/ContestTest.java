package org.imbrex.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.imbrex.bench.measure.Contest.Entrant;
import org.junit.jupiter.api.Test;

/** Who has turns, and what is told of those who have not. The times are sleeps: no speed is measured. */
class ContestTest {
    private static Trial sleeping(long millis, AtomicInteger runs) {
        return times -> {
            runs.addAndGet(times);
            try {
                Thread.sleep(millis * times);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return millis * times / 1e3;
        };
    }

    private static Contest.Result run(Contest contest, double seconds, Entrant... entrants) {
        return contest.run(List.of(entrants), seconds, (who, e) -> {
            throw e;
        });
    }

    @Test
    void withTimeEnoughEveryoneHasAllTurns() {
        AtomicInteger runs = new AtomicInteger();
        Contest.Result result = run(new Contest(3, 0.01, 10), 60, new Entrant("a", false, sleeping(20, runs)),
                new Entrant("b", true, true, sleeping(20, runs)));
        assertThat(result.cut().isNothing()).isTrue();
        assertThat(result.spreads()).containsOnlyKeys("a", "b");
        assertThat(result.spreads().get("b").rounds()).isEqualTo(3);
        assertThat(result.spreads().get("b").median()).isEqualTo(0.02);
    }

    @Test
    void turnsAreCutToTheTimeAndThatIsTold() {
        Contest.Result result =
                run(new Contest(1000, 0.01, 100), 0.6, new Entrant("a", false, sleeping(20, new AtomicInteger())));
        assertThat(result.spreads().get("a").rounds()).isBetween(1, 40);
        assertThat(result.cut().text()).endsWith("of 1000 turns").startsWith(result.spreads().get("a").rounds() + " ");
    }

    @Test
    void withoutAnyTimeGuestsStayOutAndTheOthersHaveFewTurns() {
        AtomicInteger guest = new AtomicInteger();
        Contest.Result result = run(new Contest(4, 0.5, 10), 0, new Entrant("ours", true, sleeping(20, new AtomicInteger())),
                new Entrant("theirs", true, true, sleeping(20, guest)), new Entrant("native", false, true, sleeping(20, guest)));
        assertThat(result.spreads()).containsOnlyKeys("ours");
        assertThat(result.spreads().get("ours").rounds()).isEqualTo(3);
        assertThat(guest.get()).isZero();
        assertThat(result.cut().text()).contains("3 of 4 turns", "no time for theirs, native", "shorter warm-up of ours");
    }

    @Test
    void withoutAnyTimeASlowOneHasOneTurn() {
        Contest.Result result = run(new Contest(4, 0.01, 10), 0, new Entrant("ours", false, sleeping(400, new AtomicInteger())));
        assertThat(result.spreads().get("ours").rounds()).isEqualTo(1);
    }

    @Test
    void aGuestThatIsSlowerThanItsShareCountsByItsOneRun() {
        AtomicInteger guest = new AtomicInteger();
        Contest.Result result = run(new Contest(4, 0.01, 10), 0.4, new Entrant("theirs", false, true, sleeping(700, guest)));
        assertThat(guest.get()).isEqualTo(1);
        assertThat(result.spreads().get("theirs").median()).isEqualTo(0.7);
    }

    @Test
    void aFirstRunThatBuildsIsNotTakenForTheWork() {
        AtomicInteger first = new AtomicInteger(1);
        Trial building = new Trial() {
            @Override
            public double seconds(int times) {
                return first.getAndSet(0) == 0 ? 0.002 * times : sleeping(700, new AtomicInteger()).seconds(times);
            }

            @Override
            public boolean firstTells() {
                return false;
            }
        };
        Contest.Result result = run(new Contest(4, 0.01, 10), 0.4, new Entrant("builds", false, true, building));
        assertThat(result.spreads().get("builds").median()).isEqualTo(0.002);
    }

    @Test
    void whoFailsLeavesAndIsTold() {
        List<String> told = new ArrayList<>();
        Contest.Result result = new Contest(2, 0.01, 10).run(
                List.of(
                        new Entrant("a", false, sleeping(20, new AtomicInteger())),
                        new Entrant("b", false, times -> {
                            throw new IllegalStateException("broken");
                        })),
                10,
                (who, e) -> told.add(who + ": " + e.getMessage()));
        assertThat(told).containsExactly("b: broken");
        assertThat(result.spreads()).containsOnlyKeys("a");
    }
}
