package org.imbrex.host.node.trust;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A private key and the certificate of its public half (RFC 5280): ECDSA on P-256. */
record Identity(PrivateKey key, X509Certificate certificate) {
    private static final byte[] SIGNED_BY = Der.sequence(Der.oid(1, 2, 840, 10045, 4, 3, 2));

    /** One that vouches for itself alone. */
    static Identity selfSigned(String name, boolean authority, Duration lasts) throws GeneralSecurityException {
        KeyPair pair = pair();
        return new Identity(pair.getPrivate(), certificate(name, name, pair, pair.getPrivate(), authority, lasts, List.of()));
    }

    /** A node's, by this authority, good for some host names and addresses. */
    Identity sign(String name, List<String> hosts, Duration lasts) throws GeneralSecurityException {
        KeyPair pair = pair();
        String issuer = certificate.getSubjectX500Principal().getName().replaceFirst("^CN=", "");
        return new Identity(pair.getPrivate(), certificate(name, issuer, pair, key, false, lasts, hosts));
    }

    private static KeyPair pair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static X509Certificate certificate(
            String subject,
            String issuer,
            KeyPair pair,
            PrivateKey signer,
            boolean authority,
            Duration lasts,
            List<String> hosts)
            throws GeneralSecurityException {
        Instant now = Instant.now();
        List<byte[]> extensions = new ArrayList<>();
        byte[] constraints = authority ? Der.sequence(Der.bool(true)) : Der.sequence();
        extensions.add(Der.sequence(Der.oid(2, 5, 29, 19), Der.bool(true), Der.octets(constraints)));
        if (!hosts.isEmpty()) {
            byte[][] names = hosts.stream().map(Identity::name).toArray(byte[][]::new);
            extensions.add(Der.sequence(Der.oid(2, 5, 29, 17), Der.octets(Der.sequence(names))));
        }
        byte[] body = Der.sequence(
                Der.tagged(0xa0, Der.integer(BigInteger.TWO)),
                Der.integer(new BigInteger(120, new SecureRandom()).setBit(119)),
                SIGNED_BY,
                called(issuer),
                Der.sequence(Der.time(now.minusSeconds(300)), Der.time(now.plus(lasts))),
                called(subject),
                pair.getPublic().getEncoded(),
                Der.tagged(0xa3, Der.sequence(extensions.toArray(byte[][]::new))));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(signer);
        signature.update(body);
        byte[] all = Der.sequence(body, SIGNED_BY, Der.bits(signature.sign()));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(all));
    }

    private static byte[] called(String name) {
        return Der.sequence(Der.tagged(0x31, Der.sequence(Der.oid(2, 5, 4, 3), Der.text(name))));
    }

    /** A subject alternative name: an address where it looks like one, else a host's name. */
    private static byte[] name(String host) {
        try {
            return Der.tagged(0x87, InetAddress.ofLiteral(host).getAddress());
        } catch (IllegalArgumentException e) {
            return Der.tagged(0x82, host.getBytes(StandardCharsets.US_ASCII));
        }
    }
}
