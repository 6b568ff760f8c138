package org.imbrex.runtime.trace;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A tile on a device. */
@Name("org.imbrex.Kernel")
@Label("Kernel")
@Category("Imbrex")
@StackTrace(false)
final class KernelEvent extends Event {
    @Label("Tile")
    String tile;

    @Label("Device")
    String device;
}
