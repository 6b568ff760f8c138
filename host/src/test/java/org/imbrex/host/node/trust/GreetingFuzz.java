package org.imbrex.host.node.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.imbrex.host.node.FuzzFrames;
import org.imbrex.host.node.wire.Encoder;
import org.imbrex.host.node.wire.FrameType;
import org.imbrex.host.node.wire.FuzzSeeds;
import org.imbrex.host.node.wire.Limits;
import org.imbrex.host.node.wire.Wire;

/**
 * A target of the fuzzer: what a stranger may send to a node, with and without a secret, and what one that plays a node
 * may send to a client. The first byte chooses. Nobody comes in who does not know the secret.
 */
public final class GreetingFuzz {
    private static final int NODE = 0;
    private static final int NODE_WITH_SECRET = 1;
    private static final int CHOICES = 3;
    private static final Credentials OPEN = new Credentials.Loopback();
    private static final Credentials SECRET = secret();

    private GreetingFuzz() {}

    private static Credentials secret() {
        try {
            Path folder = Files.createTempDirectory("imbrex-fuzz");
            return Credentials.secret(folder.resolve("secret"), true);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Called by Jazzer, so that making the class is not counted as the first input's time. */
    public static void fuzzerInitialize() {}

    /** Called by Jazzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        int choice = (input[0] & 0xff) % CHOICES;
        Wire wire = new Wire(new FuzzFrames.Given(FuzzFrames.stream(Arrays.copyOfRange(input, 1, input.length))));
        try {
            switch (choice) {
                case NODE -> Greeting.asNode(wire, OPEN, "fuzz", 0);
                case NODE_WITH_SECRET -> {
                    Greeting.asNode(wire, SECRET, "fuzz", 0);
                    throw new AssertionError("one came in who does not know the secret");
                }
                default -> Greeting.asClient(wire, Optional.empty(), OPEN, "fuzz", 0);
            }
        } catch (IOException e) {
            return; // what a wrong frame is answered by
        }
    }

    /** Greetings as they should be, but for the proof. */
    public static void seeds(Path folder, long seed) throws IOException {
        Random random = new Random(seed);
        for (int choice = 0; choice < CHOICES; choice++) {
            List<List<FuzzSeeds.Message>> conversations = new ArrayList<>();
            for (int k = 0; k < 4; k++) {
                byte[] nonce = new byte[32];
                random.nextBytes(nonce);
                byte[] hello = new Encoder()
                        .u16(Limits.VERSION)
                        .u8(0)
                        .i32(k % 2)
                        .bytes(nonce)
                        .u8(k / 2)
                        .text("imbrex")
                        .finished();
                conversations.add(List.of(
                        new FuzzSeeds.Message(FrameType.HELLO, 0, hello, 0),
                        new FuzzSeeds.Message(FrameType.PROOF, 0, nonce, 0)));
                conversations.add(List.of(new FuzzSeeds.Message(
                        FrameType.GOODBYE, 0, new Encoder().text("no").finished(), 0)));
            }
            FuzzFrames.seeds(
                    Files.createDirectories(folder.resolve("choice-" + choice)), conversations, (byte) choice);
        }
    }
}
