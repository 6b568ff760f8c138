/**
 * Fuses checked expressions into as few loop nests as there can be.
 * In: nodes and how the inputs lie in memory. Out: a program of stages over views.
 */
package org.imbrex.kernels.fuse;
