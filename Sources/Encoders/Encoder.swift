package import ECG
package import Tensor

/// The encoders that are implemented.
package enum EncoderID: String, Sendable, CaseIterable, Codable {
    case stMEM = "st-mem"
    case ecgFM = "ecg-fm"
}

/// A published network that turns one window of an ECG into numbers.
///
/// Equal input and weights give equal bits, on every machine and with any number of threads.
package protocol Encoder: Sendable {
    var id: EncoderID { get }

    /// Arithmetic of its products.
    var precision: Precision { get }

    /// Numbers in an embedding.
    var width: Int { get }

    /// Weights of the network, a measure of the work that one window is.
    var parameterCount: Int { get }

    /// Samples of a window.
    var windowSamples: Int { get }

    /// Floating-point operations of one window as the authors compute it, two for a multiply-add: matrix products,
    /// attention and convolutions, nothing left out that this implementation leaves out.
    var operationsPerWindow: Int { get }

    /// Makes the rows of `embeddings` `[windows, width]` the embeddings of windows `[12, samples]`, preprocessed by
    /// this encoder's recipe.
    ///
    /// Allocates nothing once a pass of an encoder that needs as much memory is over.
    ///
    /// Throws: ``EncoderError``; what is in `embeddings` then means nothing.
    func embed(_ windows: [Segment], to embeddings: Matrix, pool: WorkerPool) throws(EncoderError)
}

extension Encoder {
    /// The embeddings `[width]` of windows, in memory of their own.
    ///
    /// Throws: ``EncoderError``.
    package func embed(_ windows: [Segment], pool: WorkerPool) throws(EncoderError) -> [Embedding] {
        let rows = Matrix(rows: windows.count, columns: width)
        try embed(windows, to: rows, pool: pool)
        return windows.indices.map { Embedding(rows.rows($0..<$0 + 1).values) }
    }

    /// The embedding of one window.
    ///
    /// Throws: ``EncoderError``.
    package func embed(_ window: Segment, pool: WorkerPool) throws(EncoderError) -> Embedding {
        try embed([window], pool: pool)[0]
    }
}

/// Why a window has no embedding.
package enum EncoderError: Error, Sendable, Equatable {
    /// The window has another length than the network was made for.
    case segmentLength(samples: Int, expected: Int)
    /// A value of the window, `[lead, sample]`, is NaN or infinite.
    case inputNotFinite(lead: Int, sample: Int)
    /// A feature is 0 at every step: the mean over its nonzero steps does not exist.
    case featureAlwaysZero(feature: Int)
    /// The network overflowed: no risk may be computed from such a number.
    case embeddingNotFinite(feature: Int)
}

/// Sees the activations of a pass at named stages; tests compare them with the authors' network.
package typealias Probe = (_ stage: String, _ activations: Matrix) -> Void

extension Segment {
    /// Throws: ``EncoderError`` `segmentLength` or `inputNotFinite`.
    func check(leads: Int, samples: Int) throws(EncoderError) {
        guard sampleCount == samples, values.count == leads * samples else {
            throw .segmentLength(samples: sampleCount, expected: samples)
        }
        if let index = values.firstIndex(where: { !$0.isFinite }) {
            throw .inputNotFinite(lead: index / samples, sample: index % samples)
        }
    }
}

extension Matrix {
    /// Throws: ``EncoderError/embeddingNotFinite(feature:)``.
    func checkEmbeddings() throws(EncoderError) {
        for row in 0..<rows {
            if let feature = firstNotFinite(row: row) { throw .embeddingNotFinite(feature: feature) }
        }
    }
}

extension Embedding {
    /// The mean of several windows' embeddings, feature by feature, summed in float64 in their order; nil when there
    /// are none or their widths differ.
    package static func mean(of embeddings: [Embedding]) -> Embedding? {
        guard let width = embeddings.first?.width, embeddings.allSatisfy({ $0.width == width }) else {
            return nil
        }
        return Embedding(
            (0..<width).map { feature in
                let sum = embeddings.reduce(0.0) { $0 + Double($1.values[feature]) }
                return Float(sum / Double(embeddings.count))
            })
    }
}

extension EncoderError: CustomStringConvertible {
    /// What is wrong, in words.
    package var description: String {
        switch self {
        case .segmentLength(let samples, let expected): "a window of \(samples) samples; expected \(expected)"
        case .inputNotFinite(let lead, let sample): "sample \(sample) of row \(lead) is not a finite number"
        case .featureAlwaysZero(let feature): "feature \(feature) is zero at every step"
        case .embeddingNotFinite(let feature): "feature \(feature) of the embedding is not a finite number"
        }
    }
}
