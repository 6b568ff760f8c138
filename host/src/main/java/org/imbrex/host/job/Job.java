package org.imbrex.host.job;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Steps to be done one after another.
 *
 * @param defaults options by their names on the command line without the dashes; a step's own override them
 */
public record Job(Map<String, String> defaults, List<Step> steps) {
    public Job {
        defaults = Map.copyOf(defaults);
        steps = List.copyOf(steps);
    }

    /**
     * One expression.
     *
     * @param in what each name in the expression stands for
     * @param out the file to write, if any; later steps read the result by the step's name all the same
     * @param options as in {@link Job#defaults}
     * @param line where the step begins in the file
     */
    public record Step(
            String name, String expression, Map<String, In> in, Optional<String> out, Map<String, String> options, int line) {}

    /** An input of a step. */
    public sealed interface In {
        /** {@code FILE[:VAR]}, relative to the job file's folder. */
        record Stored(String file) implements In {}

        /** {@code $name}: the result of an earlier step. */
        record Earlier(String step) implements In {}
    }
}
