package org.imbrex.host.node.trust;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** What this side proves itself with, and what it asks of the other. */
public sealed interface Credentials {

    /** Nothing, over plain TCP: on loopback only. */
    record Loopback() implements Credentials {}

    /**
     * Both know a secret, and each proves it inside TLS by a message that is bound to the node's certificate, so that
     * nobody between them can pass it on.
     */
    final class Secret implements Credentials {
        private final byte[] secret;
        private final SSLContext context;
        private final byte[] certificate;

        private Secret(byte[] secret) throws GeneralSecurityException {
            this.secret = secret;
            Identity identity = Identity.selfSigned("imbrex node", false, Duration.ofDays(3650));
            this.certificate = sha256(identity.certificate().getEncoded());
            this.context = context(identity.key(), List.of(identity.certificate()), new TrustManager[] {new Proved()});
        }

        /** HMAC-SHA256 over who proves, both sides' random numbers, and the certificate's digest. */
        public byte[] proof(String who, byte[] nodeNonce, byte[] clientNonce, byte[] nodeCertificate) {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(secret, "HmacSHA256"));
                mac.update(("imbrex 1 " + who).getBytes(StandardCharsets.US_ASCII));
                mac.update(nodeNonce);
                mac.update(clientNonce);
                mac.update(nodeCertificate);
                return mac.doFinal();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every JDK has HMAC-SHA256", e);
            }
        }

        /** The digest of this node's own certificate. */
        public byte[] ownCertificate() {
            return certificate.clone();
        }

        /** The digest of the certificate that a node has shown. */
        public static byte[] shown(SSLEngine engine) throws IOException {
            try {
                Certificate first = engine.getSession().getPeerCertificates()[0];
                return sha256(first.getEncoded());
            } catch (GeneralSecurityException e) {
                throw new IOException("the node has shown no certificate", e);
            }
        }
    }

    /** Certificates of one authority on both sides. */
    final class Certified implements Credentials {
        private final SSLContext context;

        private Certified(SSLContext context) {
            this.context = context;
        }
    }

    /**
     * The secret in a file.
     *
     * @param make whether to make one where there is none
     */
    static Credentials secret(Path file, boolean make) throws IOException {
        if (make && !Files.exists(file)) {
            byte[] random = new byte[32];
            new SecureRandom().nextBytes(random);
            try {
                Pem.secret(file, HexFormat.of().formatHex(random) + "\n");
            } catch (FileAlreadyExistsException e) {
                return secret(file, false); // another process was first
            }
        }
        Set<PosixFilePermission> modes = Files.getPosixFilePermissions(file);
        modes.remove(PosixFilePermission.OWNER_READ);
        modes.remove(PosixFilePermission.OWNER_WRITE);
        if (!modes.isEmpty()) {
            throw new IOException(file + ": others than its owner may use this secret; make it your own with chmod 600");
        }
        byte[] secret = Files.readString(file).strip().getBytes(StandardCharsets.UTF_8);
        if (secret.length < 16) {
            throw new IOException(file + ": found a secret of " + secret.length + " characters, expected at least 16");
        }
        try {
            return new Secret(secret);
        } catch (GeneralSecurityException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /** This side's certificate and key, and the authority that the other side's must come from. */
    static Credentials certificates(Path certificate, Path key, Path authority) throws IOException {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            for (X509Certificate one : Pem.certificates(authority)) {
                trusted.setCertificateEntry("ca" + trusted.size(), one);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            return new Certified(
                    context(Pem.key(key), Pem.certificates(certificate), trust.getTrustManagers()));
        } catch (GeneralSecurityException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** A new authority and a node's certificate by it: {@code ca.pem ca.key node.pem node.key}. */
    static void make(Path folder, List<String> hosts, Duration lasts) throws IOException {
        try {
            Files.createDirectories(folder);
            Identity authority = Identity.selfSigned("Imbrex nodes", true, lasts);
            Identity node = authority.sign("imbrex node", hosts, lasts);
            Pem.secret(folder.resolve("ca.key"), Pem.text("PRIVATE KEY", authority.key().getEncoded()));
            Pem.secret(folder.resolve("node.key"), Pem.text("PRIVATE KEY", node.key().getEncoded()));
            Files.writeString(folder.resolve("ca.pem"), Pem.text("CERTIFICATE", authority.certificate().getEncoded()));
            Files.writeString(folder.resolve("node.pem"), Pem.text("CERTIFICATE", node.certificate().getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** The engine for one connection; empty where it is plain. */
    default Optional<SSLEngine> engine(boolean client, InetSocketAddress peer) {
        SSLContext context = switch (this) {
            case Loopback loopback -> null;
            case Secret secret -> secret.context;
            case Certified certified -> certified.context;
        };
        if (context == null) {
            return Optional.empty();
        }
        SSLEngine engine = context.createSSLEngine(peer.getHostString(), peer.getPort());
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3"});
        if (this instanceof Certified) {
            parameters.setNeedClientAuth(true);
            if (client) {
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
            }
        }
        engine.setUseClientMode(client);
        engine.setSSLParameters(parameters);
        return Optional.of(engine);
    }

    private static SSLContext context(
            java.security.PrivateKey key, List<X509Certificate> chain, TrustManager[] trust)
            throws GeneralSecurityException {
        try {
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, null);
            own.setKeyEntry("own", key, new char[0], chain.toArray(Certificate[]::new));
            KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(own, new char[0]);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(keys.getKeyManagers(), trust, null);
            return context;
        } catch (IOException e) {
            throw new GeneralSecurityException(e);
        }
    }

    private static byte[] sha256(byte[] bytes) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }

    /** Whether two proofs are equal, in a time that does not tell where they differ. */
    static boolean same(byte[] a, byte[] b) {
        return MessageDigest.isEqual(Arrays.copyOf(a, a.length), b);
    }

    /** Takes any certificate: the proof of the secret, bound to it, comes next, and nothing is believed before. */
    final class Proved extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
