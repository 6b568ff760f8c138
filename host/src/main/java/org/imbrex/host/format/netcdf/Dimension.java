package org.imbrex.host.format.netcdf;

/**
 * A named axis.
 *
 * @param length the number of records where it is unlimited
 */
record Dimension(String name, long length, boolean unlimited) {}
