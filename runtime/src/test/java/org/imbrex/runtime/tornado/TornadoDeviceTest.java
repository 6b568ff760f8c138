package org.imbrex.runtime.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
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
        command.addAll(List.of(System.getProperty("imbrex.test.tornado", CHECKS).split(",")));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        int status = process.waitFor();
        System.out.println(output);
        assertThat(status).as(output).isZero();
    }

    @Test
    void withoutTornadoVmOneLineSaysSoAndAutoGoesOn() {
        Backend.Discovery found = new TornadoBackend().discover();
        Assumptions.assumeTrue(found.devices().isEmpty());
        assertThat(found.notes()).hasSize(1);
        assertThat(found.notes().getFirst()).startsWith("tornado: ").contains("TORNADOVM_HOME").doesNotContain("\n");
        try (Devices devices = new Devices(List.of(new VectorBackend(1), new TornadoBackend()))) {
            Devices.Selection auto = devices.select("auto", false, Devices.SMALL_BYTES);
            assertThat(auto.devices()).hasSize(1);
            assertThat(auto.notes()).isEmpty();
        }
    }
}
