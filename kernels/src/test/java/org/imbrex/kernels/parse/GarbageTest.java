package org.imbrex.kernels.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.SplittableRandom;
import org.imbrex.kernels.type.ArrayType;
import org.imbrex.kernels.type.DType;
import org.imbrex.kernels.type.ImbrexException;
import org.imbrex.kernels.type.Shape;
import org.imbrex.kernels.typing.Typing;
import org.junit.jupiter.api.Test;

/** No text makes the parser fail in any other way than by telling where it is wrong, on a small stack too. */
class GarbageTest {
    private static final String[] PIECES = """
        a b sum mean ( ) [ ] , : ... None axis= keepdims= true 1 -1 2.5 0x1F 1e-3 'wrap' " ' + - * ** / // % @ < == & |
        ^ ~ = at stencil mode= blocks rolling reshape transpose concat f32 \0 é 😀 nan inf pi where dot ! $ _
        9223372036854775808 1_ 0x 1e . ..
        """.replace("\n", " \n ").split(" ");

    private static void tryToParse(String text, String what) {
        try {
            Parser.parse(text);
        } catch (SyntaxException e) {
            boolean placed = e.position() >= 0 && e.position() <= text.length();
            boolean oneLine = e.getMessage().chars().noneMatch(Character::isISOControl);
            if (!placed || !oneLine || e.picture().lines().count() > 2) {
                throw new AssertionError(what + ": " + text, e);
            }
        } catch (RuntimeException | StackOverflowError e) {
            throw new AssertionError(what + ": " + text, e);
        }
    }

    @Test
    void randomPiecesAndCharacters() {
        for (int seed = 0; seed < 10_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(seed % 100 == 0 ? 2000 : 20);
            for (int k = 0; k < length; k++) {
                text.append(
                        random.nextInt(20) == 0
                                ? Character.toString(random.nextInt(0x500))
                                : PIECES[random.nextInt(PIECES.length)]);
            }
            tryToParse(text.toString(), "seed " + seed);
        }
    }

    @Test
    void mutatedExpressions() {
        for (int seed = 0; seed < 10_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            StringBuilder text =
                    new StringBuilder(new RandomExpr(random).expr(3).text());
            for (int k = 0; k < 3 && !text.isEmpty(); k++) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(4)) {
                    case 0 -> text.deleteCharAt(at);
                    case 1 -> text.insert(at, PIECES[random.nextInt(PIECES.length)]);
                    case 2 -> text.setCharAt(at, text.charAt(random.nextInt(text.length())));
                    default -> text.setLength(at);
                }
            }
            tryToParse(text.toString(), "seed " + seed);
        }
    }

    @Test
    void whateverParsesTypesOrIsRefused() {
        Map<String, ArrayType> inputs = Map.of(
                "a", new ArrayType(DType.F32, Shape.of(6, 4)),
                "b", new ArrayType(DType.I16, Shape.of(4)),
                "x1", new ArrayType(DType.U8, Shape.of(7, 6, 4)),
                "_t", new ArrayType(DType.BOOL, Shape.of()),
                "sum", new ArrayType(DType.F64, Shape.of(6, 1)),
                "at", new ArrayType(DType.I64, Shape.of(6, 4)),
                "pi", new ArrayType(DType.F32, Shape.of(4, 4)),
                "e", new ArrayType(DType.I32, Shape.of(8)));
        int typed = 0;
        for (int seed = 0; seed < 8_000; seed++) {
            String text = new RandomExpr(new SplittableRandom(seed))
                    .expr(1 + seed % 3)
                    .text();
            try {
                Typing.check(Parser.parse(text), inputs);
                typed++;
            } catch (ImbrexException e) {
                if (e.getMessage().indexOf('\n') >= 0) {
                    throw new AssertionError("seed " + seed + ": " + text, e);
                }
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + text, e);
            }
        }
        assertThat(typed).isGreaterThan(1_000);
    }

    @Test
    void theDeepestExpressionsFitThreeQuartersOfAStack() throws InterruptedException {
        Throwable[] thrown = new Throwable[1];
        Thread thread = new Thread(
                null,
                () -> {
                    Map<String, ArrayType> inputs = Map.of("a", new ArrayType(DType.F32, Shape.of(3)));
                    for (String text : new String[] {
                        "(".repeat(199) + "a" + ")".repeat(199),
                        "where(a > 0, a, ".repeat(199) + "a" + ")".repeat(199),
                        "-".repeat(199) + "a",
                        "a" + " ** a".repeat(199),
                        "a" + " + a / 2".repeat(900),
                        "(a + ".repeat(198) + "a" + " - 1)".repeat(198) + " * a".repeat(500),
                    }) {
                        Typing.check(Parser.parse(Parser.parse(text).text()), inputs);
                    }
                },
                "small stack",
                768 * 1024);
        thread.setUncaughtExceptionHandler((t, e) -> thrown[0] = e);
        thread.start();
        thread.join();
        assertThat(thrown[0]).isNull();
    }
}
