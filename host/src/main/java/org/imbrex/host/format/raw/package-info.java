/**
 * Raw files: elements and nothing else.
 * In: a file and the layout that the user tells. Out: its elements in place or decoded; or elements as they are.
 */
package org.imbrex.host.format.raw;
