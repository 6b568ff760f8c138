/** Types with the methods of TornadoVM's that kernels call, so that kernels run as plain Java. */
package org.imbrex.kernels.tornado.standin;
