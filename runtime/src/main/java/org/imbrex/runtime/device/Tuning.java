package org.imbrex.runtime.device;

import java.util.LinkedHashMap;
import java.util.Map;
import org.imbrex.kernels.matmul.ProductBlocks;
import org.imbrex.kernels.type.ImbrexException;

/**
 * Sizes by which a device's speed, and never its bits, differ.
 *
 * @param tileBytes about what a tile should touch where arrays are brought and written in parts
 * @param streamBytes likewise where they are used in place, each element once
 * @param depth tiles in flight for each worker where arrays are brought and written in parts: while one is computed, the
 *     others are brought and written
 * @param products how products are cut on this machine's processor; of no effect elsewhere
 * @param measured whether a probe has measured them here
 */
public record Tuning(long tileBytes, long streamBytes, int depth, ProductBlocks products, boolean measured) {
    private static final long LEAST_BYTES = 4 << 10;
    private static final long MOST_BYTES = 16L << 30;
    private static final int MOST_DEPTH = 16;

    /** @throws ImbrexException where a number is out of its range */
    public Tuning {
        for (long bytes : new long[] {tileBytes, streamBytes}) {
            if (bytes < LEAST_BYTES || bytes > MOST_BYTES) {
                throw new ImbrexException("found tiles of " + bytes + " bytes, expected " + LEAST_BYTES + " to " + MOST_BYTES);
            }
        }
        if (depth < 1 || depth > MOST_DEPTH) {
            throw new ImbrexException("found " + depth + " tiles in flight for each worker, expected 1 to " + MOST_DEPTH);
        }
    }

    /** Without a measurement: two tiles in flight for each worker. */
    public static Tuning usual(long tileBytes, long streamBytes) {
        return new Tuning(tileBytes, streamBytes, 2, ProductBlocks.USUAL, false);
    }

    /** Each number by its name, in a fixed order: {@link #of} takes them back. */
    public Map<String, Long> numbers() {
        Map<String, Long> numbers = new LinkedHashMap<>();
        numbers.put("tile_bytes", tileBytes);
        numbers.put("stream_bytes", streamBytes);
        numbers.put("depth", (long) depth);
        numbers.put("product_rows", (long) products.rows());
        numbers.put("product_vectors", (long) products.vectors());
        numbers.put("panel_a_bytes", (long) products.bytesOfA());
        numbers.put("panel_b_bytes", (long) products.bytesOfB());
        return numbers;
    }

    /**
     * A measured one.
     *
     * @throws ImbrexException where a number is missing, of another name or out of its range
     */
    public static Tuning of(Map<String, Long> numbers) {
        Map<String, Long> names = usual(LEAST_BYTES, LEAST_BYTES).numbers();
        if (!numbers.keySet().equals(names.keySet())) {
            throw new ImbrexException("found the sizes " + numbers.keySet() + ", expected " + names.keySet());
        }
        return new Tuning(
                numbers.get("tile_bytes"),
                numbers.get("stream_bytes"),
                integer(numbers, "depth"),
                new ProductBlocks(
                        integer(numbers, "product_rows"),
                        integer(numbers, "product_vectors"),
                        integer(numbers, "panel_a_bytes"),
                        integer(numbers, "panel_b_bytes")),
                true);
    }

    private static int integer(Map<String, Long> numbers, String name) {
        long number = numbers.get(name);
        if (number != (int) number) {
            throw new ImbrexException("found " + name + " " + number + ", expected a number of 32 bits");
        }
        return (int) number;
    }

    public Tuning withTiles(long bytes, int inFlight) {
        return new Tuning(bytes, streamBytes, inFlight, products, measured);
    }

    public Tuning withStreams(long bytes) {
        return new Tuning(tileBytes, bytes, depth, products, measured);
    }

    public Tuning withProducts(ProductBlocks other) {
        return new Tuning(tileBytes, streamBytes, depth, other, measured);
    }

    /** The same, as measured. */
    public Tuning asMeasured() {
        return new Tuning(tileBytes, streamBytes, depth, products, true);
    }
}
