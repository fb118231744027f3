package import Tensor

/// Why a checkpoint is not one of the encoders that can be imported. Nothing is ever filled in or guessed.
package enum ImportError: Error, Sendable, Equatable {
    case checkpoint(TorchError)
    /// The file holds the other encoder.
    case wrongEncoder(found: EncoderKind, expected: EncoderKind)
    /// A part of the checkpoint's dictionary is absent or something else.
    case structure(place: String, found: String, expected: String)
    /// The file's configuration is absent, not implemented, or contradicts the weights.
    case setting(name: String, found: String, expected: String)
    /// A tensor that fixes the architecture is absent (nil) or has other dimensions.
    case dimensions(name: String, found: [Int]?, expected: String)
    /// Two names of what should be one tensor hold different values.
    case aliasDiffers(name: String, other: String)
    case weights(WeightError)
    case writing(SafetensorsError)
}

extension ImportError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .checkpoint(let error): error.description
        case .wrongEncoder(let found, let expected):
            "this is a checkpoint of \(found.rawValue), not of \(expected.rawValue): "
                + "use `firstlead import \(found.rawValue)`"
        case .structure(let place, let found, let expected): "\(place) is \(found), expected \(expected)"
        case .setting(let name, let found, let expected): "\(name) is \(found), expected \(expected)"
        case .dimensions(let name, nil, let expected): "tensor \(name) is missing, expected \(expected)"
        case .dimensions(let name, let found?, let expected):
            "tensor \(name) has the shape \(found), expected \(expected)"
        case .aliasDiffers(let name, let other): "tensors \(name) and \(other) should be one, but differ"
        case .weights(let error): Self.text(error)
        case .writing(let error): error.description
        }
    }

    private static func text(_ error: WeightError) -> String {
        switch error {
        case .missing(let name, let expected): "tensor \(name) is missing, expected the shape \(expected)"
        case .shape(let name, let found, let expected):
            "tensor \(name) has the shape \(found), expected \(expected)"
        case .elementType(let name, let found): "tensor \(name) is \(found), expected float32"
        case .notFinite(let name, let index): "tensor \(name) is not finite at index \(index)"
        case .unreadable(let name, let reason): "tensor \(name) cannot be read: \(reason)"
        case .unexpected(let names):
            "tensors that the architecture has no place for: \(names.joined(separator: ", "))"
        case .unsupported(let setting, let found, let supported):
            "\(setting) is \(found), supported is \(supported)"
        }
    }
}
