package org.imbrex.kernels.opencl;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.imbrex.kernels.stage.View;
import org.imbrex.kernels.type.DType;

/** The frame of a program and of its kernels. */
public final class Kernel {
    private Kernel() {}

    /** What stands before all kernels. */
    public static String preamble(boolean fp64, List<View> views) {
        return (fp64 ? "#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n" : "")
                + "#pragma OPENCL FP_CONTRACT OFF\n\n"
                + Views.functions(views);
    }

    /** Opens a kernel's braces; its arguments are the pointers, then the numbers. */
    public static void open(
            SourceText out, OpenClTarget target, String name, List<String> pointers, List<String> numbers) {
        List<String> parameters = new ArrayList<>(pointers);
        numbers.forEach(number -> parameters.add("const long " + number));
        if (target.loops()) {
            out.line("__attribute__((reqd_work_group_size(1, 1, 1)))");
        }
        out.open("__kernel void %s(%s)", name, parameters.stream().collect(Collectors.joining(", ")));
    }

    /** What the arguments of a kernel take. */
    public static long argumentBytes(List<String> pointers, List<String> numbers) {
        return 8L * (pointers.size() + numbers.size());
    }

    public static boolean anyF64(List<View> views) {
        return views.stream().anyMatch(view -> view.dtype() == DType.F64);
    }
}
