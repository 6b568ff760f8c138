package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.junit.jupiter.api.Test;

class RefusalLogTest {
    private record Kept(List<String> lines) implements System.Logger {
        @Override
        public String getName() {
            return "kept";
        }

        @Override
        public boolean isLoggable(Level level) {
            return true;
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
            lines.add(message);
        }

        @Override
        public void log(Level level, ResourceBundle bundle, String format, Object... parameters) {
            lines.add(format);
        }
    }

    @Test
    void aFloodOfRefusalsIsAFewLinesAndACount() {
        Kept kept = new Kept(new ArrayList<>());
        long[] now = {0};
        RefusalLog log = new RefusalLog(kept, () -> now[0]);
        for (int k = 0; k < 100_000; k++) {
            log.log("refused a peer");
        }
        assertThat(kept.lines).hasSize(20);
        now[0] += 1_500_000_000L;
        log.log("refused a peer");
        log.log("refused a peer");
        assertThat(kept.lines).hasSize(21);
        assertThat(kept.lines.getLast()).isEqualTo("refused a peer (and 99980 lines like it left out before)");
        now[0] += 3600_000_000_000L;
        for (int k = 0; k < 100; k++) {
            log.log("refused a peer");
        }
        assertThat(kept.lines).hasSize(41);
    }
}
