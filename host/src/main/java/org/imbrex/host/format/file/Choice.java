package org.imbrex.host.format.file;

import java.nio.file.Path;
import java.util.List;
import org.imbrex.host.format.FormatException;
import org.imbrex.host.format.Variable;

/** Finds the array that a user means among those of a file. */
public final class Choice {
    private static final int LISTED = 12;

    private Choice() {}

    /** The number of the variable of that name. */
    public static int named(Path file, List<Variable> variables, String name) {
        for (int i = 0; i < variables.size(); i++) {
            if (variables.get(i).name().equals(name)) {
                return i;
            }
        }
        throw FormatException.of(file, "found no array '" + name + "', expected one of: " + names(variables));
    }

    /** The name of the only variable that can be read. */
    public static String only(Path file, List<Variable> variables) {
        List<Variable> readable =
                variables.stream().filter(v -> v.type().isPresent()).toList();
        return switch (readable.size()) {
            case 0 -> throw FormatException.of(file, "found no array that can be read" + unread(variables));
            case 1 -> readable.getFirst().name();
            default ->
                throw FormatException.of(
                        file,
                        "found " + readable.size() + " arrays, expected one to be named as " + file + ":NAME, of: "
                                + names(readable));
        };
    }

    private static String unread(List<Variable> variables) {
        for (Variable variable : variables) {
            if (!variable.facts().isEmpty()) {
                return "; " + variable.name() + ": "
                        + variable.facts().getLast().value();
            }
        }
        return "";
    }

    private static String names(List<Variable> variables) {
        StringBuilder names = new StringBuilder();
        for (Variable variable : variables.subList(0, Math.min(LISTED, variables.size()))) {
            names.append(names.isEmpty() ? "" : ", ").append(variable.name());
        }
        int more = variables.size() - LISTED;
        return names.isEmpty() ? "none" : names + (more > 0 ? " and " + more + " more" : "");
    }
}
