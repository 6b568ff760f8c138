package org.imbrex.runtime.trace;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Partial results of a reduction, combined. */
@Name("org.imbrex.Merge")
@Label("Merge")
@Category("Imbrex")
@StackTrace(false)
final class MergeEvent extends Event {
    @Label("Tile")
    String tile;
}
