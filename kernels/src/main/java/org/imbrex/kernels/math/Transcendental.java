package org.imbrex.kernels.math;

import org.imbrex.kernels.expr.Function;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.Value;

/** The functions that are no finite combination of arithmetic. */
final class Transcendental {
    private Transcendental() {}

    static Value apply(Code code, Function function, Value... args) {
        throw new IllegalArgumentException(function + " of " + args.length);
    }
}
