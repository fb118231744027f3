import Tensor

/// Where ECG-FM's activations lie in an arena, for one number of windows, which stand below each other.
struct ECGFMLayout: Sendable {
    let windows: Int
    /// `[samples, leads]` of one window at a time.
    let signal: Place
    /// After each convolution but the last, `[steps, channels]` of one window at a time.
    let features: [Place]
    /// After the last convolution, `[windows * steps, channels]`.
    let extracted: Place
    /// `[windows * steps, width]`: before a layer, and between its halves.
    let tokens: Place
    let between: Place
    /// `[windows * steps, 3 * width]`
    let projected: Place
    let attended: Place
    let hidden: Place
    let scratch: ScratchPlace

    init(_ config: ECGFMConfig, precision: Precision, windows: Int, scratchEach: Int) {
        self.windows = windows
        let count = windows * (config.steps.last ?? 0)
        let width = config.encoderEmbedDim
        var plan = ArenaPlan()
        tokens = plan.place(rows: count, columns: width)
        between = plan.place(rows: count, columns: width)
        // The feature extractor's work is done before the first layer, and a layer's attention before its MLP.
        let mark = plan.end
        projected = plan.place(rows: count, columns: 3 * width)
        attended = plan.place(rows: count, columns: width)
        plan.share(from: mark)
        hidden = plan.place(rows: count, columns: config.encoderFFNEmbedDim, spreadingRows: true)
        plan.share(from: mark)
        signal = plan.place(rows: config.segmentSamples, columns: config.inD)
        features = zip(config.steps, config.convFeatureLayers).dropLast().map {
            plan.place(rows: $0, columns: $1.dim)
        }
        extracted = plan.place(rows: count, columns: config.features)
        let layers = Self.products(ofLayer: config, rows: count)
        scratch = plan.scratch(
            countEach: scratchEach,
            products: Self.products(beforeLayers: config, rows: count) + (precision == .fp32 ? layers : []),
            integerProducts: precision == .int16 ? layers : [])
    }

    private static func products(ofLayer config: ECGFMConfig, rows: Int) -> [ProductShape] {
        let width = config.encoderEmbedDim
        let inner = config.encoderFFNEmbedDim
        return [(rows, 3 * width, width), (rows, width, width), (rows, inner, width), (rows, width, inner)]
    }

    private static func products(beforeLayers config: ECGFMConfig, rows: Int) -> [ProductShape] {
        var products: [ProductShape] = [(rows, config.encoderEmbedDim, config.features)]
        var channels = config.inD
        for (steps, layer) in zip(config.steps, config.convFeatureLayers) {
            products.append((steps, layer.dim, layer.kernel * channels))
            channels = layer.dim
        }
        return products
    }
}

/// The activations of one pass of ECG-FM, in an arena.
struct ECGFMWorkspace {
    let layout: ECGFMLayout
    let arena: Arena
    let scratch: WorkerScratch

    init(layout: ECGFMLayout, arena: Arena, threads: Int) {
        self.layout = layout
        self.arena = arena
        scratch = arena.scratch(layout.scratch, threads: threads)
    }

    var windows: Int { layout.windows }
    var signal: Matrix { arena.matrix(layout.signal) }
    var extracted: Matrix { arena.matrix(layout.extracted) }
    var tokens: Matrix { arena.matrix(layout.tokens) }
    var between: Matrix { arena.matrix(layout.between) }
    var projected: Matrix { arena.matrix(layout.projected) }
    var attended: Matrix { arena.matrix(layout.attended) }
    var hidden: Matrix { arena.matrix(layout.hidden) }

    /// After the convolution of that number.
    func features(_ index: Int) -> Matrix { arena.matrix(layout.features[index]) }

    /// The rows of one window.
    func rows(_ matrix: Matrix, ofWindow window: Int) -> Matrix {
        let steps = matrix.rows / windows
        return matrix.rows(window * steps..<(window + 1) * steps)
    }
}
