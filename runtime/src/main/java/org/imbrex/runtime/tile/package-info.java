/**
 * Cuts a stage's index space into tiles that fit the device, the memory budget and the number of workers.
 * In: a stage, what of it must be brought to memory, limits. Out: a tiling, plain data that names each tile.
 */
package org.imbrex.runtime.tile;
