/** Programs of a page each, on real data: {@code examples/run NAME} from the repository's root. */
package org.imbrex.examples;
