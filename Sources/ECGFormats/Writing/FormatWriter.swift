package import ECG

/// A file that a writer made.
package struct WrittenFile: Sendable, Equatable {
    /// Without a folder.
    package let name: String
    package let bytes: [UInt8]
}

/// Writes one format. What it writes holds no more than a ``Recording`` does: nothing of the patient.
package protocol FormatWriter: Sendable {
    /// The format of the reader that reads it back.
    static var format: ECGFormat { get }

    /// The files of a recording, the one that is to be opened first.
    ///
    /// `name`: of the files, without folder or extension.
    ///
    /// Throws: ``WritingError``.
    static func files(of recording: Recording, name: String) throws(WritingError) -> [WrittenFile]
}

extension FormatRegistry {
    /// Formats that are written, in the order in which help texts list them.
    package static let writers: [any FormatWriter.Type] = [
        WFDBWriter.self, CSVWriter.self, JSONWriter.self, DICOMWriter.self, AnnotatedECGWriter.self,
        FHIRWriter.self,
    ]
}

/// Why a recording cannot be written in a format.
package enum WritingError: Error, Sendable, Equatable {
    /// A WFDB record's name has letters, digits, hyphens and underscores only.
    case recordName(String)
    /// A voltage beyond the 16 bits of the format at the step asked for.
    case notRepresentable(Lead, sample: Int, millivolts: Float)
    /// The format has no way to say that a sample is missing.
    case missingSample(Lead, sample: Int, format: String)
    /// The format's objects have other rates.
    case sampleRate(hertz: Double, allowed: ClosedRange<Double>, format: String)

    /// What is wrong and what can be done, in words that name no patient.
    package var message: String {
        switch self {
        case .recordName(let name):
            "'\(token(name))' is no name of a WFDB record: use letters, digits, hyphens and underscores"
        case .notRepresentable(let lead, let sample, let millivolts):
            "sample \(sample) of lead \(lead.rawValue) is \(millivolts) mV, more than 16 bits hold"
        case .missingSample(let lead, let sample, let format):
            "sample \(sample) of lead \(lead.rawValue) is missing, which \(format) cannot say: "
                + "write wfdb, csv, json, dicom or fhir"
        case .sampleRate(let hertz, let allowed, let format):
            "\(hertz) Hz, where \(format) has \(allowed.lowerBound) to \(allowed.upperBound) Hz"
        }
    }
}
