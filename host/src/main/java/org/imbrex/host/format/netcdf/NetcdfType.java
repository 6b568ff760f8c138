package org.imbrex.host.format.netcdf;

import java.util.Locale;
import java.util.Optional;
import org.imbrex.host.format.file.StoredType;

/** The types of variables and attributes in the order of their codes, from 1 on; the last five are CDF-5's. */
enum NetcdfType {
    BYTE(1, StoredType.I8),
    CHAR(1, null),
    SHORT(2, StoredType.I16),
    INT(4, StoredType.I32),
    FLOAT(4, StoredType.F32),
    DOUBLE(8, StoredType.F64),
    UBYTE(1, StoredType.U8),
    USHORT(2, StoredType.U16),
    UINT(4, StoredType.U32),
    INT64(8, StoredType.I64),
    UINT64(8, null);

    private final int bytes;
    private final StoredType stored;

    NetcdfType(int bytes, StoredType stored) {
        this.bytes = bytes;
        this.stored = stored;
    }

    static Optional<NetcdfType> of(int code, int version) {
        int types = version == 5 ? 11 : 6;
        return code < 1 || code > types ? Optional.empty() : Optional.of(values()[code - 1]);
    }

    int bytes() {
        return bytes;
    }

    /** How an array's elements are stored; empty for text and what no dtype holds. */
    Optional<StoredType> stored() {
        return Optional.ofNullable(stored);
    }

    boolean isFloat() {
        return this == FLOAT || this == DOUBLE;
    }

    /** The name in a CDL text, as ncdump prints it. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
