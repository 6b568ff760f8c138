package org.imbrex.host.plot;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PngTest {
    static BufferedImage decode(byte[] png) throws IOException {
        ImageIO.setUseCache(false);
        return ImageIO.read(new ByteArrayInputStream(png));
    }

    @Test
    void anotherReaderSeesTheSamePixels() throws IOException {
        long seed = 20261124;
        Random random = new Random(seed);
        int columns = 37;
        int[] pixels = random.ints(columns * 23L, 0, 1 << 24).toArray();
        BufferedImage image = decode(Png.of(pixels, columns, 144));
        assertThat(image.getWidth()).isEqualTo(columns);
        assertThat(image.getHeight()).isEqualTo(23);
        for (int i = 0; i < pixels.length; i++) {
            assertThat(image.getRGB(i % columns, i / columns) & 0xffffff)
                    .as("seed %d, pixel %d", seed, i)
                    .isEqualTo(pixels[i]);
        }
    }
}
