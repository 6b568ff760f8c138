/**
 * OpenCL C text: bodies as statements, views as offsets, boxes as loops or work items, and what a tile launches.
 * In: bodies, views, boxes. Out: kernel source with its argument layout, and launches as plain data.
 */
package org.imbrex.kernels.opencl;
