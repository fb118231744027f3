import CKernels

extension KernelFault {
    /// Faults where one block of work meets the next: a group of columns, a sweep of rows, a block of taps.
    func spoilBlocks(_ table: inout firstlead_variant) {
        switch self {
        case .strideBetweenGroupsOfColumns:
            // A call with several groups takes the second from one panel too far to the left.
            unsafe table.matmul = { product, first, last, scratch in
                unsafe firstlead_matmul(product, first, last, scratch)
                guard var x = unsafe product?.pointee, unsafe firstlead_strassen(&x) != 0 else { return }
                let unit = Int(FIRSTLEAD_GROUP_PANELS)
                guard last - first > unit else { return }
                unsafe x.weights -= 16 * x.k
                unsafe firstlead_matmul(&x, first + unit, last, scratch)
            }
        case .startOfTheSecondSweep:
            // The second sweep's sums begin with what the first has left of its first rows.
            unsafe table.matmul = { product, first, last, scratch in
                unsafe firstlead_matmul(product, first, last, scratch)
                guard var x = unsafe product?.pointee, unsafe x.m > 384, unsafe x.k > 384 else { return }
                guard unsafe firstlead_strassen(&x) == 0 else { return }
                unsafe spoilRows(384..<x.m, of: x, panels: first..<last)
            }
        case .startOfTheSecondSweepOfHalves:
            unsafe table.matmul = { product, first, last, scratch in
                unsafe firstlead_matmul(product, first, last, scratch)
                guard var x = unsafe product?.pointee, unsafe firstlead_strassen(&x) != 0 else { return }
                // Seventeen panels of rows in two sweeps: eight, then nine. One tile is wrong.
                unsafe spoilRows(96..<108, of: x, panels: first..<first + 1)
            }
        case .paddingBeforeTheFirstStep:
            unsafe table.convolve_group = { convolution, group, scratch in
                unsafe firstlead_convolve_group(convolution, group, scratch)
                guard let x = unsafe convolution?.pointee, unsafe x.taps / 2 >= x.steps + 20 else { return }
                unsafe x.output[group * x.outputs] = x.output[group * x.outputs].nextUp
            }
        case .paddingBehindTheLastStep:
            unsafe table.convolve_group = { convolution, group, scratch in
                unsafe firstlead_convolve_group(convolution, group, scratch)
                guard let x = unsafe convolution?.pointee, unsafe x.taps / 2 >= x.steps + 20 else { return }
                let last = unsafe (x.steps - 1) / 12 * 12 * x.output_stride + group * x.outputs
                unsafe x.output[last] = x.output[last].nextUp
            }
        default: break
        }
    }
}

/// Doubles some rows of the columns of some panels.
private func spoilRows(_ rows: Range<Int>, of x: firstlead_product, panels: Range<Int>) {
    for row in unsafe rows.clamped(to: 0..<x.m) {
        for column in unsafe panels.lowerBound * 16..<min(panels.upperBound * 16, x.n) {
            let place = unsafe row * x.output_stride + column
            unsafe x.output[place] *= 2
        }
    }
}
