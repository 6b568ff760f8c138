package org.imbrex.host.plot;

/** From a place between 0 and 1 to a colour, in steps that look equally large. */
public enum ColourMap {
    /**
     * Viridis, by van der Walt and Smith (2015), for quantities from low to high: dark blue to yellow, told apart by
     * colour-blind readers and in grey. Computed by Matt Zucker's polynomials of degree 6 (shadertoy.com/view/WlfXRN).
     */
    VIRIDIS {
        @Override
        int of(double t) {
            return rgb(polynomial(VIRIDIS_RED, t), polynomial(VIRIDIS_GREEN, t), polynomial(VIRIDIS_BLUE, t));
        }
    },

    /**
     * Blue over near-white to red, for differences from a middle: lightness falls evenly to both sides in Oklab
     * (Ottosson, 2020), with equal steps on both.
     */
    BLUE_RED {
        @Override
        int of(double t) {
            double side = 2 * t - 1;
            double far = Math.abs(side);
            double lightness = 0.972 - 0.572 * StrictMath.pow(far, 1.12);
            double chroma = 0.152 * StrictMath.sin(Math.PI / 2 * Math.min(1, 1.35 * StrictMath.pow(far, 0.92)))
                    - 0.018 * Math.max(0, far - 0.74) / 0.26;
            double hue = Math.toRadians(side < 0 ? 250 + 8 * far : 46 - 22 * far);
            return oklab(lightness, chroma * StrictMath.cos(hue), chroma * StrictMath.sin(hue));
        }
    };

    private static final double[] VIRIDIS_RED = {
        0.2777273272234177, 0.1050930431085774, -0.3308618287255563, -4.634230498983486, 6.228269936347081,
        4.776384997670288, -5.435455855934631
    };
    private static final double[] VIRIDIS_GREEN = {
        0.005407344544966578, 1.404613529898575, 0.214847559468213, -5.799100973351585, 14.17993336680509,
        -13.74514537774601, 4.645852612178535
    };
    private static final double[] VIRIDIS_BLUE = {
        0.3340998053353061, 1.384590162594685, 0.09509516302823659, -19.33244095627987, 56.69055260068105,
        -65.35303263337234, 26.3124352495832
    };

    /** The colour at t, which lies between 0 and 1, as 0xRRGGBB. */
    abstract int of(double t);

    private static double polynomial(double[] coefficients, double t) {
        double value = 0;
        for (int i = coefficients.length - 1; i >= 0; i--) {
            value = value * t + coefficients[i];
        }
        return value;
    }

    private static int oklab(double lightness, double a, double b) {
        double l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b);
        double m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b);
        double s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b);
        return rgb(
                gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
                gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
                gamma(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s));
    }

    private static double cube(double x) {
        return x * x * x;
    }

    /** From linear light to sRGB (IEC 61966-2-1). */
    private static double gamma(double linear) {
        return linear <= 0.0031308 ? 12.92 * linear : 1.055 * StrictMath.pow(linear, 1 / 2.4) - 0.055;
    }

    private static int rgb(double red, double green, double blue) {
        return channel(red) << 16 | channel(green) << 8 | channel(blue);
    }

    private static int channel(double share) {
        return (int) Math.round(255 * Math.clamp(share, 0, 1));
    }
}
