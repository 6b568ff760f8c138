/**
 * The devices that are this process itself: the scalar reference and the Vector API, both on memory in place.
 * In: a stage. Out: its elements where the spans lie.
 */
package org.imbrex.runtime.host;
