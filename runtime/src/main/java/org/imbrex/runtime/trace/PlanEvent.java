package org.imbrex.runtime.trace;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

@Name("org.imbrex.Plan")
@Label("Plan")
@Category("Imbrex")
@StackTrace(false)
final class PlanEvent extends Event {
    @Label("Program")
    String program;

    @Label("Stages")
    int stages;

    @Label("Tiles")
    long tiles;
}
