// Included once by each variant: the most that fused multiply-adds can do, as a yardstick.

/// As many sums as a tile has, enough to hide the latency of an addition.
#define PEAK_SUMS (TILE_ROWS * TILE_PANELS)

/// `rounds` fused multiply-adds on each of PEAK_SUMS x 16 sums, in registers alone. The result depends on all of
/// them, so that none is left out.
static float peak(size_t rounds) {
    v16 sums[PEAK_SUMS];
    for (int i = 0; i < PEAK_SUMS; i++) sums[i] = (v16)(float)i;
    // Unknown to the compiler, or it would know the sums.
    volatile float factor = 0.999f, addend = 0.001f;
    const v16 times = (v16)factor, plus = (v16)addend;
    for (size_t round = 0; round < rounds; round++) {
#pragma clang loop unroll(full)
        for (int i = 0; i < PEAK_SUMS; i++) sums[i] = fma16(sums[i], times, plus);
    }
    v16 total = sums[0];
    for (int i = 1; i < PEAK_SUMS; i++) total = total + sums[i];
    return fold16(total);
}
