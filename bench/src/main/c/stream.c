/* STREAM's triad (McCalpin 1995) and plain loops in float32, as gcc makes them: the limits that Imbrex is held against.
   Built on demand: gcc -O3 -march=native -fopenmp -shared -fPIC. Each call returns its seconds. */
#include <omp.h>
#include <stdint.h>

double triad(float *restrict a, const float *restrict b, const float *restrict c, float s, int64_t n, int threads) {
    double began = omp_get_wtime();
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int64_t i = 0; i < n; i++) a[i] = b[i] + s * c[i];
    return omp_get_wtime() - began;
}

/* The read bandwidth: a sum that gcc may reorder. */
double readsum(const float *restrict a, int64_t n, int threads, float *result) {
    float sum = 0;
    double began = omp_get_wtime();
#pragma omp parallel for simd num_threads(threads) schedule(static) reduction(+ : sum)
    for (int64_t i = 0; i < n; i++) sum += a[i];
    double seconds = omp_get_wtime() - began;
    *result = sum;
    return seconds;
}

double heat(float *restrict v, const float *restrict u, int64_t rows, int64_t cols, float k, int threads) {
    double began = omp_get_wtime();
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int64_t i = 1; i < rows - 1; i++)
        for (int64_t j = 1; j < cols - 1; j++) {
            const float *p = u + i * cols + j;
            v[i * cols + j] = p[0] + k * ((p[-cols] + p[cols]) + (p[-1] + p[1]) - 4 * p[0]);
        }
    return omp_get_wtime() - began;
}
