/* How far results are from the true value, in units in the last place: the oracle is x87's long double, whose 64 bits
   of significand leave an uncertainty of about 2^-10 of an f64 ulp. Built by Accuracy: gcc -O2 -shared -fPIC -lm. */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

static long double oracle(int fn, long double x, long double y) {
    switch (fn) {
        case 0: return expl(x);
        case 1: return expm1l(x);
        case 2: return logl(x);
        case 3: return log1pl(x);
        case 4: return log2l(x);
        case 5: return log10l(x);
        case 6: return sinl(x);
        case 7: return cosl(x);
        case 8: return tanl(x);
        case 9: return asinl(x);
        case 10: return acosl(x);
        case 11: return atanl(x);
        case 12: return sinhl(x);
        case 13: return coshl(x);
        case 14: return tanhl(x);
        case 15: return atan2l(x, y);
        case 16: return hypotl(x, y);
        default: return powl(x, y);
    }
}

static double oracle_f32(int fn, double x, double y) {
    switch (fn) {
        case 0: return exp(x);
        case 1: return expm1(x);
        case 2: return log(x);
        case 3: return log1p(x);
        case 4: return log2(x);
        case 5: return log10(x);
        case 6: return sin(x);
        case 7: return cos(x);
        case 8: return tan(x);
        case 9: return asin(x);
        case 10: return acos(x);
        case 11: return atan(x);
        case 12: return sinh(x);
        case 13: return cosh(x);
        case 14: return tanh(x);
        case 15: return atan2(x, y);
        case 16: return hypot(x, y);
        default: return pow(x, y);
    }
}

/* The worst distance; its index in *at. A NaN, an infinity or the sign of a zero that differ count as 1e9. */
double ulp_f64(int fn, const double *x, const double *y, const double *found, int64_t n, int64_t *at) {
    double worst = -1;
    for (int64_t i = 0; i < n; i++) {
        long double truth = oracle(fn, x[i], y[i]);
        double rounded = (double)truth, got = found[i], d;
        if (isnan(rounded) || isnan(got)) d = isnan(rounded) && isnan(got) ? 0 : 1e9;
        else if (isinf(rounded)) d = got == rounded || (fabs(got) == DBL_MAX && fabsl(truth) < 0x1.fffffffffffffcp1023L) ? 0 : 1e9;
        else if (rounded == 0 || got == 0) d = signbit(rounded) != signbit(got) ? 1e9 : (double)(fabsl(got - truth) / DBL_TRUE_MIN);
        else if (isinf(got)) d = fabsl(truth) > 0x1.fffffffffffff7p1023L ? 0 : 1e9;
        else {
            int e;
            frexp(rounded, &e);
            if (e < -1021) e = -1021;
            d = (double)(fabsl((long double)got - truth) / ldexpl(1, e - 53));
        }
        if (d > worst) { worst = d; *at = i; }
    }
    return worst;
}

double ulp_f32(int fn, const float *x, const float *y, const float *found, int64_t n, int64_t *at) {
    double worst = -1;
    for (int64_t i = 0; i < n; i++) {
        double truth = oracle_f32(fn, x[i], y[i]), d;
        float rounded = (float)truth, got = found[i];
        if (isnan(rounded) || isnan(got)) d = isnan(rounded) && isnan(got) ? 0 : 1e9;
        else if (isinf(rounded)) d = got == rounded || (fabsf(got) == FLT_MAX && fabs(truth) < 0x1.ffffffp127 + 0x1p103) ? 0 : 1e9;
        else if (rounded == 0 || got == 0) d = signbit(rounded) != signbit(got) ? 1e9 : fabs(got - truth) / FLT_TRUE_MIN;
        else if (isinf(got)) d = fabs(truth) > 0x1.fffffep127 ? 0 : 1e9;
        else {
            int e;
            frexp(rounded, &e);
            if (e < -125) e = -125;
            d = fabs((double)got - truth) / ldexp(1, e - 24);
        }
        if (d > worst) { worst = d; *at = i; }
    }
    return worst;
}
