/**
 * Pictures of arrays as PNG: line plots, heat maps, world maps. Values and labels flow in, bytes of a picture flow out.
 * No display, no fonts and no native library are needed, and the same input gives the same pixels on every machine.
 */
package org.imbrex.host.plot;
