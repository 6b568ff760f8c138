package org.imbrex.host.format.netcdf;

import java.util.List;

/**
 * A file's header as it stands, its places and sizes checked against the file.
 *
 * @param version 1, 2 or 5
 * @param recordBytes from one record's start to the next one's
 */
record Header(
        int version, List<Dimension> dimensions, List<Attribute> attributes, List<Entry> entries, long recordBytes) {

    /**
     * A variable.
     *
     * @param dimensions numbers of dimensions, outermost first
     * @param begin the offset of its first element
     */
    record Entry(String name, List<Integer> dimensions, List<Attribute> attributes, NetcdfType type, long begin) {}

    boolean record(Entry entry) {
        return !entry.dimensions().isEmpty()
                && dimensions.get(entry.dimensions().getFirst()).unlimited();
    }

    long[] extents(Entry entry) {
        return entry.dimensions().stream()
                .mapToLong(number -> dimensions.get(number).length())
                .toArray();
    }
}
