// Included once by each variant, which defines TILE_ROWS, TILE_PANELS and, where it has an instruction for pairs,
// PAIR_LANES, and ADDS_PAIRS_AT_ONCE where that also adds: products of 16-bit integers.

#define INT16_BLOCK FIRSTLEAD_INT16_DEPTH_BLOCK
/// Rows that stand side by side, and integers of a whole block of them.
#define INT16_ROWS FIRSTLEAD_INT16_ROWS
#define INT16_ROWS_BLOCK (INT16_ROWS * INT16_BLOCK)
/// Row panels of one sweep: their block of activations (288 KB) stays in L2.
#define INT16_SWEEP 32
/// Column panels that are multiplied before the next block takes its place.
#define INT16_GROUP 8
/// Largest norm and largest value of a block of integers. Rounding adds at most half of sqrt(384) = 9.8 to the norm,
/// the float32 arithmetic below 0.2, and 46330^2 is below 2^31.
#define INT16_NORM 46320.0f
#define INT16_LARGEST 32767.0f
/// Sums of squares outside of these are taken anew, of scaled values.
#define INT16_LEAST_SQUARE 1e-20f
#define INT16_MOST_SQUARE 1e30f
/// Below this nothing is left of a block.
#define INT16_SMALLEST 1e-30f
#define INT16_ROUND 0x1.8p23f

/// Goes before the loop, in which the compiler then puts the beginning at the next multiple of 32.
#if defined(__x86_64__)
#define INT16_LOOP_LINE __asm__ volatile(".p2align 6")
#else
#define INT16_LOOP_LINE
#endif

#define EACH_INT16_ROW _Pragma("clang loop unroll(full)") for (int r = 0; r < TILE_ROWS; r++)
#define EACH_INT16_PANEL _Pragma("clang loop unroll(full)") for (int p = 0; p < panels; p++)

typedef int32_t i8 __attribute__((ext_vector_type(8)));
typedef int32_t i4 __attribute__((ext_vector_type(4)));
typedef uint32_t u16 __attribute__((ext_vector_type(16)));
typedef int16_t s16 __attribute__((ext_vector_type(16)));
typedef i16 i16_anywhere __attribute__((aligned(2)));
typedef s16 s16_anywhere __attribute__((aligned(2)));

// Per lane of 32 bits sum + a.low * b.low + a.high * b.high, each half a signed 16-bit integer.
#if !defined(PAIR_LANES)
INLINE i16 add_pairs(i16 sum, i16 a, i16 b) {
    const i16 low = (i16)((u16)a << 16) >> 16, other_low = (i16)((u16)b << 16) >> 16;
    return sum + low * other_low + (a >> 16) * (b >> 16);
}
#elif PAIR_LANES == 16 && defined(ADDS_PAIRS_AT_ONCE)
INLINE i16 add_pairs(i16 sum, i16 a, i16 b) {
    return __builtin_bit_cast(
        i16, _mm512_dpwssd_epi32(
                 __builtin_bit_cast(__m512i, sum), __builtin_bit_cast(__m512i, a), __builtin_bit_cast(__m512i, b)));
}
#elif PAIR_LANES == 16
INLINE i16 add_pairs(i16 sum, i16 a, i16 b) {
    sum += __builtin_bit_cast(
        i16, _mm512_madd_epi16(__builtin_bit_cast(__m512i, a), __builtin_bit_cast(__m512i, b)));
    // Or the compiler would add products to products first, with more registers than there are.
    __asm__("" : "+v"(sum));
    return sum;
}
#elif PAIR_LANES == 8
INLINE i8 add_eight_pairs(i8 sum, i8 a, i8 b) {
    sum += __builtin_bit_cast(
        i8, _mm256_madd_epi16(__builtin_bit_cast(__m256i, a), __builtin_bit_cast(__m256i, b)));
    // Or the compiler would add products to products first, with more registers than there are.
    __asm__("" : "+x"(sum));
    return sum;
}

INLINE i16 add_pairs(i16 sum, i16 a, i16 b) {
    sum.lo = add_eight_pairs(sum.lo, a.lo, b.lo);
    sum.hi = add_eight_pairs(sum.hi, a.hi, b.hi);
    return sum;
}
#else
INLINE i4 add_four_pairs(i4 sum, i4 a, i4 b) {
    const int16x8_t x = __builtin_bit_cast(int16x8_t, a), y = __builtin_bit_cast(int16x8_t, b);
    const int32x4_t low = vmull_s16(vget_low_s16(x), vget_low_s16(y));
    sum += __builtin_bit_cast(i4, vpaddq_s32(low, vmull_high_s16(x, y)));
    __asm__("" : "+w"(sum));
    return sum;
}

INLINE i16 add_pairs(i16 sum, i16 a, i16 b) {
    sum.lo.lo = add_four_pairs(sum.lo.lo, a.lo.lo, b.lo.lo);
    sum.lo.hi = add_four_pairs(sum.lo.hi, a.lo.hi, b.lo.hi);
    sum.hi.lo = add_four_pairs(sum.hi.lo, a.hi.lo, b.hi.lo);
    sum.hi.hi = add_four_pairs(sum.hi.hi, a.hi.hi, b.hi.hi);
    return sum;
}
#endif

INLINE float largest16(v16 x) {
    float lanes[16], largest = 0;
    store16(lanes, x);
    for (int i = 0; i < 16; i++) largest = lanes[i] > largest ? lanes[i] : largest;
    return largest;
}

/// A block of a row: its values times `factor` are rounded to integers, and those times `scale` are about the values.
typedef struct {
    const float *values;
    float factor, scale;
} measured_block;

/// What stands for rows that do not exist or are not finite.
static const float int16_nothing[INT16_BLOCK];

/// Sum of the squares of x[l] * factor; the largest magnitude of x.
INLINE float sum_of_squares(const float *x, size_t count, float factor, float *most) {
    v16 largest = (v16)0.0f, squares = (v16)0.0f;
    for (size_t i = 0; i < count; i += 16) {
        const v16 y = load_part(x + i, count - i), size = y < (v16)0.0f ? -y : y, scaled = y * (v16)factor;
        largest = size > largest ? size : largest;
        squares = fma16(scaled, scaled, squares);
    }
    *most = largest16(largest);
    return fold16(squares);
}

INLINE measured_block measure_block(const float *x, size_t count) {
    float most, inverse = 1.0f, square = sum_of_squares(x, count, 1.0f, &most);
    if (!(square > INT16_LEAST_SQUARE && square < INT16_MOST_SQUARE)) {
        // Relative to the largest value, so that squares are neither lost nor infinite.
        inverse = most > INT16_SMALLEST ? 1.0f / most : 0.0f;
        square = sum_of_squares(x, count, inverse, &most);
        // Also if there is a NaN, or an infinity: times 0.
        if (!(square <= (float)(2 * INT16_BLOCK)))
            return (measured_block){int16_nothing, 0.0f, __builtin_nanf("")};
        if (square == 0.0f) return (measured_block){int16_nothing, 0.0f, 0.0f};
    }
    // The scale that the norm allows, then the one that the largest value does.
    float steps = INT16_NORM / __builtin_elementwise_sqrt(square);
    if (steps * (most * inverse) > INT16_LARGEST) steps = INT16_LARGEST / (most * inverse);
    return (measured_block){x, inverse * steps, 1.0f / inverse / steps};
}

/// Sixteen values, from `i` on, to eight pairs of integers.
INLINE i8 quantise16(const measured_block *x, size_t i, size_t count) {
    // Rounds halves to even; the low bits of the sum are the integer.
    const v16 shifted = fma16(load_part(x->values + i, count - i), (v16)x->factor, (v16)INT16_ROUND);
    const i16 integers = __builtin_bit_cast(i16, shifted) - (i16)0x4B400000;
    return __builtin_bit_cast(i8, __builtin_convertvector(integers, s16));
}

/// Six rows side by side: `[pair][6][2]`, a zero after an odd number of values.
INLINE void interleave_block(const measured_block rows[INT16_ROWS], size_t count, int16_t *q) {
    for (size_t i = 0; i < count; i += 16) {
        i8 pairs[INT16_ROWS];
        int64_t twos[INT16_ROWS / 2][8];
#pragma clang loop unroll(full)
        for (int r = 0; r < INT16_ROWS; r++) pairs[r] = quantise16(rows + r, i, count);
#pragma clang loop unroll(full)
        for (int r = 0; r < INT16_ROWS; r += 2) {
            const i16 two = __builtin_shufflevector(
                pairs[r], pairs[r + 1], 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
            memcpy(twos[r / 2], &two, sizeof two);
        }
        for (size_t p = 0; p < 8 && i + 2 * p < count; p++)
            for (int t = 0; t < INT16_ROWS / 2; t++)
                memcpy(q + (i / 2 + p) * 2 * INT16_ROWS + 4 * t, &twos[t][p], sizeof twos[t][p]);
    }
}

/// Panels of twelve rows.
INLINE size_t int16_row_panels(const firstlead_int16_product *x) { return (x->m + 11) / 12; }

/// Where the block of the panel of six rows with `row` begins.
INLINE int16_t *int16_rows(const firstlead_int16_product *x, size_t block, size_t row) {
    return x->rows + (block * 2 * int16_row_panels(x) + row / INT16_ROWS) * INT16_ROWS_BLOCK;
}

static void int16_quantise(const firstlead_int16_product *x, size_t first, size_t last) {
    for (size_t row = first * INT16_ROWS; row < last * INT16_ROWS; row += INT16_ROWS)
        for (size_t k = 0, block = 0; k < x->k; k += INT16_BLOCK, block++) {
            const size_t count = least(x->k - k, INT16_BLOCK), rows = least(x->m - row, INT16_ROWS);
            measured_block measured[INT16_ROWS];
            for (size_t r = 0; r < INT16_ROWS; r++) {
                measured[r] = (measured_block){int16_nothing, 0.0f, 0.0f};
                if (r >= rows) continue;
                measured[r] = measure_block(x->input + (row + r) * x->input_stride + k, count);
                x->row_scales[block * x->m + row + r] = measured[r].scale;
            }
            interleave_block(measured, count, int16_rows(x, block, row));
        }
}

/// One output's block to its column of a panel: `[pair][16][2]`.
INLINE void pack_int16_block(const measured_block *x, size_t count, int16_t *column) {
    for (size_t i = 0; i < count; i += 16) {
        const i8 pairs = quantise16(x, i, count);
        int32_t lanes[8];
        memcpy(lanes, &pairs, sizeof lanes);
        for (size_t p = 0; p < 8 && i + 2 * p < count; p++)
            memcpy(column + (i / 2 + p) * 32, lanes + p, sizeof *lanes);
    }
}

static void int16_pack_weights(const float *weights, size_t n, size_t k, int16_t *packed, float *scales) {
    const size_t blocks = (k + INT16_BLOCK - 1) / INT16_BLOCK, all = (k + 1) / 2;
    for (size_t j = 0; j < (n + 15) / 16 * 16; j++)
        for (size_t block = 0; block < blocks; block++) {
            const size_t first = block * INT16_BLOCK, count = least(k - first, INT16_BLOCK);
            measured_block measured = {int16_nothing, 0.0f, 0.0f};
            if (j < n) measured = measure_block(weights + j * k + first, count);
            pack_int16_block(&measured, count, packed + (j / 16 * all + first / 2) * 32 + j % 16 * 2);
            scales[(j / 16 * blocks + block) * 16 + j % 16] = measured.scale;
        }
}

/// One block of one row panel with up to TILE_PANELS column panels.
typedef struct {
    const firstlead_int16_product *product;
    /// Two panels of six rows; column panels are `weights_panel` integers apart.
    const int16_t *rows, *weights;
    size_t weights_panel, pairs;
    /// Of the block: `[12]`, of which `count` exist, and `[16]`, panels `scales_panel` apart.
    const float *row_scales, *weight_scales;
    size_t scales_panel;
    /// The tile's place in the output.
    size_t row, count, column;
    /// Sums of the blocks before this and after, `[12][16 * panels]`.
    float *kept;
    int begins, ends;
    /// Weights to fetch meanwhile, `lines` cache lines; or NULL.
    const int16_t *ahead;
} int16_tile;

/// Bias, GELU and residual; the last lanes may lie outside the output.
INLINE void finish_int16(const firstlead_int16_product *x, size_t row, size_t column, v16 y) {
    const firstlead_epilogue *e = &x->epilogue;
    const size_t lanes = x->n - column;
    if (e->bias) y = y + load_part(e->bias + column, lanes);
    if (e->gelu) y = gelu16(y);
    if (e->residual) y = y + load_part(e->residual + row * e->residual_stride + column, lanes);
    store_part(x->output + row * x->output_stride + column, y, lanes);
}

/// TILE_ROWS rows of the panel from `row` on.
INLINE void run_int16_rows(const int panels, const int16_tile *x, const size_t row) {
    i16 sum[TILE_ROWS][TILE_PANELS];
    EACH_INT16_ROW EACH_INT16_PANEL sum[r][p] = (i16)0;
    const int16_t *a = x->rows + row * INT16_BLOCK, *b = x->weights;
    // Written out several times it would need more registers than there are; written once it fits the cache of decoded
    // instructions best when it begins in the middle of a line, which is a tenth of the speed.
    INT16_LOOP_LINE;
#pragma clang loop unroll(disable)
    [[clang::code_align(32)]] for (size_t left = x->pairs; left > 0; left--, a += 2 * INT16_ROWS, b += 32) {
        i16 lanes[TILE_PANELS];
        EACH_INT16_PANEL lanes[p] = *(const i16_anywhere *)(b + p * x->weights_panel);
        EACH_INT16_ROW {
            int32_t pair;
            memcpy(&pair, a + r / INT16_ROWS * INT16_ROWS_BLOCK + r % INT16_ROWS * 2, sizeof pair);
            EACH_INT16_PANEL sum[r][p] = add_pairs(sum[r][p], (i16)pair, lanes[p]);
        }
    }
    EACH_INT16_ROW {
        if (row + r >= x->count) continue;
        const v16 scale = (v16)x->row_scales[row + r];
        EACH_INT16_PANEL {
            float *kept = x->kept + (row + r) * 16 * TILE_PANELS + 16 * p;
            const v16 y = __builtin_convertvector(sum[r][p], v16)
                * load16(x->weight_scales + p * x->scales_panel);
            const v16 total = fma16(y, scale, x->begins ? (v16)0.0f : load16(kept));
            if (x->ends) {
                finish_int16(x->product, x->row + row + r, x->column + 16 * p, total);
            } else {
                store16(kept, total);
            }
        }
    }
}

static __attribute__((noinline)) void run_int16_wide(const int16_tile *x) {
    for (size_t row = 0; row < x->count; row += TILE_ROWS) run_int16_rows(TILE_PANELS, x, row);
}

static __attribute__((noinline)) void run_int16_narrow(const int16_tile *x) {
    for (size_t row = 0; row < x->count; row += TILE_ROWS) run_int16_rows(1, x, row);
}

/// Column panels from `first` on, of which there are up to TILE_PANELS, and one block of the inner index, for the
/// row panels `top ..< bottom`.
INLINE void multiply_int16_block(
    const firstlead_int16_product *x, size_t first, size_t panels, size_t block, const int16_t *ahead,
    size_t top, size_t bottom, float *kept) {
    const size_t blocks = (x->k + INT16_BLOCK - 1) / INT16_BLOCK, all = (x->k + 1) / 2;
    const size_t pairs = least(all - block * (INT16_BLOCK / 2), INT16_BLOCK / 2);
    for (size_t panel = top; panel < bottom; panel++) {
        const size_t row = panel * 12;
        const int16_tile tile = {
            .product = x,
            .rows = int16_rows(x, block, row),
            .weights = x->weights + (first * all + block * (INT16_BLOCK / 2)) * 32,
            .weights_panel = all * 32,
            .pairs = pairs,
            .row_scales = x->row_scales + block * x->m + row,
            .weight_scales = x->weight_scales + (first * blocks + block) * 16,
            .scales_panel = blocks * 16,
            .row = row,
            .count = least(x->m - row, 12),
            .column = first * 16,
            .kept = kept + (panel - top) * 12 * 16 * TILE_PANELS,
            .begins = block == 0,
            .ends = block + 1 == blocks,
        };
        // What the next panel will read, six or more lines with each of this one's row panels.
        for (size_t line = (panel - top) * 8; ahead && line < least((panel - top + 1) * 8, pairs * panels); line++)
            __builtin_prefetch(ahead + line * 32, 0, 2);
        if (panels < TILE_PANELS) {
            run_int16_narrow(&tile);
        } else {
            run_int16_wide(&tile);
        }
    }
}

static void int16_matmul(const firstlead_int16_product *x, size_t first, size_t last, float *scratch) {
    const size_t row_panels = int16_row_panels(x);
    const size_t blocks = (x->k + INT16_BLOCK - 1) / INT16_BLOCK, all = (x->k + 1) / 2;
    const size_t strip = INT16_SWEEP * 12 * 16;
    for (size_t top = 0; top < row_panels; top += INT16_SWEEP) {
        const size_t bottom = least(top + INT16_SWEEP, row_panels);
        for (size_t group = first; group < last; group += INT16_GROUP) {
            const size_t end = least(group + INT16_GROUP, last);
            for (size_t block = 0; block < blocks; block++)
                for (size_t q = group; q < end; q += TILE_PANELS) {
                    const size_t next = q + TILE_PANELS;
                    const int16_t *ahead = NULL;
                    if (next < end) {
                        ahead = x->weights + (next * all + block * (INT16_BLOCK / 2)) * 32;
                    } else if (block + 1 < blocks) {
                        ahead = x->weights + (group * all + (block + 1) * (INT16_BLOCK / 2)) * 32;
                    } else if (end < last) {
                        ahead = x->weights + end * all * 32;
                    }
                    multiply_int16_block(
                        x, q, least(end - q, TILE_PANELS), block, ahead, top, bottom,
                        scratch + (q - group) * strip);
                }
        }
    }
}
