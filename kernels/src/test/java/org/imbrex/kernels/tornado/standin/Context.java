package org.imbrex.kernels.tornado.standin;

/** Which work item runs. */
public final class Context {
    public Integer globalIdx = 0;
}
