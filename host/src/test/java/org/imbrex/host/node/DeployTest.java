package org.imbrex.host.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The files under deploy/: read by the tools that they are for, as far as these are here. */
class DeployTest {
    private static final Path DEPLOY = Path.of("../deploy").toAbsolutePath().normalize();
    /** What each kind of object must have, and may have, below its kind, apiVersion and metadata. */
    private static final Map<String, Set<String>> SPECS = Map.of(
            "Service", Set.of("clusterIP", "selector", "ports", "publishNotReadyAddresses"),
            "StatefulSet",
                    Set.of("serviceName", "replicas", "podManagementPolicy", "selector", "template"),
            "PodDisruptionBudget", Set.of("maxUnavailable", "selector"));

    private static final Map<String, String> VERSIONS =
            Map.of("Service", "v1", "StatefulSet", "apps/v1", "PodDisruptionBudget", "policy/v1");

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? output : "status " + process.exitValue() + ": " + output;
    }

    @Test
    void theBatchScriptIsBash() throws Exception {
        assertThat(output("bash", "-n", DEPLOY.resolve("imbrex.sbatch").toString())).isEmpty();
    }

    @Test
    void theUnitsAreThoseThatSystemdTakes() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-analyze")), "no systemd-analyze here");
        // it looks for the program: one that is everywhere stands in for the node
        Path folder = Files.createTempDirectory("imbrex-unit");
        for (String name : List.of("imbrex-node.service", "imbrex-coordinator.service")) {
            Path unit = folder.resolve(name);
            String text = Files.readString(DEPLOY.resolve(name));
            Files.writeString(unit, text.replace("/opt/imbrex/imbrex", "/bin/sh"));
            String said = output("systemd-analyze", "verify", unit.toString());
            assertThat(said.lines().filter(line -> line.contains("imbrex")).toList()).isEmpty();
            Files.delete(unit);
        }
        Files.delete(folder);
    }

    @Test
    @SuppressWarnings("unchecked")
    void theManifestsHaveTheFieldsOfTheirKindsAndFitTogether() throws IOException {
        Load load = new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build());
        List<Map<String, Object>> objects = new ArrayList<>();
        load.loadAllFromString(Files.readString(DEPLOY.resolve("kubernetes.yaml")))
                .forEach(object -> objects.add((Map<String, Object>) object));
        assertThat(objects)
                .extracting(object -> object.get("kind"))
                .containsExactlyInAnyOrderElementsOf(SPECS.keySet());
        for (Map<String, Object> object : objects) {
            String kind = (String) object.get("kind");
            assertThat(object.get("apiVersion")).isEqualTo(VERSIONS.get(kind));
            assertThat(SPECS.get(kind)).as(kind).containsAll(at(object, "spec").keySet());
        }
        Map<String, Object> set = objects.stream()
                .filter(object -> object.get("kind").equals("StatefulSet"))
                .findFirst()
                .orElseThrow();
        Map<String, Object> labels = at(set, "spec", "template", "metadata", "labels");
        for (Map<String, Object> object : objects) {
            Map<String, Object> selector = at(object, "spec", "selector");
            Object wanted = selector.getOrDefault("matchLabels", selector);
            assertThat(labels.entrySet())
                    .as("" + object.get("kind"))
                    .containsAll(((Map<String, Object>) wanted).entrySet());
        }
        Map<String, Object> pod = at(set, "spec", "template", "spec");
        Map<String, Object> node = ((List<Map<String, Object>>) pod.get("containers")).getFirst();
        List<String> volumes = ((List<Map<String, Object>>) pod.get("volumes"))
                .stream().map(volume -> (String) volume.get("name")).toList();
        assertThat((List<Map<String, Object>>) node.get("volumeMounts"))
                .allMatch(mount -> volumes.contains(mount.get("name")));
        assertThat(at(node, "resources", "limits")).containsKey("memory");
        assertThat((List<Object>) node.get("args")).contains("node", "--secret");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> at(Map<String, Object> object, String... path) {
        Map<String, Object> inner = object;
        for (String name : path) {
            assertThat(inner).containsKey(name);
            inner = (Map<String, Object>) inner.get(name);
        }
        return inner;
    }
}
