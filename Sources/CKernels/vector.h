#ifndef FIRSTLEAD_VECTOR_H
#define FIRSTLEAD_VECTOR_H

// Sixteen lanes everywhere: one AVX-512 register, two of AVX2, four of NEON or SSE. The compiler splits them,
// so the order of every sum is the same on all.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Every function that passes vectors by value is inlined: there is no call whose convention could differ.
#pragma clang diagnostic ignored "-Wpsabi"

typedef float v16 __attribute__((ext_vector_type(16)));
typedef int32_t i16 __attribute__((ext_vector_type(16)));
typedef double d16 __attribute__((ext_vector_type(16)));
typedef float v4 __attribute__((ext_vector_type(4)));
typedef float v16_anywhere __attribute__((ext_vector_type(16), aligned(4)));
typedef float v4_anywhere __attribute__((ext_vector_type(4), aligned(4)));

#define INLINE static inline __attribute__((always_inline, unused))

INLINE v16 load16(const float *p) { return *(const v16_anywhere *)p; }
INLINE void store16(float *p, v16 x) { *(v16_anywhere *)p = x; }
INLINE v16 fma16(v16 a, v16 b, v16 c) { return __builtin_elementwise_fma(a, b, c); }

/// The first `count` lanes from memory, the others zero.
INLINE v16 load_part(const float *p, size_t count) {
    if (count >= 16) return load16(p);
    float lanes[16] = {0};
    memcpy(lanes, p, count * sizeof(float));
    return load16(lanes);
}

/// The first `count` lanes to memory.
INLINE void store_part(float *p, v16 x, size_t count) {
    if (count >= 16) {
        store16(p, x);
        return;
    }
    float lanes[16];
    store16(lanes, x);
    memcpy(p, lanes, count * sizeof(float));
}

INLINE v16 larger16(v16 a, v16 b) { return a > b ? a : b; }

/// The largest lane, in all of them.
INLINE v16 largest_lane(v16 x) {
    x = larger16(x, __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    x = larger16(x, __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
    x = larger16(x, __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
    return larger16(x, __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
}

/// The fixed fold: lane i with lane i + 8, then + 4, + 2, + 1.
INLINE float fold16(v16 x) {
    float lanes[16];
    store16(lanes, x);
    for (int half = 8; half > 0; half /= 2)
        for (int i = 0; i < half; i++) lanes[i] = lanes[i] + lanes[i + half];
    return lanes[0];
}

// exp(x) = 2^n * (1 + r + r^2 Q(r)), n = round(x / ln 2), |r| <= ln 2 / 2, ln 2 split in two (Cody and
// Waite). Q: degree 4, minimax for the relative error of exp by Lawson's iteratively reweighted least squares
// in float64, then rounded to float32: 3.8e-9. Rounding of the steps makes it about 1 ulp.
#define EXP_LOWEST (-87.3f)
#define EXP_HIGHEST 88.3f
#define EXP_ROUND 0x1.8p23f
#define EXP_PER_LN2 1.4426950216293335f
#define EXP_LN2_HIGH 0.693359375f
#define EXP_LN2_LOW (-0.00021219444170128554f)
#define EXP_Q0 0.4999999403953552f
#define EXP_Q1 0.1666652113199234f
#define EXP_Q2 0.04166838899254799f
#define EXP_Q3 0.008368710987269878f
#define EXP_Q4 0.0013814610429108143f

INLINE v16 exp16(v16 x) {
    const v16 bounded = x > (v16)EXP_HIGHEST ? (v16)EXP_HIGHEST : x;
    v16 shifted = fma16(bounded, (v16)EXP_PER_LN2, (v16)EXP_ROUND);
    v16 n = shifted - (v16)EXP_ROUND;
    v16 r = fma16(n, (v16)(-EXP_LN2_HIGH), bounded);
    r = fma16(n, (v16)(-EXP_LN2_LOW), r);
    v16 q = fma16((v16)EXP_Q4, r, (v16)EXP_Q3);
    q = fma16(q, r, (v16)EXP_Q2);
    q = fma16(q, r, (v16)EXP_Q1);
    q = fma16(q, r, (v16)EXP_Q0);
    v16 y = fma16(q, r * r, r) + (v16)1.0f;
    // The low bits of `shifted` are n in two's complement: moved into the exponent field.
    i16 bits = __builtin_bit_cast(i16, y) + (__builtin_bit_cast(i16, shifted) << 23);
    return x < (v16)EXP_LOWEST ? (v16)0.0f : __builtin_bit_cast(v16, bits);
}

// exp2(x) = 2^n * (1 + r P(r)), n = round(x), r = x - n without rounding. P: degree 4, by the same method, 1.1e-7; with
// rounding 1.7e-7. Softmax takes it, whose weights are divided by their sum.
#define EXP2_LOWEST (-126.0f)
#define EXP2_P0 0.6931470036506653f
#define EXP2_P1 0.24022242426872253f
#define EXP2_P2 0.05550733581185341f
#define EXP2_P3 0.009671512991189957f
#define EXP2_P4 0.001326472731307149f

/// For x of 0 or below; 2^-126 below EXP2_LOWEST. NaN stays NaN.
INLINE v16 exp2_of_negative(v16 x) {
    x = (v16)EXP2_LOWEST > x ? (v16)EXP2_LOWEST : x;
    const v16 shifted = x + (v16)EXP_ROUND, r = x - (shifted - (v16)EXP_ROUND);
    v16 y = fma16((v16)EXP2_P4, r, (v16)EXP2_P3);
    y = fma16(y, r, (v16)EXP2_P2);
    y = fma16(y, r, (v16)EXP2_P1);
    y = fma16(y, r, (v16)EXP2_P0);
    y = fma16(y, r, (v16)1.0f);
    // As in exp16.
    const i16 bits = __builtin_bit_cast(i16, y) + (__builtin_bit_cast(i16, shifted) << 23);
    return __builtin_bit_cast(v16, bits);
}

// GELU(x) = max(x, 0) - T(|x|), T(a) = a Phi(-a): a polynomial of degree 5 for each of sixteen stretches of 0.4 around
// n x 0.4, of f = a / 0.4 - n; 0 from 6 on, where T is 6e-9. Minimax fits to SciPy's erfc by Lawson's method as above, of
// the relative error next to 0; in float32 within 2.7e-8 of T, as near as its rounding. A look at a table costs as
// much as a multiplication, an exponential and a division twelve of them.
#define GELU_FURTHEST 6.0f
#define GELU_PER_UNIT 2.5f
#define GELU_DEGREE 5
static const float gelu_tail[GELU_DEGREE + 1][16] __attribute__((aligned(64), unused)) = {
    {0.0f, 0.13783129f, 0.16948433f, 0.13808362f, 0.08767887f, 0.045500264f,
     0.019674081f, 0.0071543623f, 0.0021988407f, 0.00057279115f, 0.00012668526f, 2.3815348e-05f,
     3.8080295e-06f, 5.181644e-07f, 6.002143e-08f, 0.0f},
    {0.2f, 0.07890809f, -0.007959126f, -0.04718144f, -0.049069624f, -0.034092724f,
     -0.018219735f, -0.007843251f, -0.0027767764f, -0.00081749505f, -0.00020145996f, -4.173385e-05f,
     -7.288419e-06f, -1.0752556e-06f, -1.3420792e-07f, -6.051629e-07f},
    {-0.06383051f, -0.054208614f, -0.031518918f, -0.008700509f, 0.0049687116f, 0.008638615f,
     0.006736559f, 0.0036982882f, 0.0015716391f, 0.0005364999f, 0.00014986859f, 3.462896e-05f,
     6.6637504e-06f, 1.0728979e-06f, 1.4500725e-07f, -9.435814e-06f},
    {-4.0456925e-06f, 0.0060333787f, 0.00830573f, 0.006363104f, 0.0027261898f, 1.3193007e-07f,
     -0.0010090027f, -0.0009078543f, -0.00050782395f, -0.00021054136f, -6.851876e-05f, -1.7977982e-05f,
     -3.8602457e-06f, -6.8466136e-07f, -1.009352e-07f, -5.2937485e-05f},
    {0.0017245564f, 0.0011333716f, -1.6648462e-05f, -0.0008194521f, -0.00086577696f, -0.00046138192f,
     -7.8101526e-05f, 8.735605e-05f, 9.40317e-05f, 5.3195283e-05f, 2.1354423e-05f, 6.5916165e-06f,
     1.6200509e-06f, 3.230547e-07f, 5.2875002e-08f, -0.00012095444f},
    {-5.093434e-05f, -0.0002020344f, -0.00022278311f, -8.429029e-05f, 5.327056e-05f, 9.1242386e-05f,
     5.5838867e-05f, 1.3129557e-05f, -6.434386e-06f, -8.105026e-06f, -4.4924004e-06f, -1.704173e-06f,
     -4.888539e-07f, -1.10504565e-07f, -2.0118e-08f, -9.676716e-05f},
};

/// max(x, 0); NaN stays NaN.
INLINE v16 relu16(v16 x) { return x < (v16)0.0f ? (v16)0.0f : x; }

/// Of sixteen numbers those that the low four bits of each lane say.
INLINE v16 look_up(const float *table, i16 places) {
#if PAIR_LANES == 16
    return (v16)_mm512_permutexvar_ps((__m512i)places, (__m512)load16(table));
#elif PAIR_LANES == 8
    const __m256 low = _mm256_loadu_ps(table), high = _mm256_loadu_ps(table + 8);
    __m256i place[2];
    __m256 found[2];
    memcpy(place, &places, sizeof place);
    for (int half = 0; half < 2; half++)
        // The fourth bit, where the sign would be, chooses between the two halves.
        found[half] = _mm256_blendv_ps(
            _mm256_permutevar8x32_ps(low, place[half]), _mm256_permutevar8x32_ps(high, place[half]),
            (__m256)_mm256_slli_epi32(place[half], 28));
    v16 y;
    memcpy(&y, found, sizeof y);
    return y;
#elif defined(__ARM_NEON_H)
    uint8x16x4_t bytes;
    for (int i = 0; i < 4; i++) bytes.val[i] = vreinterpretq_u8_f32(vld1q_f32(table + 4 * i));
    uint32x4_t place[4];
    float32x4_t found[4];
    memcpy(place, &places, sizeof place);
    for (int i = 0; i < 4; i++) {
        const uint32x4_t word = vandq_u32(place[i], vdupq_n_u32(15));
        const uint32x4_t four = vmlaq_n_u32(vdupq_n_u32(0x03020100), word, 0x04040404);
        found[i] = vreinterpretq_f32_u8(vqtbl4q_u8(bytes, vreinterpretq_u8_u32(four)));
    }
    v16 y;
    memcpy(&y, found, sizeof y);
    return y;
#else
    v16 y;
    for (int i = 0; i < 16; i++) y[i] = table[places[i] & 15];
    return y;
#endif
}

INLINE v16 gelu16(v16 x) {
    v16 a = x < (v16)0.0f ? -x : x;
    a = a < (v16)GELU_FURTHEST ? a : (v16)GELU_FURTHEST;
    // The low bits of `shifted` are n, as in exp16.
    const v16 shifted = fma16(a, (v16)GELU_PER_UNIT, (v16)EXP_ROUND);
    const v16 f = fma16(a, (v16)GELU_PER_UNIT, (v16)EXP_ROUND - shifted);
    const i16 n = __builtin_bit_cast(i16, shifted);
    v16 tail = look_up(gelu_tail[GELU_DEGREE], n);
    for (int power = GELU_DEGREE - 1; power >= 0; power--) tail = fma16(tail, f, look_up(gelu_tail[power], n));
    return relu16(x) - tail;
}

/// Four floats of each of four rows, which lie `apart` from each other.
INLINE v16 load_fours(const float *p, size_t apart) {
    const v4 a = *(const v4_anywhere *)p, b = *(const v4_anywhere *)(p + apart);
    const v4 c = *(const v4_anywhere *)(p + 2 * apart), d = *(const v4_anywhere *)(p + 3 * apart);
    return __builtin_shufflevector(
        __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7), __builtin_shufflevector(c, d, 0, 1, 2, 3, 4, 5, 6, 7),
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

/// Sixteen rows of four columns, as squares of four by four.
INLINE void transpose_fours(
    const float *source, size_t source_stride, float factor, float *destination, size_t destination_stride) {
    v16 row[4], pair[4];
    for (size_t r = 0; r < 4; r++)
        row[r] = load_fours(source + r * source_stride, 4 * source_stride) * (v16)factor;
    for (int r = 0; r < 2; r++) {
        const v16 a = row[2 * r], b = row[2 * r + 1];
        pair[r] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
        pair[2 + r] = __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
    }
    for (size_t half = 0; half < 2; half++) {
        const v16 a = pair[2 * half], b = pair[2 * half + 1];
        float *out = destination + 2 * half * destination_stride;
        store16(out, __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29));
        store16(
            out + destination_stride,
            __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31));
    }
}

/// destination[j, i] = factor * source[i, j] for `rows` x `columns` values; strides in floats.
INLINE void transpose(
    const float *source, size_t source_stride, size_t rows, size_t columns, float factor, float *destination,
    size_t destination_stride) {
    size_t i = 0;
    for (; i + 16 <= rows; i += 16) {
        const float *s = source + i * source_stride;
        size_t j = 0;
        for (; j + 4 <= columns; j += 4)
            transpose_fours(
                s + j, source_stride, factor, destination + j * destination_stride + i, destination_stride);
        for (; j < columns; j++)
            for (size_t r = 0; r < 16; r++)
                destination[j * destination_stride + i + r] = s[r * source_stride + j] * factor;
    }
    for (; i + 4 <= rows; i += 4) {
        const float *s = source + i * source_stride;
        size_t j = 0;
        for (; j + 4 <= columns; j += 4) {
            v4 a = *(const v4_anywhere *)(s + j) * (v4)factor;
            v4 b = *(const v4_anywhere *)(s + source_stride + j) * (v4)factor;
            v4 c = *(const v4_anywhere *)(s + 2 * source_stride + j) * (v4)factor;
            v4 d = *(const v4_anywhere *)(s + 3 * source_stride + j) * (v4)factor;
            v4 ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
            v4 ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
            v4 cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
            v4 cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
            float *o = destination + j * destination_stride + i;
            *(v4_anywhere *)o = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
            *(v4_anywhere *)(o + destination_stride) = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
            *(v4_anywhere *)(o + 2 * destination_stride) =
                __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
            *(v4_anywhere *)(o + 3 * destination_stride) =
                __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
        }
        for (; j < columns; j++)
            for (size_t r = 0; r < 4; r++)
                destination[j * destination_stride + i + r] = s[r * source_stride + j] * factor;
    }
    for (; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            destination[j * destination_stride + i] = source[i * source_stride + j] * factor;
}

#endif
