/**
 * The main job on real data: block means of a weather record, an ocean climatology, and every device side by side.
 * In: the example data. Out: arrays, pictures and a report in a folder, and small tables for the terminal.
 */
package org.imbrex.host.demo;
