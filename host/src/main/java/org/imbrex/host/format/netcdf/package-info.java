/**
 * NetCDF classic: CDF-1, CDF-2 and CDF-5, read only.
 * In: a file's bytes, big-endian. Out: its dimensions, attributes and variables, missing values as NaN and packed
 * values unpacked. The grammar is that of the NetCDF Classic Format Specification (Unidata).
 */
package org.imbrex.host.format.netcdf;
