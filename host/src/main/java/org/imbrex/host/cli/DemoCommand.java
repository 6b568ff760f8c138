package org.imbrex.host.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.imbrex.host.demo.Demo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The main job on real data. */
@Command(
        name = "demo",
        description = "Runs the main job on real data, with pictures and a report at the end.")
final class DemoCommand implements Callable<Integer> {

    @Option(names = "--out", paramLabel = "FOLDER", description = "Where results go (default: demo-out).")
    private Path out = Path.of("demo-out");

    @Option(names = "--data", paramLabel = "FOLDER", description = "Where the example data are.")
    private Optional<Path> data;

    @Option(names = "--rows", paramLabel = "N", description = "Rows of the comparison of devices (default: 16000000).")
    private long rows = 16_000_000;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (rows < 8 || rows > 1L << 32) {
            throw new ParameterException(spec.commandLine(), "found --rows " + rows + ", expected 8 to 2^32");
        }
        Path home = Path.of(System.getProperty("imbrex.home", "."));
        new Demo(data.orElse(home.resolve("examples/data")), out, spec.commandLine().getOut()).run(rows);
        return 0;
    }
}
