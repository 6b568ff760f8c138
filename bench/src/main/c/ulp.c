/* How far results are from the true value, in units in the last place of the true value rounded.

   f64: the oracle is x87's long double, whose 64 bits of significand leave an uncertainty of about 2^-10 ulp.
   f32: the oracle is glibc's double, with AVX2 its vector twin (libmvec, below 4 ulp of a double): 2^-26 of an f32 ulp.

   Built by UlpOracle: gcc -O3 -march=native -shared -fPIC ulp.c -lmvec -lm. */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK = 1024 };

#define FOR_EACH_OF_ONE(F) \
    F(0, exp) F(1, expm1) F(2, log) F(3, log1p) F(4, log2) F(5, log10) F(6, sin) F(7, cos) F(8, tan) F(9, asin) \
    F(10, acos) F(11, atan) F(12, sinh) F(13, cosh) F(14, tanh)
#define FOR_EACH_OF_TWO(F) F(15, atan2) F(16, hypot) F(17, pow)

#ifdef __AVX2__
#include <immintrin.h>
#define DECLARE(n, name) __m256d _ZGVdN4v_##name(__m256d);
FOR_EACH_OF_ONE(DECLARE)
#define ONE(n, name) \
    case n: \
        for (int i = 0; i < BLOCK; i += 4) \
            _mm256_storeu_pd(truth + i, _ZGVdN4v_##name(_mm256_loadu_pd(x + i))); \
        return;
#else
#define ONE(n, name) \
    case n: \
        for (int i = 0; i < BLOCK; i++) truth[i] = name(x[i]); \
        return;
#endif
#define TWO(n, name) \
    case n: \
        for (int i = 0; i < BLOCK; i++) truth[i] = name(x[i], y[i]); \
        return;

static void truths_f32(int fn, const double *x, const double *y, double *truth) {
    switch (fn) {
        FOR_EACH_OF_ONE(ONE)
        FOR_EACH_OF_TWO(TWO)
    }
}

#define LONG_ONE(n, name) case n: return name##l(x);
#define LONG_TWO(n, name) case n: return name##l(x, y);

static long double truth_f64(int fn, long double x, long double y) {
    switch (fn) {
        FOR_EACH_OF_ONE(LONG_ONE)
        FOR_EACH_OF_TWO(LONG_TWO)
    }
    return 0;
}

/* What no subtraction tells: a NaN, an infinity or the sign of a zero that differs counts as 1e9; one that rounding
   up or down to the neighbour explains is told by the distance. */
static double odd_f32(double truth, float got) {
    float rounded = (float)truth;
    if (isnan(rounded) || isnan(got)) return isnan(rounded) && isnan(got) ? 0 : 1e9;
    if (signbit(rounded) != signbit(got)) return 1e9;
    if (isinf(rounded) && isinf(got)) return 0;
    if (isinf(got)) return (0x1p128 - fabs(truth)) * 0x1p-104;
    if (isinf(rounded)) return isinf(truth) ? 1e9 : (fabs(truth) - fabs((double)got)) * 0x1p-104;
    return fabs(got - truth) / FLT_TRUE_MIN;
}

static double odd_f64(long double truth, double got) {
    double rounded = (double)truth;
    if (isnan(rounded) || isnan(got)) return isnan(rounded) && isnan(got) ? 0 : 1e9;
    if (signbit(rounded) != signbit(got)) return 1e9;
    if (isinf(rounded) && isinf(got)) return 0;
    if (isinf(got)) return (double)((0x1p1024L - fabsl(truth)) * 0x1p-971L);
    if (isinf(rounded)) return isinf(truth) ? 1e9 : (double)((fabsl(truth) - fabsl((long double)got)) * 0x1p-971L);
    return (double)(fabsl(got - truth) / DBL_TRUE_MIN);
}

/* The worst distance among n results, n a multiple of 1024; its index in *at. */
double ulp_f32(int fn, const float *x, const float *y, const float *found, int64_t n, int64_t *at) {
    double worst = -1, a[BLOCK], b[BLOCK], truth[BLOCK];
    for (int64_t from = 0; from < n; from += BLOCK) {
        for (int i = 0; i < BLOCK; i++) a[i] = x[from + i];
        for (int i = 0; i < BLOCK; i++) b[i] = y[from + i];
        truths_f32(fn, a, b, truth);
        for (int i = 0; i < BLOCK; i++) {
            float rounded = (float)truth[i], got = found[from + i];
            uint32_t bits, sign;
            memcpy(&bits, &rounded, 4);
            memcpy(&sign, &got, 4);
            uint32_t exponent = bits >> 23 & 255;
            double d;
            if (exponent - 1 < 254 && (sign >> 23 & 255) != 255) {
                uint64_t scale = (uint64_t)(1023 + 150 - exponent) << 52;
                double factor;
                memcpy(&factor, &scale, 8);
                d = fabs(got - truth[i]) * factor;
            } else {
                d = odd_f32(truth[i], got);
            }
            if (d > worst) {
                worst = d;
                *at = from + i;
            }
        }
    }
    return worst;
}

double ulp_f64(int fn, const double *x, const double *y, const double *found, int64_t n, int64_t *at) {
    double worst = -1;
    for (int64_t i = 0; i < n; i++) {
        long double truth = truth_f64(fn, x[i], y[i]);
        double rounded = (double)truth, got = found[i], d;
        if (isfinite(rounded) && isfinite(got) && fabs(rounded) >= DBL_MIN) {
            int exponent;
            frexp(rounded, &exponent);
            d = (double)ldexpl(fabsl(got - truth), 53 - exponent);
        } else {
            d = odd_f64(truth, got);
        }
        if (d > worst) {
            worst = d;
            *at = i;
        }
    }
    return worst;
}
