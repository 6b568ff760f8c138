/**
 * Elements in memory: how each dtype is read as, and written from, the raw bits of its scalar type, at any address.
 * In: addresses and bits. Out: bits and memory; also a body run on bits, one index at a time, as the oracle does.
 */
package org.imbrex.kernels.element;
