/* Y = X W^T for the vectors in the rows of X; a row of W is whole numbers of 8 bits times one scale.

   A token's time is the time to read W once. So four rows are read side by side, from four places far apart: the
   processor then has four times as many requests to memory under way as along one row. */

#define ROWS 4
#define LANES 64    /* sums side by side, and bytes in a line of the cache */
#define AHEAD 2304  /* bytes: far enough that a line has come from memory when its turn is there */

/* y[0], y[gap], ...: x times `count` rows of n numbers, which begin gap * n bytes apart. */
static inline __attribute__((always_inline))
void products(const int count, const signed char *w, const float *x, float *y, long gap, long n) {
    float sums[ROWS][LANES] = {0};
    long whole = n - n % LANES;
    for (long j = 0; j < whole; j += LANES) {
        for (int r = 0; r < count; r++) __builtin_prefetch(w + r * gap * n + j + AHEAD);
        for (int r = 0; r < count; r++)
            for (long k = 0; k < LANES; k++) sums[r][k] += w[r * gap * n + j + k] * x[j + k];
    }
    for (int r = 0; r < count; r++) {
        float sum = 0;
        for (long j = whole; j < n; j++) sum += w[r * gap * n + j] * x[j];
        for (long k = 0; k < LANES; k++) sum += sums[r][k];
        y[r * gap] = sum;
    }
}

void int8_product(const signed char *restrict w, const float *restrict scale, const float *restrict x,
                  float *restrict y, long vectors, long rows, long n) {
    long gap = rows / ROWS;
    for (long i = 0; i < gap; i++)
        for (long t = 0; t < vectors; t++) products(ROWS, w + i * n, x + t * n, y + t * rows + i, gap, n);
    for (long i = gap * ROWS; i < rows; i++)
        for (long t = 0; t < vectors; t++) products(1, w + i * n, x + t * n, y + t * rows + i, 0, n);
    for (long t = 0; t < vectors; t++)
        for (long i = 0; i < rows; i++) y[t * rows + i] *= scale[i];
}
