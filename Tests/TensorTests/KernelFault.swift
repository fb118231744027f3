import CKernels

/// Ways in which a kernel can be wrong: each spoils what the right kernel has done, at one place.
enum KernelFault: String, CaseIterable {
    case lastBitOfAProduct, columnsLeftOut, residualForgotten, writeBesideARow, writeBehindTheOutput
    case sumsOfBlocksLeftOut, convolutionOfTheFirstGroupOnly, lastBitOfAttention, scaleForgotten
    case lastBitOfAnIntegerProduct, scaleOfARowForgotten, integersOfTheFirstRowsOnly, scaleOfAWeightForgotten
    case epsilonForgotten, firstRowAlways, firstChannelAlways, tailOfGELU, partialVectorOfExp
    case strideBetweenGroupsOfColumns, startOfTheSecondSweep, startOfTheSecondSweepOfHalves
    case paddingBeforeTheFirstStep, paddingBehindTheLastStep
    case stepsOfTheLastRecordLeftOut, lastBitOfAColumnProduct

    /// What the check must say, in this order.
    var words: [String] {
        switch self {
        case .lastBitOfAProduct: ["matmul [13, 32, 31]", "element [12, 31] is ", "expected "]
        case .columnsLeftOut: ["matmul [11, 17, 12]", "element [0, 16] was not written"]
        case .residualForgotten: ["matmul [", "GELU and residual: element [0, 0] is"]
        case .writeBesideARow: ["matmul [25, 65, 17]", "wrote beside row 24, at column 65 of 65"]
        case .writeBehindTheOutput: ["matmul [1, 1, 1]", "wrote outside of an array of 4 values"]
        case .sumsOfBlocksLeftOut: ["matmul [408, 256, 1536]", "element ["]
        case .strideBetweenGroupsOfColumns: ["matmul [408, 256, 1536]", "element ["]
        case .startOfTheSecondSweep: ["matmul [386, 18, 385]", "element [384, "]
        case .startOfTheSecondSweepOfHalves: ["matmul [408, 256, 1536]", "element ["]
        case .paddingBeforeTheFirstStep: ["convolve_group [27, 1 x 16, 96]: element [0, 0] is "]
        case .paddingBehindTheLastStep: ["convolve_group [27, 1 x 16, 96]: element [24, 0] is "]
        case .stepsOfTheLastRecordLeftOut: ["multiply_columns [2 x 64, 12, 2 x 16]: element [0, 0] is "]
        case .lastBitOfAColumnProduct: ["multiply_columns [5 x 27, 97, 3 x 11]: element [96, 32] is "]
        case .convolutionOfTheFirstGroupOnly: ["convolve_group [3, 2 x 4, 16]: element [0, 4] was not"]
        case .lastBitOfAttention: ["attend [97, 16]: element [96, 15] is "]
        case .scaleForgotten: ["attend [2, 5]: element [0, 0] is "]
        case .lastBitOfAnIntegerProduct: ["int16_matmul [13, 33, 33]", "element [12, 32] is "]
        case .scaleOfARowForgotten: ["int16_matmul [1, 1, 1]", "element [0, 0] is "]
        case .integersOfTheFirstRowsOnly: ["int16_matmul [7, 17, 15]", "element [6, 0] "]
        case .scaleOfAWeightForgotten: ["int16_matmul [2, 5, 2]", "element [0, 4] is "]
        case .epsilonForgotten: ["layer_norm [5, 1]: element [1, 0] is"]
        case .firstRowAlways: ["layer_norm [5, 1]: element [0, 0] is "]
        case .firstChannelAlways: ["channel_norm_gelu [2, 5]: element [0, 0] is "]
        case .tailOfGELU: ["gelu [1, 15]: element [0, 6] is "]
        case .partialVectorOfExp: ["exp [1, 17]: element [0, 16] is "]
        }
    }

    /// The right table of that name with this fault in it.
    func table(_ name: String) -> firstlead_variant? {
        guard var table = unsafe firstlead_kernels_table(name)?.pointee else { return nil }
        unsafe spoilProduct(&table)
        unsafe spoilColumns(&table)
        unsafe spoilIntegers(&table)
        unsafe spoilBlocks(&table)
        unsafe spoilRows(&table)
        return unsafe table
    }

    private func spoilColumns(_ table: inout firstlead_variant) {
        switch self {
        case .stepsOfTheLastRecordLeftOut:
            unsafe table.multiply_columns = { product, scratch in
                guard var x = unsafe product?.pointee else { return }
                if unsafe x.records == 2 { unsafe x.records = 1 }
                unsafe firstlead_multiply_columns(&x, scratch)
            }
        case .lastBitOfAColumnProduct:
            unsafe table.multiply_columns = { product, scratch in
                unsafe firstlead_multiply_columns(product, scratch)
                guard let x = unsafe product?.pointee, unsafe x.m == 97 else { return }
                unsafe x.output[96 * x.output_stride + x.n - 1] =
                    x.output[96 * x.output_stride + x.n - 1].nextUp
            }
        default: break
        }
    }

    private func spoilProduct(_ table: inout firstlead_variant) {
        switch self {
        case .lastBitOfAProduct:
            unsafe table.matmul = { product, first, last, scratch in
                unsafe firstlead_matmul(product, first, last, scratch)
                guard let x = unsafe product?.pointee, unsafe x.m == 13 else { return }
                unsafe x.output[12 * x.output_stride + x.n - 1] =
                    x.output[12 * x.output_stride + x.n - 1].nextUp
            }
        case .columnsLeftOut:
            unsafe table.matmul = { product, first, last, scratch in
                let whole = unsafe product?.pointee.n == 17 ? min(last, 1) : last
                unsafe firstlead_matmul(product, first, whole, scratch)
            }
        case .residualForgotten:
            unsafe table.matmul = { product, first, last, scratch in
                guard var x = unsafe product?.pointee else { return }
                if unsafe x.epilogue.gelu != 0 { unsafe x.epilogue.residual = nil }
                unsafe firstlead_matmul(&x, first, last, scratch)
            }
        case .writeBesideARow:
            unsafe table.matmul = { product, first, last, scratch in
                unsafe firstlead_matmul(product, first, last, scratch)
                guard let x = unsafe product?.pointee, unsafe x.m == 25 else { return }
                unsafe x.output[24 * x.output_stride + x.n] = 0
            }
        case .writeBehindTheOutput:
            unsafe table.matmul = { product, first, last, scratch in
                unsafe firstlead_matmul(product, first, last, scratch)
                guard let x = unsafe product?.pointee else { return }
                unsafe x.output[x.m * x.output_stride] = 0
            }
        case .sumsOfBlocksLeftOut: unsafe table.sum_blocks = { _, _, _ in }
        case .convolutionOfTheFirstGroupOnly:
            unsafe table.convolve_group = { convolution, group, scratch in
                if group == 0 { unsafe firstlead_convolve_group(convolution, 0, scratch) }
            }
        default: break
        }
    }

    private func spoilIntegers(_ table: inout firstlead_variant) {
        switch self {
        case .lastBitOfAnIntegerProduct:
            unsafe table.int16_matmul = { product, first, last, scratch in
                unsafe firstlead_int16_matmul(product, first, last, scratch)
                guard let x = unsafe product?.pointee, unsafe x.m == 13, unsafe x.n == 33 else { return }
                unsafe x.output[12 * x.output_stride + 32] = x.output[12 * x.output_stride + 32].nextUp
            }
        case .scaleOfARowForgotten:
            unsafe table.int16_quantise = { product, first, last in
                unsafe firstlead_int16_quantise(product, first, last)
                if let x = unsafe product?.pointee { unsafe x.row_scales[0] = 1 }
            }
        case .integersOfTheFirstRowsOnly:
            unsafe table.int16_quantise = { product, first, last in
                unsafe firstlead_int16_quantise(product, first, min(last, 1))
            }
        case .scaleOfAWeightForgotten:
            unsafe table.int16_pack_weights = { weights, n, k, packed, scales in
                unsafe firstlead_int16_pack_weights(weights, n, k, packed, scales)
                if n > 4, let scales = unsafe scales { unsafe scales[4] = 1 }
            }
        default: break
        }
    }

    private func spoilRows(_ table: inout firstlead_variant) {
        switch self {
        case .lastBitOfAttention:
            unsafe table.attend = { attention, scratch in
                unsafe firstlead_attend(attention, scratch)
                guard let x = unsafe attention?.pointee, unsafe x.tokens == 97 else { return }
                unsafe x.output[96 * x.output_stride + 15] = x.output[96 * x.output_stride + 15].nextDown
            }
        case .scaleForgotten:
            unsafe table.attend = { attention, scratch in
                guard var x = unsafe attention?.pointee else { return }
                unsafe x.scale = 1
                unsafe firstlead_attend(&x, scratch)
            }
        case .epsilonForgotten:
            unsafe table.layer_norm = {
                input, stride, width, weight, bias, _, output, outputStride, first, last in
                unsafe firstlead_layer_norm(
                    input, stride, width, weight, bias, 0, output, outputStride, first, last)
            }
        case .firstRowAlways:
            unsafe table.layer_norm = {
                input, stride, width, weight, bias, epsilon, output, outputStride, _, last in
                unsafe firstlead_layer_norm(
                    input, stride, width, weight, bias, epsilon, output, outputStride, 0, last)
            }
        case .firstChannelAlways:
            unsafe table.channel_norm_gelu = { values, stride, steps, weight, bias, epsilon, _, last in
                unsafe firstlead_channel_norm_gelu(
                    values, stride, steps, weight, bias, epsilon, 0, last)
            }
        case .tailOfGELU:
            unsafe table.gelu = { values, count in
                guard let values = unsafe values else { return }
                for index in 0..<count where unsafe values[index] < -5.5 { unsafe values[index] = 0 }
                unsafe firstlead_gelu(values, count)
            }
        case .partialVectorOfExp:
            unsafe table.exponential = { values, count in
                unsafe firstlead_exp(values, count < 17 ? count : count / 16 * 16)
            }
        default: break
        }
    }
}
