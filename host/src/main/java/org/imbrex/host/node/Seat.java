package org.imbrex.host.node;

import java.util.List;

/**
 * Room on a node that a tile has been given: one of its slots, memory, and blocks of what it shares with other tiles.
 *
 * @param bytes of the node's memory, beside the blocks
 */
record Seat(Connection connection, long bytes, List<Stock.Held> blocks) {}
