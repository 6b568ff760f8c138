package org.imbrex.host.node.wire;

/** What a peer may ask for at most; docs/protocol.md lists them. */
public final class Limits {
    /** The protocol's version; peers of different versions do not work together. */
    public static final int VERSION = 5;
    /** Bytes of a message's fields before the peer has proved who it is. */
    public static final int GREETING = 1024;
    /** Bytes of a message's fields: a program of the largest body there may be. */
    public static final int FIELDS = 8 << 20;
    /** Bytes of a tile's fields. */
    public static final int TILE_FIELDS = 64 << 10;
    /** Bytes of elements in one frame. */
    public static final long DATA = 1L << 30;
    /** Bytes of a text in UTF-8. */
    public static final int TEXT = 4096;

    /** Bytes of elements that one node gives to another at once: what it takes of the other's memory on its way. */
    public static final long BORDER = 16 << 20;

    static final int RANK = 32;
    static final int BUFFERS = 4096;
    static final int STAGES = 4096;
    static final int VIEWS = 256;
    static final int INSTRUCTIONS = 16_384;
    static final int RESULTS = 64;
    /** Stages of a time step. */
    static final int PARTS = 64;
    /** Numbers that say how far around a tile each stage of each time step is computed. */
    static final long REACHES = 1 << 20;
    /** Elements of a line that a function takes whole. */
    static final long LINE = 1 << 30;
    /** Bins of a histogram. */
    static final int BINS = 1 << 20;
    /** Elements of a sorted line that are asked for. */
    static final int RANKS = 4096;
    /** Blocks that a client may have on a node at once. */
    public static final int BLOCKS = 4096;
    /** Runs of elements that one ticket is good for. */
    static final int EXPECTED = 1024;
    /** Tiles that a border may wait for. */
    static final int AFTER = 4096;
    /** Pieces of one part. */
    static final int PIECES = 64;
    /** Element visits of one tile: what a node that cannot stop a kernel would be busy with for minutes. */
    static final double VISITS = 0x1p40;

    private Limits() {}
}
