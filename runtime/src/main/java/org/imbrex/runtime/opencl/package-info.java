/**
 * OpenCL devices, by JOCL: found, compiled for, launched on, and read back from.
 * In: a stage's OpenCL C and spans of host memory. Out: its elements where the spans lie, or a {@code DeviceException}.
 */
package org.imbrex.runtime.opencl;
