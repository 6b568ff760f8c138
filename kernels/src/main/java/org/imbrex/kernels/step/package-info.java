/**
 * Time steps: several runs of a stencil for each pass over memory, in boxes that shrink from step to step.
 * In: an iterate stage and a tile. Out: the tile's fields after all of the stage's steps.
 */
package org.imbrex.kernels.step;
