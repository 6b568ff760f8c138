package org.imbrex.kernels.tornado;

import java.util.List;
import org.imbrex.kernels.type.DType;

/**
 * One kernel: a class with one static method, which the class's instance also runs as a TornadoVM task.
 *
 * <p>The method's parameters are the context, a {@code LongArray} of numbers, then the arrays of {@code parameters}.
 *
 * @param name the method's name, as launches have it
 * @param numbers how many there are
 */
public record TornadoKernel(String className, String name, byte[] bytes, int numbers, List<Parameter> parameters) {

    /** What an array is to the kernels of a tile. */
    public enum Role {
        /** All that a tile reads of a dtype, one range after the other. */
        READ,
        /** All that it writes. */
        WRITTEN,
        /** What one kernel leaves for the next. */
        KEPT
    }

    /** An array. Dtypes of one width and kind share one, see {@link TornadoTypes#arrayName}. */
    public record Parameter(Role role, DType dtype) {
        public Parameter {
            dtype = dtype == DType.BOOL || dtype == DType.U8 ? DType.I8 : dtype;
        }
    }
}
