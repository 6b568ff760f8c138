package org.imbrex.host.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.geom.Rectangle2D;
import org.junit.jupiter.api.Test;

class LetteringTest {
    private static final Rectangle2D BOX = Lettering.strokes("漢", 0, 0, 20).getBounds2D();

    @Test
    void everyPrintableAsciiCharacterAndTheSignsOfUnitsHaveStrokes() {
        StringBuilder missing = new StringBuilder();
        String text = "°±×·–—−…µσαβγδεθλπρτφωΔΣΩ∞√∂∇≤≥≈⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉ßøØæÆœŒ’“”→←↑↓";
        for (int c = '!'; c <= '~'; c++) {
            text += (char) c;
        }
        for (char c : text.toCharArray()) {
            Rectangle2D bounds = Lettering.strokes(String.valueOf(c), 0, 0, 20).getBounds2D();
            if (bounds.equals(BOX) || bounds.isEmpty() && bounds.getWidth() + bounds.getHeight() == 0) {
                missing.append(c);
            }
        }
        assertThat(missing.toString()).isEmpty();
    }

    @Test
    void aCapitalStandsOnTheBaselineAndHasTheHeightTold() {
        Rectangle2D bounds = Lettering.strokes("H", 100, 50, 13).getBounds2D();
        assertThat(bounds.getMaxY()).isCloseTo(50, within(1e-9));
        assertThat(bounds.getHeight()).isCloseTo(Lettering.capitals(13), within(1e-9));
    }

    @Test
    void anAccentTakesNoWidthAndStandsAboveItsLetter() {
        assertThat(Lettering.width("é", 13)).isEqualTo(Lettering.width("e", 13));
        assertThat(Lettering.strokes("É", 0, 0, 13).getBounds2D().getMinY())
                .isLessThan(Lettering.strokes("E", 0, 0, 13).getBounds2D().getMinY());
    }

    @Test
    void widthsAddUpAndGrowWithTheSize() {
        double sum = Lettering.width("Sea ", 13) + Lettering.width("surface", 13);
        assertThat(Lettering.width("Sea surface", 13)).isCloseTo(sum, within(1e-9));
        assertThat(Lettering.width("Sea", 26)).isCloseTo(2 * Lettering.width("Sea", 13), within(1e-9));
    }
}
