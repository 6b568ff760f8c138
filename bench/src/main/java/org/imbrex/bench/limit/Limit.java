package org.imbrex.bench.limit;

/**
 * Something a machine can do at most.
 *
 * @param name {@code read}, {@code triad}, {@code peak-f32}, {@code launch}, {@code upload} …
 * @param device {@code host} or a device's id
 * @param size bytes of all arrays, 0 where there are none
 * @param threads 0 where it does not depend on them
 * @param value the median; {@code least} and {@code most} its spread
 */
public record Limit(
        String name, String device, String dtype, long size, int threads, double value, double least, double most, String unit) {}
