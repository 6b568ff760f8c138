package org.imbrex.kernels.line;

import java.util.List;
import java.util.TreeSet;
import org.imbrex.kernels.element.Elements;
import org.imbrex.kernels.loop.Memory;
import org.imbrex.kernels.stage.Line;
import org.imbrex.kernels.type.DType;

/**
 * Finds elements by their ranks: counts keys by their leading bits, gathers those whose leading bits hold a wanted
 * rank, and sorts these. The smallest and the largest are found while counting.
 */
final class SelectVector implements LineKernel {
    private static final int BITS = 12;
    private static final int BUCKETS = 1 << BITS;
    /** Shorter lines are sorted. */
    private static final long FEW = 1 << 14;

    private final long n;
    private final DType dtype;
    private final List<Long> ranks;
    private final SortVector sort;

    SelectVector(Line.Select line, DType dtype) {
        this.n = line.from();
        this.dtype = dtype;
        this.ranks = line.ranks();
        this.sort = new SortVector(n, dtype);
    }

    @Override
    public void run(long from, long to, long carry, long work, int threads) {
        int bytes = dtype.bytes();
        if (n < FEW || bytes < 4) {
            sort.run(from, work, carry, work + n * bytes, threads);
            for (int k = 0; k < ranks.size(); k++) {
                Elements.write(dtype, to + (long) k * bytes, Elements.read(dtype, work + ranks.get(k) * bytes));
            }
            return;
        }
        int parts = Radix.parts(n, threads);
        Part[] all = new Part[parts];
        Team.run(parts, part -> {
            all[part] = new Part(from, Team.from(n, part, parts), Team.from(n, part + 1, parts));
            all[part].count();
        });
        long least = all[0].least;
        long most = all[0].most;
        long[] counts = new long[BUCKETS];
        for (Part part : all) {
            least = Math.min(least, part.least);
            most = Math.max(most, part.most);
            for (int bucket = 0; bucket < BUCKETS; bucket++) {
                counts[bucket] += part.counts[bucket];
            }
        }
        long[] before = new long[BUCKETS + 1];
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            before[bucket + 1] = before[bucket] + counts[bucket];
        }
        TreeSet<Integer> wanted = new TreeSet<>();
        for (long rank : ranks) {
            if (rank > 0 && rank < n - 1) {
                wanted.add(bucket(before, rank));
            }
        }
        long[] starts = gather(all, wanted, counts, work, parts);
        long[] sorted = new long[BUCKETS];
        long other = work + n * bytes;
        for (int bucket : wanted) {
            long at = starts[bucket];
            sorted[bucket] = other + (at - work);
            sort(at, sorted[bucket], counts[bucket], threads);
        }
        for (int k = 0; k < ranks.size(); k++) {
            long rank = ranks.get(k);
            long key;
            if (rank == 0 || rank == n - 1) {
                key = rank == 0 ? least : most;
            } else {
                int bucket = bucket(before, rank);
                key = key(sorted[bucket] + (rank - before[bucket]) * bytes);
            }
            put(key, to + (long) k * bytes);
        }
    }

    private static int bucket(long[] before, long rank) {
        int low = 0;
        int high = BUCKETS;
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (before[middle] <= rank) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Brings the elements of wanted buckets together; where each bucket's begin. */
    private long[] gather(Part[] all, TreeSet<Integer> wanted, long[] counts, long work, int parts) {
        long[] starts = new long[BUCKETS];
        long at = work;
        for (int bucket : wanted) {
            starts[bucket] = at;
            for (Part part : all) {
                long count = part.counts[bucket];
                part.places[bucket] = at;
                at += count * dtype.bytes();
            }
        }
        if (!wanted.isEmpty()) {
            Team.run(parts, part -> all[part].gather());
        }
        return starts;
    }

    private void sort(long from, long to, long count, int threads) {
        Radix.Kind kind = dtype.isFloat() ? Radix.Kind.FLOATS : Radix.Kind.PLAIN;
        if (dtype.bytes() == 4) {
            Radix.sort32(from, to, from, count, kind, threads);
        } else {
            Radix.sort64(from, to, from, count, kind, 0, threads);
        }
    }

    private long key(long address) {
        return Order.key(dtype, Elements.read(dtype, address));
    }

    private void put(long key, long address) {
        long bits = switch (dtype) {
            case F32 -> Order.bits32((int) key);
            case F64 -> Order.bits64(key);
            default -> key;
        };
        Elements.write(dtype, address, bits);
    }

    /** One thread's elements. */
    private final class Part {
        private final long begin;
        private final long end;
        private final long[] counts = new long[BUCKETS];
        /** Where the next element of a bucket goes; 0 for those that are not wanted. */
        private final long[] places = new long[BUCKETS];

        private long least = Long.MAX_VALUE;
        private long most = Long.MIN_VALUE;

        Part(long from, long first, long last) {
            this.begin = from + first * dtype.bytes();
            this.end = from + last * dtype.bytes();
        }

        void count() {
            if (dtype.bytes() == 4) {
                count32(dtype.isFloat());
            } else {
                count64(dtype.isFloat());
            }
        }

        private void count32(boolean floats) {
            int low = Integer.MAX_VALUE;
            int high = Integer.MIN_VALUE;
            for (long at = begin; at < end; at += 4) {
                int bits = Memory.i32(at);
                int key = floats ? Order.key32(bits) : bits;
                low = Math.min(low, key);
                high = Math.max(high, key);
                counts[(key ^ Integer.MIN_VALUE) >>> 32 - BITS]++;
            }
            least = low;
            most = high;
        }

        private void count64(boolean floats) {
            long low = Long.MAX_VALUE;
            long high = Long.MIN_VALUE;
            for (long at = begin; at < end; at += 8) {
                long bits = Memory.i64(at);
                long key = floats ? Order.key64(bits) : bits;
                low = Math.min(low, key);
                high = Math.max(high, key);
                counts[(int) ((key ^ Long.MIN_VALUE) >>> 64 - BITS)]++;
            }
            least = low;
            most = high;
        }

        void gather() {
            boolean floats = dtype.isFloat();
            if (dtype.bytes() == 4) {
                for (long at = begin; at < end; at += 4) {
                    int bits = Memory.i32(at);
                    int bucket = ((floats ? Order.key32(bits) : bits) ^ Integer.MIN_VALUE) >>> 32 - BITS;
                    long place = places[bucket];
                    if (place != 0) {
                        Memory.put32(bits, place);
                        places[bucket] = place + 4;
                    }
                }
            } else {
                for (long at = begin; at < end; at += 8) {
                    long bits = Memory.i64(at);
                    int bucket = (int) (((floats ? Order.key64(bits) : bits) ^ Long.MIN_VALUE) >>> 64 - BITS);
                    long place = places[bucket];
                    if (place != 0) {
                        Memory.put64(bits, place);
                        places[bucket] = place + 8;
                    }
                }
            }
        }
    }
}
