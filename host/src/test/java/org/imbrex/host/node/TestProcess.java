package org.imbrex.host.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A class of these tests in a JVM of its own, with options that the tests' JVM does not have. */
public final class TestProcess {
    private TestProcess() {}

    /** What it has printed. */
    public record Ended(int status, String output) {}

    /** The class path of this JVM, modules and test classes included. */
    public static String classPath() {
        return Path.of("target/test-classes").toAbsolutePath() + ":" + System.getProperty("java.class.path") + ":"
                + System.getProperty("jdk.module.path", "");
    }

    /** How a command begins that runs Imbrex's command line in a small JVM of its own; its arguments follow. */
    public static List<String> imbrex() {
        return List.of(
                System.getProperty("java.home") + "/bin/java",
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                classPath(),
                "org.imbrex.host.cli.Main");
    }

    /** Runs it to its end. */
    public static Ended run(List<String> options, String main, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(), main));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("imbrex-test", ".out");
        try {
            int status = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start()
                    .waitFor();
            return new Ended(status, new String(Files.readAllBytes(output), StandardCharsets.UTF_8));
        } finally {
            Files.delete(output);
        }
    }
}
