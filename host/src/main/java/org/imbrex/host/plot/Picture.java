package org.imbrex.host.plot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.imbrex.host.format.file.Target;

/** Something that can be drawn. The same picture has the same pixels on every machine. */
public sealed interface Picture permits LinePlot, HeatMap, WorldMap {
    /** What the picture shows, in its own words; also what is read out in its place. */
    String title();

    /** The picture as PNG, drawn at two pixels a point. */
    byte[] toPng(Theme theme);

    /** The picture as PNG, on white. */
    default byte[] toPng() {
        return toPng(Theme.LIGHT);
    }

    /**
     * Writes the picture as PNG; the file appears only when it is complete.
     *
     * @throws IOException where it cannot be written
     */
    default void write(Path file) throws IOException {
        byte[] png = toPng();
        try (Target target = Target.open(file, png.length)) {
            target.write(0, ByteBuffer.wrap(png));
            target.commit();
        }
    }
}
