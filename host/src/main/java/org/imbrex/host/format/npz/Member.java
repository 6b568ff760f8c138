package org.imbrex.host.format.npz;

/**
 * A member of an archive as its central directory tells it.
 *
 * @param method 0 stored, 8 deflated
 * @param crc CRC-32 of the plain bytes
 * @param bytes in the archive
 * @param plainBytes once inflated
 * @param header the offset of the member's local header
 */
record Member(String name, int flags, int method, int crc, long bytes, long plainBytes, long header) {
    static final int STORED = 0;
    static final int DEFLATED = 8;
    private static final String SUFFIX = ".npy";

    boolean array() {
        return name.endsWith(SUFFIX) && name.length() > SUFFIX.length();
    }

    boolean encrypted() {
        return (flags & 1) != 0;
    }

    /** The array's name: the member's without its suffix, as NumPy has it. */
    String variable() {
        return array() ? name.substring(0, name.length() - SUFFIX.length()) : name;
    }
}
