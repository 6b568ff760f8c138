package org.imbrex.runtime.merge;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The accumulators of one node of the canonical tree, for every index of a box: one dense array per accumulator.
 *
 * @param release gives the memory back
 */
public record Partial(List<MemorySegment> accumulators, Runnable release) {}
