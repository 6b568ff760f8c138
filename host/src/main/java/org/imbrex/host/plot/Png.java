package org.imbrex.host.plot;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Pixels as PNG (ISO/IEC 15948): 8-bit RGB, unfiltered: plots are flat areas, where filters make the files
 * larger. ImageIO would do it too, for a tenth of a second of looking for plug-ins.
 */
final class Png {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final double INCHES_PER_METRE = 39.3700787;

    private Png() {}

    static byte[] of(int[] pixels, int columns, int dotsPerInch) {
        int rows = pixels.length / columns;
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        png.writeBytes(SIGNATURE);
        byte trueColour = 2;
        ByteBuffer header = ByteBuffer.allocate(13).putInt(columns).putInt(rows);
        header.put((byte) 8).put(trueColour).put((byte) 0).put((byte) 0).put((byte) 0);
        chunk(png, "IHDR", header.array());
        int perMetre = (int) Math.round(dotsPerInch * INCHES_PER_METRE);
        chunk(png, "pHYs", ByteBuffer.allocate(9).putInt(perMetre).putInt(perMetre).put((byte) 1).array());
        chunk(png, "IDAT", deflate(scanlines(pixels, columns, rows)));
        chunk(png, "IEND", new byte[0]);
        return png.toByteArray();
    }

    private static byte[] scanlines(int[] pixels, int columns, int rows) {
        ByteBuffer lines = ByteBuffer.allocate(rows * (3 * columns + 1));
        for (int row = 0; row < rows; row++) {
            lines.put((byte) 0);
            for (int column = 0; column < columns; column++) {
                int rgb = pixels[row * columns + column];
                lines.put((byte) (rgb >> 16)).put((byte) (rgb >> 8)).put((byte) rgb);
            }
        }
        return lines.array();
    }

    private static byte[] deflate(byte[] bytes) {
        Deflater deflater = new Deflater(7);
        try {
            deflater.setInput(bytes);
            deflater.finish();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] part = new byte[1 << 16];
            while (!deflater.finished()) {
                out.write(part, 0, deflater.deflate(part));
            }
            return out.toByteArray();
        } finally {
            deflater.end();
        }
    }

    private static void chunk(ByteArrayOutputStream png, String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        png.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
        png.writeBytes(name);
        png.writeBytes(data);
        png.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }
}
