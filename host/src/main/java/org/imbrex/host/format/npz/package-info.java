/**
 * NPZ: a ZIP archive of NPY files.
 * In: an archive's bytes. Out: its arrays, mapped where they are stored and inflated where they are deflated; or arrays
 * written side by side into one archive.
 */
package org.imbrex.host.format.npz;
