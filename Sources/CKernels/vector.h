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

/// For x between EXP_LOWEST and EXP_HIGHEST.
INLINE v16 exp16_within(v16 x) {
    v16 shifted = fma16(x, (v16)EXP_PER_LN2, (v16)EXP_ROUND);
    v16 n = shifted - (v16)EXP_ROUND;
    v16 r = fma16(n, (v16)(-EXP_LN2_HIGH), x);
    r = fma16(n, (v16)(-EXP_LN2_LOW), r);
    v16 q = fma16((v16)EXP_Q4, r, (v16)EXP_Q3);
    q = fma16(q, r, (v16)EXP_Q2);
    q = fma16(q, r, (v16)EXP_Q1);
    q = fma16(q, r, (v16)EXP_Q0);
    v16 y = fma16(q, r * r, r) + (v16)1.0f;
    // The low bits of `shifted` are n in two's complement: moved into the exponent field.
    i16 bits = __builtin_bit_cast(i16, y) + (__builtin_bit_cast(i16, shifted) << 23);
    return __builtin_bit_cast(v16, bits);
}

/// For x that is not above EXP_HIGHEST.
INLINE v16 exp16_below(v16 x) {
    const v16 y = exp16_within(x);
    return x < (v16)EXP_LOWEST ? (v16)0.0f : y;
}

INLINE v16 exp16(v16 x) { return exp16_below(x > (v16)EXP_HIGHEST ? (v16)EXP_HIGHEST : x); }

// Phi(-a) = exp(-a^2 / 2) R(a) for a >= 0, R(a) = erfcx(a / sqrt 2) / 2 = t P(t), t = 4 / (4 + a): the tail
// keeps its relative accuracy, unlike 1 + erf. P: degree 9 on 0 <= a <= 13.3, fitted like Q against SciPy's
// erfcx; relative error 1.2e-8 after rounding the coefficients. GELU(x) = max(x, 0) - |x| Phi(-|x|).
#define PHI_FURTHEST 12.5f
#define PHI_0 0.09975060075521469f
#define PHI_1 0.09944377094507217f
#define PHI_2 0.09589527547359467f
#define PHI_3 0.07033107429742813f
#define PHI_4 0.09122815728187561f
#define PHI_5 0.0046028136275708675f
#define PHI_6 0.037763811647892f
#define PHI_7 0.04493141919374466f
#define PHI_8 (-0.06003522500395775f)
#define PHI_9 0.016088305041193962f

/// max(x, 0); NaN stays NaN.
INLINE v16 relu16(v16 x) { return x < (v16)0.0f ? (v16)0.0f : x; }

INLINE v16 gelu16(v16 x) {
    v16 a = x < (v16)0.0f ? -x : x;
    // Beyond 12.5 the tail is below 4e-36: held there, so that it never becomes subnormal (slow) or inf -
    // inf.
    a = a < (v16)PHI_FURTHEST ? a : (v16)PHI_FURTHEST;
    v16 t = (v16)4.0f / (a + (v16)4.0f);
    v16 p = fma16((v16)PHI_9, t, (v16)PHI_8);
    p = fma16(p, t, (v16)PHI_7);
    p = fma16(p, t, (v16)PHI_6);
    p = fma16(p, t, (v16)PHI_5);
    p = fma16(p, t, (v16)PHI_4);
    p = fma16(p, t, (v16)PHI_3);
    p = fma16(p, t, (v16)PHI_2);
    p = fma16(p, t, (v16)PHI_1);
    p = fma16(p, t, (v16)PHI_0);
    // a * a rounds; its remainder corrects the exponential to first order.
    v16 square = a * a;
    v16 remainder = fma16(a, a, -square);
    v16 e = exp16_within(square * (v16)(-0.5f));
    e = fma16(e, remainder * (v16)(-0.5f), e);
    v16 positive = x < (v16)0.0f ? (v16)0.0f : x;
    return fma16(-a, e * (t * p), positive);
}

/// destination[j, i] = factor * source[i, j] for `rows` x `columns` values; strides in floats.
INLINE void transpose(
    const float *source, size_t source_stride, size_t rows, size_t columns, float factor, float *destination,
    size_t destination_stride) {
    size_t i = 0;
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
