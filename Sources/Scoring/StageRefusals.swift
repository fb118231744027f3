import ECG
package import ECGFormats
package import Encoders
package import Preprocessing
package import Risk

extension Refusal {
    /// The refusal of an upload that is no readable ECG.
    package init(_ error: FormatError) {
        if let recording = error.recording {
            self = Refusal(recording, part: error.part, place: error.place?.description)
        } else {
            self.init(
                code: error.code.rawValue, title: "The upload cannot be read as an ECG", detail: error.detail,
                part: error.part, place: error.place?.description, remedy: error.code.remedy)
        }
    }

    /// The refusal of a recording that a recipe cannot prepare.
    package init(_ error: PreprocessingError) {
        switch error {
        case .tooShort(let seconds, let needed, _, _):
            self = Refusal(.tooShort(seconds: seconds, neededSeconds: needed))
        case .tooLong(let samples, let limit): self = Refusal(.tooLong(samples: samples, limit: limit))
        case .missingSample(let lead, let sample):
            self = Refusal(.gap(lead, firstSample: sample, count: 1))
        }
    }

    /// A network that gave no embedding: a fault of ours, or a signal that overflows it.
    package init(_ error: EncoderError, encoder: EncoderID) {
        self.init(
            code: "encoder-failed", title: "The encoder gave no embedding",
            detail: "\(encoder.rawValue): \(error)")
    }

    /// A booster that gave no score: a fault of ours.
    package init(_ error: BoosterError) {
        self.init(code: "booster-failed", title: "The head gave no score", detail: error.message)
    }

    /// An embedding that cannot be scaled: a fault of ours.
    package init(_ error: FeatureError) {
        self.init(code: "encoder-failed", title: "The embedding cannot be scaled", detail: "\(error)")
    }

    /// A recipe that gave no window although the gate had let the recording pass.
    static func noWindow(encoder: EncoderID) -> Refusal {
        Refusal(
            code: "encoder-failed", title: "The encoder gave no embedding",
            detail: "\(encoder.rawValue): no window")
    }
}

extension FormatError.Code {
    /// How the sender can state what the file does not, by its name over HTTP and on the command line.
    fileprivate var remedy: String? {
        switch self {
        case .sampleRateMissing: "State it: sampleRate= in the query, --sample-rate on the command line"
        case .unitMissing: "State them: units= in the query, --units on the command line"
        case .leadNamesMissing: "State them: leads= in the query, --leads on the command line"
        default: nil
        }
    }
}
