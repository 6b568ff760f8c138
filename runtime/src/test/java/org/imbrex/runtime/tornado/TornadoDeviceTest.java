package org.imbrex.runtime.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.imbrex.runtime.device.Backend;
import org.imbrex.runtime.device.Devices;
import org.imbrex.runtime.host.VectorBackend;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TornadoDeviceTest {
    /** About three minutes, most of them in TornadoVM's compiler: the functions' kernels. */
    private static final String CHECKS = "exact,contraction,bailout,stages,functions,programs";

    /** {@link TornadoChecks}, in a JVM with TornadoVM's options, where TORNADOVM_HOME names an SDK. */
    @Test
    void aDeviceGivesTheReferencesBits() throws IOException, InterruptedException {
        String home = System.getenv("TORNADOVM_HOME");
        Path options = Path.of(home == null ? "." : home, "tornado-argfile");
        if (home == null || !Files.isReadable(options)) {
            String why = "no TornadoVM (TORNADOVM_HOME with a tornado-argfile), its device tests skipped";
            System.out.println(why);
            Assumptions.abort(why);
        }
        Process process = start(options, List.of(System.getProperty("imbrex.test.tornado", CHECKS).split(",")));
        StringBuilder output = new StringBuilder();
        process.inputReader().lines().forEach(line -> {
            System.out.println(line); // minutes may pass
            output.append(line).append('\n');
        });
        assertThat(process.waitFor()).as("%s", output).isZero();
    }

    private static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static Process start(Path options, List<String> checks) throws IOException {
        String path = String.join(
                File.pathSeparator,
                Stream.of("java.class.path", "jdk.module.path", "surefire.test.class.path")
                        .map(name -> System.getProperty(name, ""))
                        .filter(text -> !text.isEmpty())
                        .toList());
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "@" + options, "-Xss4m",
                "--enable-native-access=ALL-UNNAMED", "-cp", path));
        for (String property : List.of("imbrex.test.seed", "imbrex.test.kernels", "imbrex.test.programs")) {
            if (System.getProperty(property) != null) {
                command.add("-D" + property + "=" + System.getProperty(property));
            }
        }
        command.add(TornadoChecks.class.getName());
        command.addAll(checks);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // docs/decisions/signals.md: else PoCL's handlers take temporary files away at a signal that the JVM handles
        Path jsig = Path.of(System.getProperty("java.home"), "lib", "libjsig.so");
        if (Files.isReadable(jsig)) {
            builder.environment().put("LD_PRELOAD", jsig.toString());
        }
        return builder.start();
    }

    @ParameterizedTest
    @CsvSource({
        "4.0.1-jdk25, true, 'found TornadoVM 4.0.1-jdk25, for which Imbrex is not made'",
        "'', true, 'found TornadoVM of unknown version, for which Imbrex is not made'",
        "5.2.0-jdk25, true, 'TornadoVM 5.2.0-jdk25 does not start (ClassNotFoundException'",
        "5.2.0-jdk25, false, 'TornadoVM 5.2.0-jdk25 does not start ('"
    })
    void anotherTornadoVmIsToldInOneLine(String version, boolean loads, String expected, @TempDir Path home)
            throws IOException, InterruptedException {
        Process process = start(FakeSdk.write(home, version, loads), List.of("exact"));
        String output = output(process);
        assertThat(process.waitFor()).as(output).isEqualTo(TornadoChecks.NO_DEVICE);
        List<String> told = output.lines().filter(line -> line.contains("tornado:")).toList();
        assertThat(told).as(output).singleElement().asString().contains(expected, "get TornadoVM 5 for JDK 25");
        assertThat(output).doesNotContain("Exception in thread");
    }

    @ParameterizedTest
    @CsvSource({
        "5.0.0-jdk25, true", "5.2.0-jdk25, true", "5.10-jdk25-dev, true", "5.2.0, true", "5.2.0-jdk21, false",
        "4.0.1-jdk25, false", "6.0.0-jdk25, false", "50.1.0-jdk25, false", "5.2.0-jdk250, false", "'', false"
    })
    void versionsOfTheFiveSeriesForThisJdkAreBound(String version, boolean isBound) {
        assertThat(TornadoVersion.isBound(version)).isEqualTo(isBound);
    }

    @Test
    void withoutTornadoVmOneLineSaysSoAndAutoGoesOn() {
        Backend.Discovery found = new TornadoBackend().discover();
        Assumptions.assumeTrue(found.devices().isEmpty());
        assertThat(found.all()).hasSize(1);
        assertThat(found.hints().isEmpty()).isEqualTo(TornadoVm.isAskedFor());
        assertThat(found.all().getFirst()).startsWith("tornado: ").contains("TORNADOVM_HOME").doesNotContain("\n");
        try (Devices devices = new Devices(List.of(new VectorBackend(1), new TornadoBackend()))) {
            Devices.Selection auto = devices.select("auto", false, Devices.SMALL_BYTES);
            assertThat(devices.hints()).isEqualTo(found.hints());
            assertThat(auto.devices()).hasSize(1);
            assertThat(auto.notes()).isEqualTo(found.notes());
        }
    }
}
