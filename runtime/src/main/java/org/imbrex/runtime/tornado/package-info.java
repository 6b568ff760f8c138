/**
 * TornadoVM's devices, where TornadoVM is there: its API is bound when first asked for, so nothing needs it to compile.
 * In: a stage's bytecode and spans of host memory. Out: its elements where the spans lie, or a {@code DeviceException}.
 */
package org.imbrex.runtime.tornado;
