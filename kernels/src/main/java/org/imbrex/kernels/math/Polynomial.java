package org.imbrex.kernels.math;

import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;

/** Polynomials by Horner's rule. Coefficients are near-minimax: interpolation at Chebyshev's nodes, in 400 bits. */
final class Polynomial {
    private Polynomial() {}

    /** The one for the type: f32's has fewer terms. */
    static Value of(Code code, Value x, double[] f32, double[] f64) {
        return of(code, x, x.type() == ScalarType.F32 ? f32 : f64);
    }

    static Value of(Code code, Value x, double[] coefficients) {
        Value sum = code.real(x.type(), coefficients[coefficients.length - 1]);
        for (int k = coefficients.length - 2; k >= 0; k--) {
            sum = code.fma(sum, x, code.real(x.type(), coefficients[k]));
        }
        return sum;
    }
}
