package org.imbrex.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CoreTypeTest {
    private static final String WIDE = "flags\t\t: fpu avx2 fma avx512f avx512dq avx512cd avx512bw avx512vl";

    @Test
    void amdWithAvx512IsToldToOpenBlas() {
        assertThat(CoreType.of(List.of("processor\t: 0", "vendor_id\t: AuthenticAMD", WIDE))).contains("SkylakeX");
    }

    @Test
    void othersAreLeftToOpenBlas() {
        assertThat(CoreType.of(List.of("vendor_id\t: GenuineIntel", WIDE))).isEmpty();
        assertThat(CoreType.of(List.of("vendor_id\t: AuthenticAMD", "flags\t\t: fpu avx2 fma"))).isEmpty();
        assertThat(CoreType.of(List.of("vendor_id\t: AuthenticAMD", "flags\t\t: avx512f avx512dq avx512bw"))).isEmpty();
        assertThat(CoreType.of(List.of())).isEmpty();
    }
}
