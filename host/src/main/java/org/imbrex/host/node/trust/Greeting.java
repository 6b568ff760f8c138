package org.imbrex.host.node.trust;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import org.imbrex.host.node.wire.Decoder;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.Limits;
import org.imbrex.host.node.wire.Link;
import org.imbrex.host.node.wire.TlsLink;
import org.imbrex.host.node.wire.Wire;
import org.imbrex.host.node.wire.WireException;
import org.imbrex.runtime.schedule.Clock;

/** How both sides of a new connection come to know each other; docs/protocol.md, "Greeting". */
public final class Greeting {
    /** A capability: the peer takes whole jobs, not tiles. */
    public static final int TAKES_JOBS = 1;
    /** A capability: the peer is a node that takes borders of blocks from others, or comes to bring some. */
    public static final int BORDERS = 2;

    private static final int NONCE = 32;
    private static final int PROOF = 32;

    /** What the node asks of a client beyond what TLS asks. */
    private enum Asks {
        NOTHING,
        SECRET
    }

    /** A wire to a peer that is who it should be; {@code software} is what it says it runs. */
    public record Peer(Wire wire, String software, int capabilities) {
        /** Whether it is a coordinator. */
        public boolean takesJobs() {
            return (capabilities & TAKES_JOBS) != 0;
        }

        /** Whether it is a node that hands borders to others. */
        public boolean handsBorders() {
            return (capabilities & BORDERS) != 0;
        }
    }

    private record Hello(int version, String software, int capabilities, byte[] nonce, Asks asks) {
        byte[] encoded() {
            return new Encoder()
                    .u16(version)
                    .u8(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 0 : 1)
                    .i32(capabilities)
                    .bytes(nonce)
                    .choice(asks)
                    .text(software)
                    .finished();
        }

        static Hello receive(Wire wire) throws IOException {
            Decoder from = new Decoder(expect(wire, FrameType.HELLO));
            int version = from.u16();
            if (version != Limits.VERSION) {
                throw new WireException("the peer speaks version " + version + " of the protocol, expected "
                        + Limits.VERSION + "; run the same version of Imbrex on both sides");
            }
            if (from.u8() != (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 0 : 1)) {
                throw new WireException("the peer stores numbers in the other byte order");
            }
            int capabilities = from.i32(); // those that are not known here are of no concern
            byte[] nonce = from.bytes(NONCE);
            Asks asks = from.choice(Asks.values());
            Hello hello = new Hello(version, from.text(), capabilities, nonce, asks);
            from.end();
            return hello;
        }
    }

    private Greeting() {}

    private static byte[] nonce() {
        byte[] nonce = new byte[NONCE];
        new SecureRandom().nextBytes(nonce);
        return nonce;
    }

    private static byte[] expect(Wire wire, FrameType type) throws IOException {
        Wire.Header header = wire.receive();
        byte[] fields = wire.fields(header);
        if (header.type() == FrameType.GOODBYE) {
            throw new WireException("the peer refused: " + new Decoder(fields).text());
        }
        if (header.type() != type) {
            throw new WireException("found " + header.type() + ", expected " + type);
        }
        return fields;
    }

    /** The client's side. Whoever calls this bounds its time by closing the channel. */
    public static Peer asClient(SocketChannel channel, InetSocketAddress peer, Credentials own, String software)
            throws IOException {
        return asClient(channel, peer, own, software, 0, Wire.BUFFER);
    }

    /**
     * As above.
     *
     * @param capabilities of this side
     * @param bufferBytes as {@link Wire} takes it
     */
    public static Peer asClient(
            SocketChannel channel,
            InetSocketAddress peer,
            Credentials own,
            String software,
            int capabilities,
            int bufferBytes)
            throws IOException {
        Optional<SSLEngine> engine = own.engine(true, peer);
        Link link = engine.isPresent() ? TlsLink.connect(channel, engine.get()) : new Link.Plain(channel);
        return asClient(new Wire(link, Clock.SYSTEM, bufferBytes), engine, own, software, capabilities);
    }

    /** What comes inside TLS, if there is any. */
    static Peer asClient(
            Wire wire, Optional<SSLEngine> engine, Credentials own, String software, int capabilities)
            throws IOException {
        Hello mine = new Hello(Limits.VERSION, software, capabilities, nonce(), Asks.NOTHING);
        wire.send(FrameType.HELLO, 0, mine.encoded());
        Hello node = Hello.receive(wire);
        if (own instanceof Credentials.Secret secret) {
            if (node.asks != Asks.SECRET) {
                throw new WireException("the node does not ask for the secret, so it may be another than it should be");
            }
            byte[] shown = Credentials.Secret.shown(engine.orElseThrow());
            wire.send(FrameType.PROOF, 0, secret.proof("client", node.nonce, mine.nonce, shown));
            byte[] proof = expect(wire, FrameType.PROOF);
            if (!Credentials.same(proof, secret.proof("node", node.nonce, mine.nonce, shown))) {
                throw new WireException("the node does not know the secret");
            }
        } else if (node.asks == Asks.SECRET) {
            throw new WireException("the node asks for a secret; give it with --secret FILE");
        }
        wire.greeted();
        return new Peer(wire, node.software, node.capabilities);
    }

    /** The node's side. Whoever calls this bounds its time by closing the channel. */
    public static Peer asNode(
            SocketChannel channel, InetSocketAddress peer, Credentials own, String software, int capabilities)
            throws IOException {
        Link link = own instanceof Credentials.Loopback
                ? new Link.Plain(channel)
                : TlsLink.accept(channel, () -> own.engine(false, peer).orElseThrow());
        return asNode(new Wire(link), own, software, capabilities);
    }

    /** What comes inside TLS, if there is any. */
    static Peer asNode(Wire wire, Credentials own, String software, int capabilities) throws IOException {
        Hello client;
        Hello mine = new Hello(
                Limits.VERSION, software, capabilities, nonce(), own instanceof Credentials.Secret ? Asks.SECRET : Asks.NOTHING);
        try {
            client = Hello.receive(wire);
            wire.send(FrameType.HELLO, 0, mine.encoded());
            if (own instanceof Credentials.Secret secret) {
                byte[] certificate = secret.ownCertificate();
                byte[] proof = expect(wire, FrameType.PROOF);
                if (proof.length != PROOF
                        || !Credentials.same(proof, secret.proof("client", mine.nonce, client.nonce, certificate))) {
                    throw new WireException("the client does not know the secret");
                }
                wire.send(FrameType.PROOF, 0, secret.proof("node", mine.nonce, client.nonce, certificate));
            }
        } catch (WireException e) {
            wire.send(FrameType.GOODBYE, 0, new Encoder().text(e.getMessage()).finished());
            throw e;
        }
        wire.greeted();
        return new Peer(wire, client.software, client.capabilities);
    }
}
