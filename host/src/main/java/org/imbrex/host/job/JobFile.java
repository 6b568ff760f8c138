package org.imbrex.host.job;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/** Reads a job from YAML, keeping each line's number for what is wrong with it. */
public final class JobFile {
    /** The options that a job may set, by their names on the command line. */
    public static final Set<String> OPTIONS = new LinkedHashSet<>(
            List.of("device", "threads", "tile", "memory", "verify", "fast", "dtype", "shape", "offset", "order"));

    private static final long MOST_BYTES = 1 << 20;
    private static final int MOST_STEPS = 1000;
    private static final String NAME = "[A-Za-z_][A-Za-z_0-9-]*";

    private final Path file;

    private JobFile(Path file) {
        this.file = file;
    }

    /**
     * Reads a job file.
     *
     * @throws JobException where it is not YAML, has unknown keys, or a step lacks something or reads a later one
     * @throws IOException where the file cannot be read
     */
    public static Job read(Path file) throws IOException {
        return new JobFile(file).read();
    }

    private Job read() throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw wrong(0, "found " + Files.size(file) + " bytes, expected a job file of at most " + MOST_BYTES);
        }
        String text;
        try {
            text = Files.readString(file);
        } catch (CharacterCodingException e) {
            throw wrong(0, "found bytes that are no UTF-8, expected a job file in YAML");
        }
        Optional<Node> root;
        try {
            LoadSettings settings = LoadSettings.builder()
                    .setLabel(file.toString())
                    .setMaxAliasesForCollections(10)
                    .setAllowDuplicateKeys(false)
                    .build();
            root = new Composer(settings, new ParserImpl(settings, new StreamReader(settings, text))).getSingleNode();
        } catch (MarkedYamlEngineException e) {
            throw wrong(e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(0), "no YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw wrong(0, "no YAML: " + e.getMessage().lines().findFirst().orElse(""));
        }
        Node node = root.orElseThrow(() -> wrong(0, "found an empty file, expected 'steps:'"));
        return job(node);
    }

    private Job job(Node root) {
        Map<String, String> defaults = Map.of();
        List<Job.Step> steps = null;
        for (Entry entry : entries(root, "a job")) {
            switch (entry.key) {
                case "defaults" -> defaults = options(entry.value);
                case "steps" -> steps = steps(entry.value);
                default -> throw wrong(entry.line, "found '" + entry.key + "', expected 'defaults' or 'steps'");
            }
        }
        if (steps == null || steps.isEmpty()) {
            throw wrong(line(root), "found no steps, expected 'steps:' with at least one");
        }
        return new Job(defaults, steps);
    }

    private List<Job.Step> steps(Node node) {
        if (!(node instanceof SequenceNode list)) {
            throw wrong(line(node), "found no list under 'steps', expected items that begin with '- name:'");
        }
        if (list.getValue().size() > MOST_STEPS) {
            throw wrong(line(node), "found " + list.getValue().size() + " steps, expected at most " + MOST_STEPS);
        }
        List<Job.Step> steps = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (Node item : list.getValue()) {
            Job.Step step = step(item, names);
            if (!names.add(step.name())) {
                throw wrong(step.line(), "found a second step named '" + step.name() + "', expected names that differ");
            }
            steps.add(step);
        }
        return steps;
    }

    private Job.Step step(Node node, Set<String> earlier) {
        String name = null;
        String expression = null;
        Map<String, Job.In> in = new LinkedHashMap<>();
        Optional<String> out = Optional.empty();
        Map<String, String> options = new LinkedHashMap<>();
        for (Entry entry : entries(node, "a step")) {
            switch (entry.key) {
                case "name" -> name = text(entry);
                case "eval" -> expression = text(entry);
                case "out" -> out = Optional.of(text(entry));
                case "in" -> {
                    for (Entry input : entries(entry.value, "'in'")) {
                        in.put(input.key, in(input, earlier));
                    }
                }
                default -> options.put(option(entry), text(entry));
            }
        }
        int line = line(node);
        if (name == null || !name.matches(NAME)) {
            throw wrong(line, name == null
                    ? "found a step without 'name'"
                    : "found the name '" + name + "', expected letters, digits, '_' and '-'");
        }
        if (expression == null) {
            throw wrong(line, "found no 'eval' in step '" + name + "', expected an expression");
        }
        return new Job.Step(name, expression, Map.copyOf(in), out, Map.copyOf(options), line);
    }

    private Job.In in(Entry entry, Set<String> earlier) {
        String text = text(entry);
        if (!text.startsWith("$")) {
            return new Job.In.Stored(text);
        }
        String step = text.substring(1);
        if (!earlier.contains(step)) {
            throw wrong(entry.line, "found '" + text + "', expected an earlier step"
                    + (earlier.isEmpty() ? "; there is none" : ": " + String.join(", ", earlier)));
        }
        return new Job.In.Earlier(step);
    }

    private Map<String, String> options(Node node) {
        Map<String, String> options = new LinkedHashMap<>();
        for (Entry entry : entries(node, "'defaults'")) {
            options.put(option(entry), text(entry));
        }
        return options;
    }

    private String option(Entry entry) {
        if (!OPTIONS.contains(entry.key)) {
            throw wrong(entry.line, "found '" + entry.key + "', expected name, eval, in, out or an option: "
                    + String.join(", ", OPTIONS));
        }
        return entry.key;
    }

    private record Entry(String key, Node value, int line) {}

    private List<Entry> entries(Node node, String what) {
        if (!(node instanceof MappingNode map)) {
            throw wrong(line(node), "found no keys for " + what + ", expected 'key: value' lines");
        }
        List<Entry> entries = new ArrayList<>();
        for (NodeTuple tuple : map.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw wrong(line(tuple.getKeyNode()), "found a key that is no text");
            }
            entries.add(new Entry(key.getValue(), tuple.getValueNode(), line(key)));
        }
        return entries;
    }

    private String text(Entry entry) {
        if (entry.value instanceof ScalarNode scalar && !scalar.getValue().isBlank()) {
            return scalar.getValue().strip();
        }
        throw wrong(entry.line, "found no text for '" + entry.key + "', expected one value");
    }

    private static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }

    private JobException wrong(int line, String message) {
        return new JobException(file, line, message);
    }
}
