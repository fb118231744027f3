// Included once by each variant: normalisation and pointwise functions.

static void layer_norm(
    const float *input, size_t input_stride, size_t width, const float *weight, const float *bias,
    float epsilon, float *output, size_t output_stride, size_t first, size_t last) {
    const size_t whole = width / 16 * 16, rest = width - whole;
    for (size_t row = first; row < last; row++) {
        const float *x = input + row * input_stride;
        float *y = output + row * output_stride;
        v16 sum = (v16)0.0f;
        for (size_t i = 0; i < whole; i += 16) sum = sum + load16(x + i);
        if (rest) sum = sum + load_part(x + whole, rest);
        const float mean = fold16(sum) / (float)width;
        v16 squares = (v16)0.0f;
        for (size_t i = 0; i < whole; i += 16) {
            v16 d = load16(x + i) - (v16)mean;
            squares = fma16(d, d, squares);
        }
        if (rest) {
            float lanes[16] = {0};
            for (size_t i = 0; i < rest; i++) lanes[i] = x[whole + i] - mean;
            squares = fma16(load16(lanes), load16(lanes), squares);
        }
        const float variance = fold16(squares) / (float)width;
        const float factor = 1.0f / __builtin_elementwise_sqrt(variance + epsilon);
        for (size_t i = 0; i < width; i += 16) {
            const size_t lanes = width - i;
            v16 d = (load_part(x + i, lanes) - (v16)mean) * (v16)factor;
            store_part(y + i, fma16(d, load_part(weight + i, lanes), load_part(bias + i, lanes)), lanes);
        }
    }
}

/// Sixteen channels side by side; sums go down the rows in float64.
INLINE void channels_norm_gelu(
    float *values, size_t stride, size_t steps, const float *weight, const float *bias, float epsilon,
    size_t lanes) {
    d16 sum = (d16)0.0, squares = (d16)0.0;
    for (size_t t = 0; t < steps; t++)
        sum = sum + __builtin_convertvector(load_part(values + t * stride, lanes), d16);
    const d16 mean = sum / (d16)(double)steps;
    for (size_t t = 0; t < steps; t++) {
        d16 d = __builtin_convertvector(load_part(values + t * stride, lanes), d16) - mean;
        squares = squares + d * d;
    }
    const d16 variance = squares / (d16)(double)steps + (d16)(double)epsilon;
    const v16 centre = __builtin_convertvector(mean, v16);
    const v16 factor = __builtin_convertvector((d16)1.0 / __builtin_elementwise_sqrt(variance), v16);
    const v16 w = load_part(weight, lanes), b = load_part(bias, lanes);
    for (size_t t = 0; t < steps; t++) {
        v16 d = (load_part(values + t * stride, lanes) - centre) * factor;
        store_part(values + t * stride, gelu16(fma16(d, w, b)), lanes);
    }
}

static void channel_norm_gelu(
    float *values, size_t stride, size_t steps, const float *weight, const float *bias, float epsilon,
    size_t first, size_t last) {
    for (size_t c = first; c < last; c += 16)
        channels_norm_gelu(
            values + c, stride, steps, weight + c, bias + c, epsilon, last - c < 16 ? last - c : 16);
}

static void gelu(float *values, size_t count) {
    for (size_t i = 0; i < count; i += 16)
        store_part(values + i, gelu16(load_part(values + i, count - i)), count - i);
}

static void exponential(float *values, size_t count) {
    for (size_t i = 0; i < count; i += 16)
        store_part(values + i, exp16(load_part(values + i, count - i)), count - i);
}
