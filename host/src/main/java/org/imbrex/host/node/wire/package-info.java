/**
 * The protocol between nodes, docs/protocol.md: frames over a TCP connection, and what they carry.
 * In: programs, tiles and elements in native memory. Out: the same on the other side, checked, or a {@code WireException}.
 */
package org.imbrex.host.node.wire;
