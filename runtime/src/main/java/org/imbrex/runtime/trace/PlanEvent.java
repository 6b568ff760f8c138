package org.imbrex.runtime.trace;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A program that was planned. */
@Name("org.imbrex.Plan")
@Label("Imbrex plan")
@Category("Imbrex")
@StackTrace(false)
public final class PlanEvent extends Event {
    @Label("Program")
    public String program;

    @Label("Stages")
    public int stages;

    @Label("Tiles")
    public long tiles;
}
