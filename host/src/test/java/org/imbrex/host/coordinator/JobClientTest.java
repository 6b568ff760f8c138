package org.imbrex.host.coordinator;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.imbrex.host.node.FuzzFrames;
import org.imbrex.host.node.NodeException;
import org.imbrex.host.node.wire.FrameType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client of a coordinator that answers what no coordinator would. */
class JobClientTest {
    private static final String OTHER = "0123456789abcdef0123456789abcdef";

    @AfterEach
    void goesOn() {
        Thread.interrupted(); // so that nobody waits here
    }

    private static JobStatus lacks(int input, long have) {
        return JobClientFuzz.status(JobStatus.State.INCOMPLETE, List.of(new JobStatus.Missing(input, have)));
    }

    @Test
    void whatDoesNotFitTheJobIsToldAndNotUsed() {
        long bytes = 8 * JobClientFuzz.ELEMENTS;
        JobStatus.State done = JobStatus.State.DONE;
        List<JobStatus> answers = List.of(
                lacks(1, 0), // it has one input
                lacks(0, -8),
                lacks(0, bytes + 8),
                JobClientFuzz.status(OTHER, done, List.of(), JobClientFuzz.ELEMENTS),
                JobClientFuzz.status(JobClientFuzz.name(), done, List.of(), JobClientFuzz.ELEMENTS + 1));
        for (JobStatus answer : answers) {
            byte[] stream = FuzzFrames.stream(
                    FuzzFrames.input(List.of(JobClientFuzz.message(FrameType.JOB, answer.encode(), 0))));
            try (JobClient client = JobClientFuzz.client(stream)) {
                assertThatThrownBy(() -> JobClientFuzz.run(client))
                        .as(answer.toString())
                        .isInstanceOf(NodeException.class)
                        .hasMessageContaining("another job");
            }
        }
    }
}
