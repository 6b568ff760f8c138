/**
 * Bodies compiled into loops: bytecode, scalar and of the Vector API, one hidden class a loop.
 * In: a body, the dtypes that it reads and writes, and how views step. Out: a loop that runs on addresses.
 */
package org.imbrex.kernels.loop;
