/**
 * Memory that holds arrays or parts of them, off heap: spans of flat buffers, where inputs come from and where
 * results go.
 */
package org.imbrex.runtime.memory;
