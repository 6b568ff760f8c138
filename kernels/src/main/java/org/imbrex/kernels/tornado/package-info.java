/**
 * Java bytecode that TornadoVM turns into kernels: what all such kernels share, and how bodies keep their bits there.
 * In: bodies, views and the names of TornadoVM's types. Out: class files of one static method each.
 */
package org.imbrex.kernels.tornado;
