package org.imbrex.runtime.trace;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** Elements brought to memory, to a device, or to where a result goes. */
@Name("org.imbrex.Transfer")
@Label("Transfer")
@Category("Imbrex")
@StackTrace(false)
final class TransferEvent extends Event {
    @Label("Tile")
    String tile;

    @Label("What")
    String what;

    @Label("Bytes")
    @DataAmount
    long bytes;
}
