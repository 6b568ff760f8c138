/**
 * Devices as the scheduler sees them: what was found, what each can do, and a tile run on one of them.
 * In: a program's stage and a tile. Out: the tile's elements in memory, or a {@code DeviceException}.
 */
package org.imbrex.runtime.device;
