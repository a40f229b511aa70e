/* The layers of an 8-bit network. All sums are exact; requantize() alone rounds. */

#define PRODUCT(x, w) (LANES > 1 ? (int16_t)((x) * (w)) : (x) * (w)) /* at most 255 * 128: it fits */
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
static int8_t requantize(int32_t sum, float factor, const layer *l) {
  const float shift = 12582912.0f; /* 1.5 * 2^23: what is added to it has no digits behind the point */
  float x = (float)sum * factor;
  float low = (float)(l->low - l->zero_out), high = (float)(l->high - l->zero_out);
  x = x < low ? low : x > high ? high : x;
  x = (x + shift) - shift;
  return (int8_t)((int32_t)x + l->zero_out);
}
/*@double@*/
/* Multiplies whole numbers; rounds after the product, and again after the shift. */
static int8_t requantize(int32_t sum, factor f, const layer *l) {
  int64_t p = (int64_t)sum * (f.shift > 0 ? (int64_t)1 << f.shift : 1) * f.mantissa;
  int right = f.shift < 0 ? -f.shift : 0;
  int64_t x = (p + (p >= 0 ? 1073741824 : -1073741823)) / 2147483648LL;
  int64_t size = (int64_t)1 << right, half = size >> 1;
  if (right > 0) x = x >= 0 ? (x + half) / size : -((-x + half) / size);
  x += l->zero_out;
  return (int8_t)(x < l->low ? l->low : x > l->high ? l->high : x);
}
/*@single@*/
/* Multiplies whole numbers and rounds once, halves up. */
static int8_t requantize(int32_t sum, factor f, const layer *l) {
  int total = 31 - f.shift;
  int64_t size = (int64_t)1 << total;
  int64_t p = (int64_t)sum * f.mantissa + (size >> 1);
  int64_t x = p >= 0 ? p / size : -((-p + size - 1) / size);
  x += l->zero_out;
  return (int8_t)(x < l->low ? l->low : x > l->high ? l->high : x);
}
/*@accumulate@*/
/* Adds the products of n inputs with their weights to the sums of a block of outputs. */
static void accumulate(int32_t *restrict sum, const int8_t *restrict x, int zero, int n,
                       const int8_t *restrict w) {
  for (int k = 0; k < n; k++, w += LANES) {
    const int v = x[k] - zero;
    for (int u = 0; u < LANES; u++) sum[u] += PRODUCT(v, w[u]);
  }
}
/*@dense@*/
static void dense(const layer *l, const int8_t *x, int8_t *z, const int8_t *w, const int32_t *b,
                  const factor *f) {
  for (int o = 0; o < l->out_channels; o += LANES) {
    int32_t sum[LANES];
    for (int u = 0; u < LANES; u++) sum[u] = b[o + u];
    accumulate(sum, x, l->zero_in, l->channels, w + o * l->channels);
    for (int u = 0; u < LANES && o + u < l->out_channels; u++)
      z[o + u] = requantize(sum[u], f[o + u], l);
  }
}
/*@conv2d@*/
static void conv2d(const layer *l, const int8_t *x, int8_t *z, const int8_t *w, const int32_t *b,
                   const factor *f) {
  const int width = l->width, channels = l->channels;
  const int size = l->window_height * l->window_width * channels;
  for (int r = 0; r < l->out_height; r++)
    for (int c = 0; c < l->out_width; c++)
      for (int o = 0; o < l->out_channels; o += LANES) {
        int32_t sum[LANES];
        for (int u = 0; u < LANES; u++) sum[u] = b[o + u];
        for (int i = 0; i < l->window_height; i++)
          for (int j = 0; j < l->window_width; j++) {
            int y = r * l->stride_height + i - l->above, s = c * l->stride_width + j - l->left;
            if (y < 0 || y >= l->height || s < 0 || s >= width) continue;
            const int8_t *q = w + o * size + (i * l->window_width + j) * channels * LANES;
            accumulate(sum, x + AT(y, s, 0), l->zero_in, channels, q);
          }
        for (int u = 0; u < LANES && o + u < l->out_channels; u++)
          *z++ = requantize(sum[u], f[o + u], l);
      }
}
/*@depthwise_conv2d@*/
static void depthwise_conv2d(const layer *l, const int8_t *x, int8_t *z, const int8_t *w,
                             const int32_t *b, const factor *f) {
  const int width = l->width, channels = l->channels;
  for (int r = 0; r < l->out_height; r++)
    for (int c = 0; c < l->out_width; c++)
      for (int k = 0; k < channels; k++) {
        int32_t sum = b[k];
        for (int i = 0; i < l->window_height; i++)
          for (int j = 0; j < l->window_width; j++) {
            int y = r * l->stride_height + i - l->above, s = c * l->stride_width + j - l->left;
            if (y < 0 || y >= l->height || s < 0 || s >= width) continue;
            sum += (x[AT(y, s, k)] - l->zero_in) * w[(i * l->window_width + j) * channels + k];
          }
        *z++ = requantize(sum, f[k], l);
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
