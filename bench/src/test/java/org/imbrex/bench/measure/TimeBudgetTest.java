package org.imbrex.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class TimeBudgetTest {
    private static final Offset<Double> CLOSE = within(1e-9);

    private final AtomicLong nanos = new AtomicLong(77);
    private final TimeBudget budget = new TimeBudget(100, nanos::get);

    private void pass(double seconds) {
        nanos.addAndGet((long) (seconds * 1e9));
    }

    @Test
    void partsShareByWeightAndLeaveWhatTheyDoNotTake() {
        budget.expect(1);
        budget.expect(3);
        budget.expect(1);
        assertThat(budget.share(1)).isCloseTo(20, CLOSE);
        pass(4);
        assertThat(budget.share(3)).isCloseTo(72, CLOSE);
        pass(72);
        assertThat(budget.share(1)).isCloseTo(24, CLOSE);
    }

    @Test
    void onePartThatTakesAllLeavesNothingAndNeverLess() {
        budget.expect(1);
        budget.expect(1);
        budget.share(1);
        pass(500);
        assertThat(budget.left()).isZero();
        assertThat(budget.share(1)).isZero();
    }
}
