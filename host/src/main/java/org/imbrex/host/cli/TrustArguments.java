package org.imbrex.host.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.imbrex.host.node.trust.Credentials;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What nodes and clients prove themselves with. */
final class TrustArguments {

    @Option(
            names = "--secret",
            paramLabel = "FILE",
            description = "A secret that nodes and clients share (mode 0600; a node makes it on first use).")
    private Optional<Path> secret;

    @Option(names = "--tls-cert", paramLabel = "FILE.pem", description = "This side's certificate.")
    private Optional<Path> certificate;

    @Option(names = "--tls-key", paramLabel = "FILE.key", description = "Its private key (PKCS #8, PEM).")
    private Optional<Path> key;

    @Option(names = "--tls-ca", paramLabel = "FILE.pem", description = "The authority of the other side's certificate.")
    private Optional<Path> authority;

    /** @param make whether a missing secret is made */
    Credentials credentials(CommandLine line, boolean make) throws IOException {
        boolean any = certificate.isPresent() || key.isPresent() || authority.isPresent();
        boolean all = certificate.isPresent() && key.isPresent() && authority.isPresent();
        if (any && (!all || secret.isPresent())) {
            throw new ParameterException(
                    line, "expected --tls-cert, --tls-key and --tls-ca together, or --secret alone");
        }
        if (all) {
            return Credentials.certificates(certificate.get(), key.get(), authority.get());
        }
        return secret.isPresent() ? Credentials.secret(secret.get(), make) : new Credentials.Loopback();
    }

    boolean isGiven() {
        return secret.isPresent() || certificate.isPresent() || key.isPresent() || authority.isPresent();
    }
}
