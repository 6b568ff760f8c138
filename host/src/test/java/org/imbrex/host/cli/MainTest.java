package org.imbrex.host.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MainTest {

    @Test
    void versionAndHelpGoToStdout() {
        assertThat(CommandRun.of("--version").out()).startsWith("imbrex 0.");
        assertThat(CommandRun.of("--help").out()).contains("Usage: imbrex");
        assertThat(CommandRun.of("--help").status()).isZero();
    }

    @Test
    void wrongUsageIsOneLineAndStatus2() {
        for (String[] args : new String[][] {{}, {"nonsense"}, {"--nonsense"}}) {
            CommandRun run = CommandRun.of(args);
            assertThat(run.status()).as(run.err()).isEqualTo(2);
            assertThat(run.out()).isEmpty();
            assertThat(run.err().lines()).hasSize(1);
        }
    }
}
