package org.imbrex.host.node.wire;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

/** Random bytes that nobody guesses: who shows them may write what a client of the node that made them expects. */
public record Ticket(byte[] bytes) {
    private static final int BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    public static Ticket fresh() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return new Ticket(bytes);
    }

    Encoder encode(Encoder to) {
        return to.bytes(bytes);
    }

    static Ticket read(Decoder from) throws WireException {
        return new Ticket(from.bytes(BYTES));
    }

    public byte[] encoded() {
        return encode(new Encoder()).finished();
    }

    public static Ticket decode(byte[] fields) throws WireException {
        Decoder from = new Decoder(fields);
        Ticket ticket = read(from);
        from.end();
        return ticket;
    }

    /** In a time that does not tell where two differ. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Ticket ticket && MessageDigest.isEqual(bytes, ticket.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "a ticket"; // it is a secret
    }
}
