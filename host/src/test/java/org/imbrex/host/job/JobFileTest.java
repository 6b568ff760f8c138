package org.imbrex.host.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobFileTest {
    @TempDir
    Path folder;

    private Path job(String text) throws IOException {
        return Files.writeString(folder.resolve("job.yaml"), text);
    }

    @Test
    void stepsReadFilesAndEarlierSteps() throws IOException {
        Job job = JobFile.read(job("""
                defaults: {device: auto, memory: 2g}
                steps:
                  - name: means
                    eval: mean(blocks(x, 8), axis=1)
                    in: {x: weather.npy}
                    out: means.npy
                  - name: anomaly
                    eval: means - mean(means, axis=0)
                    in: {means: $means}
                    out: anomaly.csv
                    threads: 1
                """));
        assertThat(job.defaults()).isEqualTo(Map.of("device", "auto", "memory", "2g"));
        assertThat(job.steps()).extracting(Job.Step::name).containsExactly("means", "anomaly");
        assertThat(job.steps().getFirst().in()).isEqualTo(Map.of("x", new Job.In.Stored("weather.npy")));
        assertThat(job.steps().getLast().in()).isEqualTo(Map.of("means", new Job.In.Earlier("means")));
        assertThat(job.steps().getLast().options()).isEqualTo(Map.of("threads", "1"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '#', value = {
        "''|empty file",
        "a: [|1: no YAML",
        "steps: 3|1: found no list under 'steps'",
        "nonsense: 1|1: found 'nonsense'",
        "steps: [{eval: x}]|1: found a step without 'name'",
        "steps: [{name: a}]|found no 'eval' in step 'a'",
        "steps: [{name: a, eval: x, in: {x: $b}}]|found '$b', expected an earlier step",
        "steps: [{name: a, eval: x, colour: red}]|found 'colour', expected name, eval",
        "steps: [{name: a, eval: x}, {name: a, eval: x}]|second step named 'a'",
        "steps: [{name: 'a b', eval: x}]|found the name 'a b'",
    })
    void whatIsWrongIsToldWithItsLine(String text, String expected) throws IOException {
        Path file = job(text.equals("''") ? "" : text);
        assertThatThrownBy(() -> JobFile.read(file))
                .isInstanceOf(JobException.class)
                .hasMessageContaining(expected)
                .hasMessageStartingWith(file.toString());
    }
}
