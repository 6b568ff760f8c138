package org.imbrex.kernels.math;

import static org.assertj.core.api.Assertions.assertThat;

import org.imbrex.kernels.contract.RandomNumbers;
import org.imbrex.kernels.element.Interpreter;
import org.imbrex.kernels.scalar.Code;
import org.imbrex.kernels.scalar.ScalarType;
import org.imbrex.kernels.scalar.Value;
import org.junit.jupiter.api.Test;

class PhiloxTest {
    /** Counter, key, block: the known answers that come with Random123. */
    private static final long[][] KNOWN = {
        {0, 0, 0, 0, 0, 0, 0x6627e8d5L, 0xe169c58dL, 0xbc57ac4cL, 0x9b00dbd8L},
        {
            0xffffffffL, 0xffffffffL, 0xffffffffL, 0xffffffffL, 0xffffffffL, 0xffffffffL, 0x408f276dL, 0x41c83b0eL,
            0xa20bc7c6L, 0x6d5451fdL
        },
        {
            0x243f6a88L, 0x85a308d3L, 0x13198a2eL, 0x03707344L, 0xa4093822L, 0x299f31d0L, 0xd16cfe09L, 0x94fdccebL,
            0x5001e420L, 0x24126ea1L
        }
    };

    @Test
    void blocksAreThoseThatArePublished() {
        for (long[] known : KNOWN) {
            Code code = new Code();
            Value[] counter = new Value[4];
            long[] loads = new long[4];
            for (int word = 0; word < 4; word++) {
                counter[word] = code.load(ScalarType.I64, word);
                loads[word] = known[word];
            }
            Interpreter body = new Interpreter(code.body(Philox4x32.block(code, counter, known[5] << 32 | known[4])));
            body.run(new long[0], loads);
            int[] plain = RandomNumbers.philox(
                    new int[] {(int) known[0], (int) known[1], (int) known[2], (int) known[3]},
                    new int[] {(int) known[4], (int) known[5]});
            for (int word = 0; word < 4; word++) {
                assertThat(body.result(word)).isEqualTo(known[6 + word]);
                assertThat(plain[word] & 0xffffffffL).isEqualTo(known[6 + word]);
            }
        }
    }
}
