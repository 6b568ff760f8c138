package org.imbrex.host.format.csv;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DecimalTest {
    private final Decimal decimal = new Decimal();

    private double read(String text) {
        byte[] bytes = ("x" + text + "\n").getBytes(StandardCharsets.ISO_8859_1);
        assertThat(decimal.read(bytes, 1)).as(text).isEqualTo(bytes.length - 1);
        return decimal.value();
    }

    private void same(String text) {
        long found = Double.doubleToLongBits(read(text));
        long expected = Double.doubleToLongBits(Double.parseDouble(text));
        if (found != expected) {
            throw new AssertionError(
                    text + ": found " + Long.toHexString(found) + ", expected " + Long.toHexString(expected));
        }
    }

    @Test
    void shortestDecimalsReadBackAsTheSame() {
        Random random = new Random(11);
        for (int i = 0; i < 60_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                same(Double.toString(value));
            }
        }
    }

    @Test
    void anyDigitsAndExponentsAreRoundedAsTheJdkRoundsThem() {
        Random random = new Random(12);
        for (int i = 0; i < 60_000; i++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "" : "-");
            int digits = 1 + random.nextInt(22);
            int point = random.nextInt(digits + 2);
            for (int d = 0; d < digits; d++) {
                text.append(d == point ? "." : "").append((char) ('0' + random.nextInt(10)));
            }
            if (random.nextBoolean()) {
                text.append(random.nextBoolean() ? "e" : "E").append(random.nextInt(700) - 350);
            }
            same(text.toString());
        }
    }

    @Test
    void tiesAndTheirNeighboursAreRoundedToEven() {
        Random random = new Random(13);
        for (int i = 0; i < 30_000; i++) {
            double value = Math.abs(Double.longBitsToDouble(
                    (random.nextLong() & (1L << 52) - 1) | (long) (960 + random.nextInt(160)) << 52));
            BigDecimal tie = new BigDecimal(value).add(new BigDecimal(Math.ulp(value)).divide(BigDecimal.TWO));
            same(tie.toString());
            String digits = tie.unscaledValue().toString();
            if (digits.length() > 19) {
                // Cut to what goes through the fast path, close to the tie on either side.
                long cut = Long.parseLong(digits.substring(0, 18));
                int exponent = digits.length() - 18 - tie.scale();
                same(cut + "e" + exponent);
                same(cut + 1 + "e" + exponent);
            }
        }
        for (String text : new String[] {
            "9007199254740993",
            "9007199254740992.999",
            "9007199254740993.0000000000000001",
            "1e23",
            "8.41e21",
            "9214843084008499",
            "2.2250738585072011e-308",
            "2.2250738585072014e-308",
            "4.9e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "1e309",
            "1e-400",
            "0e999999999999",
            "-0",
            "00001.5",
            "0.00000000000000000000000000000000000001234",
            "18446744073709551615",
            "18446744073709551616",
            "123456789012345678901234567890",
            "100000000000000000000000000000000000000000",
            "1e+5",
            ".5",
            "5.",
            "+7"
        }) {
            same(text);
        }
    }

    @Test
    void whatIsNoDecimalEndsTheRead() {
        for (String text : new String[] {"", ".", "-", "e5", "1e", "1e+", "x", "--1", "+-1"}) {
            assertThat(decimal.read((text + "\n").getBytes(StandardCharsets.ISO_8859_1), 0))
                    .as(text)
                    .isEqualTo(-1);
        }
        for (String text : new String[] {"1f", "1d", "1_0", "0x10", "1.2.3", "1,5", "1 2"}) {
            byte[] bytes = (text + "\n").getBytes(StandardCharsets.ISO_8859_1);
            assertThat(decimal.read(bytes, 0)).as(text).isLessThan(bytes.length - 1);
        }
    }
}
