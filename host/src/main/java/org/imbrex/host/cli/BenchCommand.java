package org.imbrex.host.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Stands in the list of commands for {@code imbrex bench}, which the launcher starts by itself, with the peers' jars. */
@Command(
        name = "bench",
        description = "Measures the devices against the machine's limits and other libraries; 'imbrex bench --help' tells more.")
final class BenchCommand implements Callable<Integer> {

    @Unmatched
    private List<String> ignored;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(
                spec.commandLine(), "the benchmarks are not part of this program; start them as './imbrex bench', bench first");
    }
}
