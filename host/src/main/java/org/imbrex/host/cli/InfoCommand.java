package org.imbrex.host.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.imbrex.host.format.ArrayFiles;
import org.imbrex.host.format.ArrayName;
import org.imbrex.host.format.Fact;
import org.imbrex.host.format.FormatException;
import org.imbrex.host.format.ReadOptions;
import org.imbrex.host.format.StoredFile;
import org.imbrex.host.format.Variable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What is in an array file. */
@Command(name = "info", description = "Tells what is in an array file, as the reader sees it.")
final class InfoCommand implements Callable<Integer> {

    @Parameters(paramLabel = "FILE[:VAR]", description = "The file, or one variable of it.")
    private String file;

    @Option(names = "--dtype", paramLabel = "f32", description = "The dtype of a raw file.")
    private Optional<String> dtype;

    @Option(names = "--shape", paramLabel = "100,200", description = "The shape of a raw file.")
    private Optional<String> shape;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        ArrayName name = ArrayName.parse(file);
        ReadOptions options = InputArguments.raw(
                spec.commandLine(), dtype, shape, Optional.empty(), Optional.empty());
        try (StoredFile stored = ArrayFiles.open(name.file(), options)) {
            List<Variable> variables = stored.variables();
            if (!name.variable().isEmpty()) {
                List<String> names = variables.stream().map(Variable::name).toList();
                variables = variables.stream()
                        .filter(variable -> variable.name().equals(name.variable()))
                        .toList();
                if (variables.isEmpty()) {
                    throw FormatException.of(name.file(), "found no variable '" + name.variable() + "', expected one of "
                            + String.join(", ", names));
                }
            }
            if (json) {
                out.println(Json.of(data(stored, variables)));
                return 0;
            }
            out.println(stored.path() + ": " + stored.format().title());
            stored.facts().forEach(fact -> out.println("  " + fact.name() + ": " + fact.value()));
            for (Variable variable : variables) {
                out.println(variable.name() + "  " + variable.type().map(Object::toString).orElse("not read")
                        + (variable.dimensions().isEmpty() ? "" : "  [" + String.join(", ", variable.dimensions()) + "]"));
                variable.facts().forEach(fact -> out.println("  " + fact.name() + ": " + fact.value()));
            }
            return 0;
        }
    }

    private static Map<String, Object> data(StoredFile stored, List<Variable> variables) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("file", stored.path().toString());
        data.put("format", stored.format().title());
        data.put("facts", facts(stored.facts()));
        List<Object> list = new ArrayList<>();
        for (Variable variable : variables) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", variable.name());
            one.put("dtype", variable.type().map(type -> type.dtype().text()).orElse(null));
            one.put("shape", variable.type()
                    .map(type -> java.util.Arrays.stream(type.shape().extents()).boxed().toList())
                    .orElse(null));
            one.put("dimensions", variable.dimensions());
            one.put("facts", facts(variable.facts()));
            list.add(one);
        }
        data.put("variables", list);
        return data;
    }

    private static Map<String, Object> facts(List<Fact> facts) {
        Map<String, Object> map = new LinkedHashMap<>();
        facts.forEach(fact -> map.put(fact.name(), fact.value()));
        return map;
    }
}
