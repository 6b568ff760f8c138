package org.imbrex.runtime.tune;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrialsTest {
    private static List<double[]> rounds(double[]... rounds) {
        return List.of(rounds);
    }

    @Test
    void whoWinsClearlyAndInEveryRoundIsTaken() {
        Trials.Outcome outcome = Trials.decide(rounds(new double[] {10, 9, 5}, new double[] {11, 9, 6}, new double[] {30, 8, 5}));
        assertThat(outcome.best()).isEqualTo(2);
        assertThat(outcome.gain()).isEqualTo(11 / 5.0);
    }

    @Test
    void theUsualOneStaysWhereTheGainIsSmallOrComesAndGoes() {
        assertThat(Trials.decide(rounds(new double[] {100, 98}, new double[] {100, 98}, new double[] {100, 98})).best()).isZero();
        assertThat(Trials.decide(rounds(
                                new double[] {100, 50}, new double[] {100, 50}, new double[] {100, 150}, new double[] {100, 150},
                                new double[] {100, 50}))
                        .best())
                .isZero();
    }

    @Test
    void twoRoundsAreTooFewToDecide() {
        assertThat(Trials.decide(rounds(new double[] {100, 1}, new double[] {100, 1})).best()).isZero();
    }

    @Test
    void eachRunsOncePerTurnAndTheTimeEndsIt() {
        List<Integer> ran = new ArrayList<>();
        List<Runnable> runs = List.of(() -> wait(ran, 0), () -> wait(ran, 1));
        Trials.Outcome outcome = Trials.of(runs, () -> 0);
        assertThat(outcome.rounds()).isEqualTo(1);
        assertThat(outcome.best()).isZero();
        assertThat(ran).containsExactly(0, 0, 1, 1);
    }

    private static void wait(List<Integer> ran, int who) {
        ran.add(who);
        try {
            Thread.sleep(9);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
