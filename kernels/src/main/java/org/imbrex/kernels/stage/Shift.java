package org.imbrex.kernels.stage;

/**
 * A neighbour access along one axis of a stage: index i reads i + {@code by}, mapped into [0, {@code extent}) by the
 * view's edge mode.
 */
public record Shift(int axis, long by, long extent) {}
