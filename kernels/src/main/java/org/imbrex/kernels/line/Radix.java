package org.imbrex.kernels.line;

import org.imbrex.kernels.loop.Memory;

/**
 * Sorts by digits, the last first: as many passes as digits differ, each a count and a move that keeps the order of
 * equal digits. Threads take a part of the elements each, so that the result is the same for any number of them.
 */
final class Radix {
    private static final int BITS = 8;
    private static final int SIZE = 1 << BITS;
    private static final int MASK = SIZE - 1;
    /** Three passes over four bytes: their 2048 places stay in the second-level cache. */
    private static final int LARGE_BITS = 11;
    /** From here on three passes are worth clearing and walking their counts. */
    private static final long LARGE = 1 << 16;
    /** Fewer elements a thread are not worth waking one. */
    private static final long PART = 32 << 10;

    private Radix() {}

    static int parts(long n, int threads) {
        return Math.clamp(n / PART, 1, threads);
    }

    /** How raw elements become keys and keys elements. */
    enum Kind {
        /** Integers, or keys made before. */
        PLAIN,
        FLOATS
    }

    /**
     * Sorts elements of four bytes.
     *
     * @param from is read, and written to only where it is {@code work} too
     */
    static void sort32(long from, long to, long work, long n, Kind kind, int threads) {
        int parts = parts(n, threads);
        boolean floats = kind == Kind.FLOATS;
        int bits = n < LARGE ? BITS : LARGE_BITS;
        int digits = Math.ceilDiv(Integer.SIZE, bits);
        long[][][] counts = new long[parts][digits][1 << bits];
        Team.run(parts, part -> {
            long begin = from + Team.from(n, part, parts) * 4;
            long end = from + Team.from(n, part + 1, parts) * 4;
            count32(begin, end, floats, bits, counts[part]);
        });
        boolean[] needed = needed(counts, digits, n);
        int passes = count(needed);
        if (passes == 0) {
            copy32(from, to, n, floats);
            return;
        }
        long source = from;
        int done = 0;
        for (int digit = 0; digit < digits; digit++) {
            if (!needed[digit]) {
                continue;
            }
            long target = (passes - 1 - done) % 2 == 0 ? to : work;
            boolean first = done == 0;
            boolean last = done == passes - 1;
            int shift = digit * bits;
            int at = digit;
            long src = source;
            if (!first && parts > 1) {
                Team.run(parts, part -> {
                    long[] own = counts[part][at];
                    java.util.Arrays.fill(own, 0);
                    long begin = src + Team.from(n, part, parts) * 4;
                    long end = src + Team.from(n, part + 1, parts) * 4;
                    count32(begin, end, shift, own);
                });
            }
            starts(counts, digit, target, 4);
            Team.run(parts, part -> {
                long begin = src + Team.from(n, part, parts) * 4;
                long end = src + Team.from(n, part + 1, parts) * 4;
                move32(begin, end, shift, floats && first, floats && last, counts[part][at]);
            });
            source = target;
            done++;
        }
    }

    /** As {@link #sort32}, of eight bytes, from the digit {@code lowest} on. */
    static void sort64(long from, long to, long work, long n, Kind kind, int lowest, int threads) {
        int parts = parts(n, threads);
        boolean floats = kind == Kind.FLOATS;
        long[][][] counts = new long[parts][Long.BYTES][SIZE];
        Team.run(parts, part -> {
            long begin = from + Team.from(n, part, parts) * 8;
            long end = from + Team.from(n, part + 1, parts) * 8;
            count64(begin, end, floats, counts[part]);
        });
        boolean[] needed = needed(counts, Long.BYTES, n);
        for (int digit = 0; digit < lowest; digit++) {
            needed[digit] = false;
        }
        int passes = count(needed);
        if (passes == 0) {
            copy64(from, to, n, floats);
            return;
        }
        long source = from;
        int done = 0;
        for (int digit = 0; digit < Long.BYTES; digit++) {
            if (!needed[digit]) {
                continue;
            }
            long target = (passes - 1 - done) % 2 == 0 ? to : work;
            boolean first = done == 0;
            boolean last = done == passes - 1;
            int shift = digit * BITS;
            int at = digit;
            long src = source;
            if (!first && parts > 1) {
                Team.run(parts, part -> {
                    long[] own = counts[part][at];
                    java.util.Arrays.fill(own, 0);
                    long begin = src + Team.from(n, part, parts) * 8;
                    long end = src + Team.from(n, part + 1, parts) * 8;
                    count64(begin, end, shift, own);
                });
            }
            starts(counts, digit, target, 8);
            Team.run(parts, part -> {
                long begin = src + Team.from(n, part, parts) * 8;
                long end = src + Team.from(n, part + 1, parts) * 8;
                move64(begin, end, shift, floats && first, floats && last, counts[part][at]);
            });
            source = target;
            done++;
        }
    }

    // ---- counts

    /** Which digits are not the same in all elements. */
    private static boolean[] needed(long[][][] counts, int digits, long n) {
        boolean[] needed = new boolean[digits];
        for (int digit = 0; digit < digits; digit++) {
            needed[digit] = true;
            for (int value = 0; value < counts[0][digit].length; value++) {
                long all = 0;
                for (long[][] part : counts) {
                    all += part[digit][value];
                }
                needed[digit] &= all != n;
            }
        }
        return needed;
    }

    private static int count(boolean[] needed) {
        int count = 0;
        for (boolean one : needed) {
            count += one ? 1 : 0;
        }
        return count;
    }

    /** Counts become the addresses of what comes first: values ascending, and of one value part after part. */
    private static void starts(long[][][] counts, int digit, long target, int bytes) {
        long at = target;
        for (int value = 0; value < counts[0][digit].length; value++) {
            for (long[][] part : counts) {
                long count = part[digit][value];
                part[digit][value] = at;
                at += count * bytes;
            }
        }
    }

    private static void count32(long begin, long end, boolean floats, int bits, long[][] counts) {
        int mask = (1 << bits) - 1;
        long[] c0 = counts[0];
        long[] c1 = counts[1];
        long[] c2 = counts[2];
        long[] c3 = counts[counts.length - 1]; // of three digits the last one, which is not counted twice
        int fourth = counts.length == 4 ? 1 : 0;
        for (long at = begin; at < end; at += 4) {
            int raw = Memory.i32(at);
            int key = (floats ? Order.key32(raw) : raw) ^ Integer.MIN_VALUE;
            c0[key & mask]++;
            c1[key >>> bits & mask]++;
            c2[key >>> 2 * bits & mask]++;
            c3[key >>> 3 * bits & mask] += fourth;
        }
    }

    private static void count32(long begin, long end, int shift, long[] counts) {
        for (long at = begin; at < end; at += 4) {
            counts[(Memory.i32(at) ^ Integer.MIN_VALUE) >>> shift & counts.length - 1]++;
        }
    }

    private static void count64(long begin, long end, boolean floats, long[][] counts) {
        for (long at = begin; at < end; at += 8) {
            long bits = Memory.i64(at);
            long key = (floats ? Order.key64(bits) : bits) ^ Long.MIN_VALUE;
            for (int digit = 0; digit < Long.BYTES; digit++) {
                counts[digit][(int) (key >>> digit * BITS) & MASK]++;
            }
        }
    }

    private static void count64(long begin, long end, int shift, long[] counts) {
        for (long at = begin; at < end; at += 8) {
            counts[(int) ((Memory.i64(at) ^ Long.MIN_VALUE) >>> shift) & MASK]++;
        }
    }

    // ---- moves

    private static void move32(long begin, long end, int shift, boolean toKeys, boolean toBits, long[] places) {
        for (long at = begin; at < end; at += 4) {
            int bits = Memory.i32(at);
            int key = toKeys ? Order.key32(bits) : bits;
            int digit = (key ^ Integer.MIN_VALUE) >>> shift & places.length - 1;
            long place = places[digit];
            Memory.put32(toBits ? Order.bits32(key) : key, place);
            places[digit] = place + 4;
        }
    }

    private static void move64(long begin, long end, int shift, boolean toKeys, boolean toBits, long[] places) {
        for (long at = begin; at < end; at += 8) {
            long bits = Memory.i64(at);
            long key = toKeys ? Order.key64(bits) : bits;
            int digit = (int) ((key ^ Long.MIN_VALUE) >>> shift) & MASK;
            long place = places[digit];
            Memory.put64(toBits ? Order.bits64(key) : key, place);
            places[digit] = place + 8;
        }
    }

    /** Elements that are all equal: NaNs still become one NaN. */
    private static void copy32(long from, long to, long n, boolean floats) {
        for (long i = 0; i < n; i++) {
            int bits = Memory.i32(from + i * 4);
            Memory.put32(floats ? Order.bits32(Order.key32(bits)) : bits, to + i * 4);
        }
    }

    private static void copy64(long from, long to, long n, boolean floats) {
        for (long i = 0; i < n; i++) {
            long bits = Memory.i64(from + i * 8);
            Memory.put64(floats ? Order.bits64(Order.key64(bits)) : bits, to + i * 8);
        }
    }

    /** Stably sorts keys of eight bytes, and an index of four bytes with each; where the indices are then. */
    static long pairs64(long keys, long otherKeys, long indices, long otherIndices, long n) {
        long[][] counts = new long[Long.BYTES][SIZE];
        count64(keys, keys + n * 8, false, counts);
        boolean[] needed = needed(new long[][][] {counts}, Long.BYTES, n);
        long key = keys;
        long toKey = otherKeys;
        long index = indices;
        long toIndex = otherIndices;
        for (int digit = 0; digit < Long.BYTES; digit++) {
            if (needed[digit]) {
                starts(new long[][][] {counts}, digit, 0, 1);
                movePairs(key, toKey, index, toIndex, n, digit * BITS, counts[digit]);
                long k = key;
                key = toKey;
                toKey = k;
                long i = index;
                index = toIndex;
                toIndex = i;
            }
        }
        return index;
    }

    private static void movePairs(long key, long toKey, long index, long toIndex, long n, int shift, long[] places) {
        for (long i = 0; i < n; i++) {
            long bits = Memory.i64(key + i * 8);
            int digit = (int) ((bits ^ Long.MIN_VALUE) >>> shift) & MASK;
            long place = places[digit]++;
            Memory.put64(bits, toKey + place * 8);
            Memory.put32(Memory.i32(index + i * 4), toIndex + place * 4);
        }
    }
}
