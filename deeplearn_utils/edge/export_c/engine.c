/* The layers of an 8-bit network. All sums are exact; requantize() alone rounds. */

#define BLOCK 16 /* outputs that are rounded together */
#define AT(x, y, z) (((x) * width + (y)) * channels + (z))

typedef struct {
  int height, width, channels;             /* of the input */
  int out_height, out_width, out_channels;
  int window_height, window_width;
  int stride_height, stride_width;
  int above, left;                         /* padding */
  int zero_in, zero_out, low, high;
} layer;

/*@float@*/
/* Multiplies in single precision and rounds halves to even. */
static void requantize(const layer *l, int n, const int32_t *restrict sum,
                       const factor *restrict f, int8_t *restrict z) {
  const float shift = 12582912.0f; /* 1.5 * 2^23: what is added to it has no digits behind the point */
  const int zero = l->zero_out;
  const float low = (float)(l->low - zero), high = (float)(l->high - zero);
  for (int u = 0; u < n; u++) {
    float x = (float)sum[u] * f[u];
    x = x < low ? low : x;
    x = x > high ? high : x;
    x = (x + shift) - shift;
    z[u] = (int8_t)((int32_t)x + zero);
  }
}
/*@scaled@*/
/* Multiplies whole numbers; rounds after the product, and again after the shift. */
static int64_t scaled(int64_t sum, factor f) {
  int64_t p = sum * (f.shift > 0 ? (int64_t)1 << f.shift : 1) * f.mantissa;
  int right = f.shift < 0 ? -f.shift : 0;
  int64_t x = (p + (p >= 0 ? 1073741824 : -1073741823)) / 2147483648LL;
  int64_t size = (int64_t)1 << right, half = size >> 1;
  if (right > 0) x = x >= 0 ? (x + half) / size : -((-x + half) / size);
  return x;
}
/*@scaled_once@*/
/* Multiplies whole numbers and rounds once, halves up. */
static int64_t scaled_once(int64_t sum, factor f) {
  int total = 31 - f.shift;
  int64_t size = (int64_t)1 << total;
  int64_t p = sum * f.mantissa + (size >> 1);
  return p >= 0 ? p / size : -((-p + size - 1) / size);
}
/*@clipped@*/
static int8_t clipped(int64_t x, const layer *l) {
  x += l->zero_out;
  return (int8_t)(x < l->low ? l->low : x > l->high ? l->high : x);
}
/*@one_by_one@*/
static void requantize(const layer *l, int n, const int32_t *restrict sum,
                       const factor *restrict f, int8_t *restrict z) {
  for (int u = 0; u < n; u++) z[u] = clipped(SCALED(sum[u], f[u]), l);
}
/*@products@*/
/* The inputs of one place, less their zero point; what lies outside the image is 0. They have
   16 bits, since vector units multiply those and add the products in pairs. */
static int16_t patch[PATCH];

static void copy(int16_t *restrict p, const int8_t *restrict x, int zero, int n) {
  for (int k = 0; k < n; k++) p[k] = (int16_t)(x[k] - zero);
}

/* The outputs of one place: a sum of products with the patch for each row of weights. */
static void products(const layer *l, int n, int8_t *restrict z, const int8_t *restrict w,
                     const int32_t *restrict b, const factor *restrict f) {
  const int outputs = l->out_channels;
  int32_t sum[BLOCK];
  for (int o = 0; o < outputs; o += BLOCK) {
    const int some = outputs - o < BLOCK ? outputs - o : BLOCK;
    for (int u = 0; u < some; u++, w += n) {
      int32_t total = b[o + u];
      for (int k = 0; k < n; k++) total += patch[k] * w[k];
      sum[u] = total;
    }
    requantize(l, some, sum, f + o, z + o);
  }
}
/*@dense@*/
static void dense(const layer *l, const int8_t *x, int8_t *z, const int8_t *w, const int32_t *b,
                  const factor *f) {
  copy(patch, x, l->zero_in, l->channels);
  products(l, l->channels, z, w, b, f);
}
/*@conv2d@*/
static void conv2d(const layer *l, const int8_t *x, int8_t *z, const int8_t *w, const int32_t *b,
                   const factor *f) {
  const int width = l->width, channels = l->channels;
  const int row = l->window_width * channels, size = l->window_height * row;
  for (int r = 0; r < l->out_height; r++)
    for (int c = 0; c < l->out_width; c++, z += l->out_channels) {
      const int first = c * l->stride_width - l->left;
      const int from = first < 0 ? -first : 0;
      const int to = first + l->window_width > width ? width - first : l->window_width;
      int16_t *p = patch;
      for (int i = 0; i < l->window_height; i++, p += row) {
        const int y = r * l->stride_height + i - l->above;
        const int inside = y >= 0 && y < l->height;
        if (!inside || from > 0 || to < l->window_width)
          for (int k = 0; k < row; k++) p[k] = 0;
        if (inside)
          copy(p + from * channels, x + AT(y, first + from, 0), l->zero_in, (to - from) * channels);
      }
      products(l, size, z, w, b, f);
    }
}
/*@depthwise_conv2d@*/
static void depthwise_conv2d(const layer *l, const int8_t *x, int8_t *z, const int8_t *w,
                             const int32_t *b, const factor *f) {
  const int width = l->width, channels = l->channels, zero = l->zero_in;
  int32_t sum[BLOCK];
  for (int r = 0; r < l->out_height; r++)
    for (int c = 0; c < l->out_width; c++)
      for (int k = 0; k < channels; k += BLOCK) {
        const int some = channels - k < BLOCK ? channels - k : BLOCK;
        for (int u = 0; u < some; u++) sum[u] = b[k + u];
        for (int i = 0; i < l->window_height; i++)
          for (int j = 0; j < l->window_width; j++) {
            int y = r * l->stride_height + i - l->above, s = c * l->stride_width + j - l->left;
            if (y < 0 || y >= l->height || s < 0 || s >= width) continue;
            const int8_t *p = x + AT(y, s, k), *q = w + (i * l->window_width + j) * channels + k;
            for (int u = 0; u < some; u++) sum[u] += (p[u] - zero) * q[u];
          }
        requantize(l, some, sum, f + k, z);
        z += some;
      }
}
/*@max_pool2d@*/
static void max_pool2d(const layer *l, const int8_t *x, int8_t *z) {
  const int width = l->width, channels = l->channels;
  for (int r = 0; r < l->out_height; r++)
    for (int c = 0; c < l->out_width; c++)
      for (int k = 0; k < channels; k++) {
        int most = l->low;
        for (int i = 0; i < l->window_height; i++)
          for (int j = 0; j < l->window_width; j++) {
            int y = r * l->stride_height + i - l->above, s = c * l->stride_width + j - l->left;
            if (y < 0 || y >= l->height || s < 0 || s >= width) continue;
            if (x[AT(y, s, k)] > most) most = x[AT(y, s, k)];
          }
        *z++ = (int8_t)(most > l->high ? l->high : most);
      }
}
/*@average_pool2d@*/
static void average_pool2d(const layer *l, const int8_t *x, int8_t *z) {
  const int width = l->width, channels = l->channels;
  for (int r = 0; r < l->out_height; r++)
    for (int c = 0; c < l->out_width; c++)
      for (int k = 0; k < channels; k++) {
        int sum = 0, n = 0;
        for (int i = 0; i < l->window_height; i++)
          for (int j = 0; j < l->window_width; j++) {
            int y = r * l->stride_height + i - l->above, s = c * l->stride_width + j - l->left;
            if (y < 0 || y >= l->height || s < 0 || s >= width) continue;
            sum += x[AT(y, s, k)];
            n++;
          }
        sum = (sum >= 0 ? sum + n / 2 : sum - n / 2) / n;
        *z++ = (int8_t)(sum < l->low ? l->low : sum > l->high ? l->high : sum);
      }
}
/*@add_float@*/
/* Rounds once, halves up; zero_in is that of x. */
static void add(const layer *l, const int8_t *x, const int8_t *y, int8_t *z, int zero_y,
                int32_t of_x, int32_t of_y, int shift) {
  const int64_t size = (int64_t)1 << shift;
  for (int k = 0; k < l->out_channels; k++) {
    int64_t p = (int64_t)(x[k] - l->zero_in) * of_x + (int64_t)(y[k] - zero_y) * of_y + (size >> 1);
    z[k] = clipped(p >= 0 ? p / size : -((-p + size - 1) / size), l);
  }
}
/*@add_whole@*/
/* Rounds each of three products; zero_in is that of x. */
static void add(const layer *l, const int8_t *x, const int8_t *y, int8_t *z, int zero_y,
                const factor *f) {
  for (int k = 0; k < l->out_channels; k++) {
    int64_t sum = scaled((int64_t)(x[k] - l->zero_in) * 1048576, f[0]);
    sum += scaled((int64_t)(y[k] - zero_y) * 1048576, f[1]);
    z[k] = clipped(scaled(sum, f[2]), l);
  }
}
