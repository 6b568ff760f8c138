/**
 * Sizes that suit a device: measured once by a probe, kept on disk. In: devices. Out: their tunings. Bits never depend on
 * them.
 */
package org.imbrex.runtime.tune;
