/**
 * Many machines: a node that runs tiles for others, and the fleet of nodes as a device of this process.
 * In: programs and tiles with what they read, over connections of peers that have proved who they are. Out: results.
 */
package org.imbrex.host.node;
