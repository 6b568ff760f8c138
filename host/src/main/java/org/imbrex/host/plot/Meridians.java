package org.imbrex.host.plot;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Cells along a circle of latitude, or along a meridian: their order on the map and their edges.
 *
 * @param order the field's cells in the order of their degrees
 * @param middle their degrees, rising; longitudes are turned so that the map's left edge comes first
 * @param low the map's left or lower edge in degrees
 * @param high the map's right or upper edge in degrees
 * @param round whether the cells go all the way round
 */
record Meridians(int[] order, double[] middle, double low, double high, boolean round) {
    private static final double TURN = 360;

    static Meridians latitudes(double[] latitudes) {
        int[] order = sorted(latitudes);
        double[] middle = Arrays.stream(order).mapToDouble(i -> latitudes[i]).toArray();
        double half = largestStep(middle) / 2;
        double low = Math.max(-90, middle[0] - half);
        double high = Math.min(90, middle[middle.length - 1] + half);
        return new Meridians(order, middle, low, high, false);
    }

    /** Longitudes: round the globe about the centre, or, where they are fewer, only as far as they go. */
    static Meridians longitudes(double[] longitudes, double centre) {
        double[] turned = turned(longitudes, centre - TURN / 2);
        double[] middle = turned.clone();
        Arrays.sort(middle);
        double gap = middle[0] + TURN - middle[middle.length - 1];
        int before = middle.length - 1;
        for (int i = 1; i < middle.length; i++) {
            if (middle[i] - middle[i - 1] > gap + 1e-6) {
                gap = middle[i] - middle[i - 1];
                before = i - 1;
            }
        }
        double step = medianStep(middle);
        boolean round = gap < 1.5 * step + 1e-6 && middle.length > 2;
        if (!round) {
            // Cut the circle where the data leave the widest gap, not at the antimeridian.
            double start = middle[(before + 1) % middle.length];
            turned = turned(longitudes, start);
            double shift = start + (turned[sorted(turned)[turned.length - 1]] - start) / 2 > 180 ? -TURN : 0;
            for (int i = 0; i < turned.length; i++) {
                turned[i] += shift;
            }
        }
        int[] order = sorted(turned);
        double[] degrees = turned;
        double[] rising = Arrays.stream(order).mapToDouble(i -> degrees[i]).toArray();
        if (round) {
            return new Meridians(order, rising, centre - TURN / 2, centre + TURN / 2, true);
        }
        return new Meridians(order, rising, rising[0] - step / 2, rising[rising.length - 1] + step / 2, false);
    }

    private static double[] turned(double[] degrees, double from) {
        return Arrays.stream(degrees)
                .map(at -> at - TURN * Math.floor((at - from) / TURN))
                .toArray();
    }

    private static int[] sorted(double[] degrees) {
        return IntStream.range(0, degrees.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> degrees[i]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static double[] steps(double[] rising) {
        double[] steps = IntStream.range(1, rising.length)
                .mapToDouble(i -> rising[i] - rising[i - 1])
                .filter(step -> step > 0)
                .sorted()
                .toArray();
        return steps.length == 0 ? new double[] {1} : steps;
    }

    private static double medianStep(double[] rising) {
        double[] steps = steps(rising);
        return steps[steps.length / 2];
    }

    private static double largestStep(double[] rising) {
        double[] steps = steps(rising);
        return steps[steps.length - 1];
    }

    /**
     * The cells of each pixel: all whose middles lie on it, or else the nearest, if it is no farther than its own size.
     *
     * @param falling whether the first pixel is the highest degree
     */
    Cells cells(int pixels, boolean falling) {
        int[] first = new int[pixels];
        int[] last = new int[pixels];
        double reach = largestStep(middle) / 2 * 1.001;
        for (int p = 0; p < pixels; p++) {
            int at = falling ? pixels - 1 - p : p;
            double left = low + (high - low) * at / pixels;
            double right = low + (high - low) * (at + 1) / pixels;
            first[p] = rank(left);
            last[p] = rank(right) - 1;
            if (last[p] < first[p]) {
                int nearest = nearest((left + right) / 2, reach);
                first[p] = nearest;
                last[p] = nearest < 0 ? -2 : nearest;
            }
        }
        return new Cells(order, first, last);
    }

    /** How many middles lie left of a degree. */
    private int rank(double degree) {
        int found = Arrays.binarySearch(middle, degree);
        return found < 0 ? -found - 1 : found;
    }

    private int nearest(double degree, double reach) {
        int right = rank(degree);
        int count = middle.length;
        int best = -1;
        double least = reach;
        for (int i = right - 1; i <= right; i++) {
            boolean wraps = i < 0 || i >= count;
            if (wraps && !round) {
                continue;
            }
            int cell = Math.floorMod(i, count);
            double distance = Math.abs(middle[cell] + (i < 0 ? -TURN : i >= count ? TURN : 0) - degree);
            if (distance <= least) {
                least = distance;
                best = cell;
            }
        }
        return best;
    }
}
