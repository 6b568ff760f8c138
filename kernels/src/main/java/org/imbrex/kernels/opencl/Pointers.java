package org.imbrex.kernels.opencl;

import java.util.ArrayList;
import java.util.List;
import org.imbrex.kernels.opencl.Launch.Memory;
import org.imbrex.kernels.stage.View;

/** What views read or write as pointer arguments: one for each load, and one for each buffer that is written. */
public final class Pointers {
    private final List<View> views;
    private final boolean written;
    private final int[] position;
    private final List<String> declarations = new ArrayList<>();
    private final List<Memory> memory = new ArrayList<>();

    private Pointers(List<View> views, List<View> others, boolean written, int first) {
        this.views = views;
        this.written = written;
        this.position = new int[views.size()];
        for (int k = 0; k < views.size(); k++) {
            View view = views.get(k);
            position[k] = -1;
            // loads of one buffer may lie in different memory, where its parts are brought: at both ends of an axis
            for (int before = 0; written && before < k && position[k] < 0; before++) {
                if (views.get(before).buffer() == view.buffer()) {
                    position[k] = position[before];
                }
            }
            if (position[k] < 0) {
                position[k] = first + memory.size();
                memory.add(written ? new Memory.Store(k) : new Memory.Load(k));
                boolean alone = others.stream().noneMatch(other -> other.buffer() == view.buffer());
                declarations.add("__global %s%s *%s%s"
                        .formatted(
                                written || !alone ? "" : "const ",
                                SourceText.type(view.dtype()),
                                alone ? "restrict " : "",
                                name(k)));
            }
        }
    }

    /** What the loads of a stage read, the first pointers of a kernel. */
    public static Pointers loads(List<View> loads, List<View> stores) {
        return new Pointers(loads, stores, false, 0);
    }

    /** What its stores write, after {@code first} other pointers. */
    public static Pointers stores(List<View> stores, List<View> loads, int first) {
        return new Pointers(stores, loads, true, first);
    }

    /** The place of a view's pointer among the kernel's arguments. */
    public int position(int view) {
        return position[view];
    }

    public int count() {
        return memory.size();
    }

    public List<String> declarations() {
        return declarations;
    }

    public List<Memory> memory() {
        return memory;
    }

    /** The name of a view's pointer. */
    public String name(int view) {
        return (written ? "w" : "b") + position[view];
    }

    /** The value at an element of a load's buffer. */
    public String load(int load, String element) {
        return SourceText.loaded(views.get(load).dtype(), name(load) + "[" + element + "]");
    }

    /** {@code count} values side by side, from an element of a load's buffer on: 2, 4, 8 or 16, and no bools. */
    public String loadVector(int load, String element, int count) {
        return "vload" + count + "(0, " + name(load) + " + (" + element + "))";
    }

    /** The statement that stores a value. */
    public String store(int store, String element, String value) {
        return name(store) + "[" + element + "] = " + SourceText.stored(views.get(store).dtype(), value) + ";";
    }
}
