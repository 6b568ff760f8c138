package org.imbrex.host.format;

import java.util.List;
import java.util.Optional;
import org.imbrex.kernels.type.ArrayType;

/** One array of a file as its header tells it, before any of its elements is read. */
public final class Variable {
    private final String name;
    private final ArrayType type;
    private final List<String> dimensions;
    private final List<Fact> facts;

    private Variable(String name, ArrayType type, List<String> dimensions, List<Fact> facts) {
        this.name = name;
        this.type = type;
        this.dimensions = List.copyOf(dimensions);
        this.facts = List.copyOf(facts);
    }

    /** An array that can be opened. */
    public static Variable of(String name, ArrayType type, List<String> dimensions, List<Fact> facts) {
        return new Variable(name, type, dimensions, facts);
    }

    /** What the file holds but Imbrex does not read, such as text; a fact tells why. */
    public static Variable unread(String name, List<String> dimensions, List<Fact> facts) {
        return new Variable(name, null, dimensions, facts);
    }

    public String name() {
        return name;
    }

    /** Element type and shape as {@link StoredFile#open(String)} gives them; empty where it would refuse. */
    public Optional<ArrayType> type() {
        return Optional.ofNullable(type);
    }

    /** The axes' names, outermost first; empty where the file names none. */
    public List<String> dimensions() {
        return dimensions;
    }

    /** Byte order, memory order, units, missing values and the like, in the order in which to print them. */
    public List<Fact> facts() {
        return facts;
    }
}
