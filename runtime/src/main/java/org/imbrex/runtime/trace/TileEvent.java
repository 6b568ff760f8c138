package org.imbrex.runtime.trace;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A piece of work on one tile: {@code kernel}, {@code read}, {@code write}, {@code merge} or {@code verify}. */
@Name("org.imbrex.Tile")
@Label("Imbrex tile")
@Category("Imbrex")
@StackTrace(false)
public final class TileEvent extends Event {
    @Label("Phase")
    public String phase;

    @Label("Tile")
    public String tile;

    @Label("Device")
    public String device;
}
