/* The machine's limits and plain loops as gcc makes them: STREAM's triad (McCalpin 1995), a read, chains of fma, and what
   one would write by hand for the suite. Built at run time: gcc -O3 -march=native -fopenmp -shared -fPIC.
   Each call runs its loop `times` times on `threads` threads and returns the seconds of all. */
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <string.h>

#ifdef __AVX512F__
#define BYTES 64
#else
#define BYTES 32
#endif
typedef float F __attribute__((vector_size(BYTES)));
typedef double D __attribute__((vector_size(BYTES)));

/* The compiler may not keep memory in registers, or drop a pass, beyond this line. */
#define PASS __asm__ volatile("" ::: "memory")

/* Each thread runs over its own part as often as told, so small arrays don't pay for a start of threads each time. */
#define EACH_PART(n, body)                                                     \
    double began = omp_get_wtime();                                            \
    _Pragma("omp parallel num_threads(threads)") {                             \
        int64_t part = ((n) / omp_get_num_threads() + 15) & ~(int64_t)15;      \
        int64_t from = part * omp_get_thread_num();                            \
        int64_t to = from + part < (n) ? from + part : (n);                    \
        for (int64_t pass = 0; pass < times; pass++) {                         \
            body;                                                              \
            PASS;                                                              \
        }                                                                      \
    }                                                                          \
    return omp_get_wtime() - began;

double triad(float *restrict a, const float *restrict b, const float *restrict c, int64_t n, int64_t times, int threads) {
    EACH_PART(n, for (int64_t i = from; i < to; i++) a[i] = b[i] + 3 * c[i])
}

/* Reads everything into eight vectors of sums: more than one addition in flight, so that memory is what is measured. */
double readall(const float *restrict a, int64_t n, int64_t times, int threads, float *result) {
    double began = omp_get_wtime();
    float total = 0;
#pragma omp parallel num_threads(threads) reduction(+ : total)
    {
        const int64_t lanes = BYTES / 4;
        int64_t step = 8 * lanes;
        int64_t part = n / step / omp_get_num_threads() * step;
        const float *p = a + part * omp_get_thread_num();
        F s[8] = {0};
        for (int64_t pass = 0; pass < times; pass++) {
            for (int64_t i = 0; i < part; i += step) {
                for (int k = 0; k < 8; k++) {
                    F v;
                    memcpy(&v, p + i + k * lanes, BYTES);
                    s[k] += v;
                }
            }
            PASS;
        }
        F sum = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
        for (int k = 0; k < lanes; k++) total += sum[k];
    }
    double seconds = omp_get_wtime() - began;
    *result = total;
    return seconds;
}

/* Twelve chains of fma, as many as hide its latency; `times` of each. Operations: 2 * 12 * lanes * times * threads. */
#define CHAINS(name, V, T)                                                     \
    double name(int64_t times, int threads, double *result) {                  \
        double began = omp_get_wtime();                                        \
        double total = 0;                                                      \
        _Pragma("omp parallel num_threads(threads) reduction(+ : total)") {    \
            V x[12], a = (V){0} + (T)0.999, b = (V){0} + (T)0.001;             \
            for (int k = 0; k < 12; k++) x[k] = (V){0} + (T)k;                 \
            for (int64_t i = 0; i < times; i++) {                              \
                _Pragma("GCC unroll 12") for (int k = 0; k < 12; k++) x[k] = x[k] * a + b; \
            }                                                                  \
            for (int k = 0; k < 12; k++) total += (double)x[k][0];             \
        }                                                                      \
        double seconds = omp_get_wtime() - began;                              \
        *result = total;                                                       \
        return seconds;                                                        \
    }
CHAINS(peakf32, F, float)
CHAINS(peakf64, D, double)

int lanes(void) { return BYTES / 4; }

/* ---- what one would write by hand */

double fma3(float *restrict o, const float *restrict a, const float *restrict b, const float *restrict c, int64_t n,
            int64_t times, int threads) {
    EACH_PART(n, for (int64_t i = from; i < to; i++) o[i] = a[i] * b[i] + c[i])
}

double sqrtexp(float *restrict o, const float *restrict a, const float *restrict b, const float *restrict c, int64_t n,
               int64_t times, int threads) {
    EACH_PART(n, for (int64_t i = from; i < to; i++) o[i] = sqrtf(a[i] * a[i] + b[i] * b[i]) / (1 + expf(-c[i])))
}

double sinaxpy(float *restrict o, const float *restrict a, const float *restrict b, const float *restrict c, int64_t n,
               int64_t times, int threads) {
    EACH_PART(n, for (int64_t i = from; i < to; i++) o[i] = 2 * a[i] + b[i] * sinf(c[i]))
}

/* A sum that gcc may reorder. */
double sum(float *restrict result, const float *restrict a, int64_t n, int64_t times, int threads) {
    double began = omp_get_wtime();
    for (int64_t pass = 0; pass < times; pass++) {
        float sum = 0;
#pragma omp parallel for simd num_threads(threads) schedule(static) reduction(+ : sum)
        for (int64_t i = 0; i < n; i++) sum += a[i];
        *result = sum;
        PASS;
    }
    return omp_get_wtime() - began;
}

static void heatstep(float *restrict v, const float *restrict u, int64_t rows, int64_t cols, int threads) {
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int64_t i = 0; i < rows; i++) {
        const float *p = u + i * cols, *up = i ? p - cols : p, *down = i < rows - 1 ? p + cols : p;
        float *q = v + i * cols;
        for (int64_t j = 1; j < cols - 1; j++) q[j] = p[j] + 0.1f * ((up[j] + down[j]) + (p[j - 1] + p[j + 1]) - 4 * p[j]);
        q[0] = p[0] + 0.1f * ((up[0] + down[0]) + (p[0] + p[1]) - 4 * p[0]);
        int64_t e = cols - 1;
        q[e] = p[e] + 0.1f * ((up[e] + down[e]) + (p[e - 1] + p[e]) - 4 * p[e]);
    }
}

/* So many heat steps from u; the last result lies in v, w takes every second one between. */
double heat(float *v, const float *u, float *w, int64_t rows, int64_t cols, int64_t steps, int64_t times, int threads) {
    double began = omp_get_wtime();
    for (int64_t pass = 0; pass < times; pass++) {
        const float *from = u;
        for (int64_t step = 0; step < steps; step++) {
            float *to = (steps - step) % 2 ? v : w;
            heatstep(to, from, rows, cols, threads);
            from = to;
        }
    }
    return omp_get_wtime() - began;
}
