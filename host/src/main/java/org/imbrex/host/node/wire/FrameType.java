package org.imbrex.host.node.wire;

/** What a frame is; docs/protocol.md tells each one's fields. */
public enum FrameType {
    HELLO,
    PROOF,
    WELCOME,
    PROGRAM,
    ACCEPTED,
    TILE,
    RESULT,
    FAULT,
    PING,
    CANCEL,
    DRAIN,
    STATUS,
    GOODBYE,
    BLOCK,
    DROP,
    READ,
    ELEMENTS,
    SUBMIT,
    JOB,
    INPUT,
    FETCH,
    FORGET,
    JOBS,
    EXPECT,
    TICKET,
    PEER,
    GIVE,
    BORDER;

    /** Whether elements follow the fields. */
    public boolean hasData() {
        return switch (this) {
            case TILE, RESULT, BLOCK, ELEMENTS, INPUT, BORDER -> true;
            default -> false;
        };
    }

    /** The most bytes of fields. */
    int fields(boolean greeted) {
        return switch (this) {
            case HELLO, PROOF, GOODBYE -> Limits.GREETING;
            case PROGRAM, SUBMIT -> greeted ? Limits.FIELDS : 0;
            case PING, DRAIN, CANCEL, DROP, ELEMENTS, ACCEPTED -> 0;
            default -> greeted ? Limits.TILE_FIELDS : 0;
        };
    }
}
