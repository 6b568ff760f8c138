package org.imbrex.runtime.trace;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A tile, from the worker's taking it to its end. */
@Name("org.imbrex.Tile")
@Label("Tile")
@Category("Imbrex")
@StackTrace(false)
final class TileEvent extends Event {
    @Label("Tile")
    String tile;

    @Label("Device")
    String device;
}
