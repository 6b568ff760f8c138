package org.imbrex.kernels.scalar;

/** A value inside a kernel: the result of instruction {@code id} of the {@link Code} that made it. */
public record Value(int id, ScalarType type) {}
