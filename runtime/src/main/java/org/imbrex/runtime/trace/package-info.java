/**
 * What happened when: spans of work for a Chrome trace, and JFR events.
 * In: begin and end of each piece of work. Out: a JSON file that a trace viewer opens, and events in a recording.
 */
package org.imbrex.runtime.trace;
