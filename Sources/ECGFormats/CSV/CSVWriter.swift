private import Bytes
package import ECG

/// Writes a table: a column of times in seconds and one of millivolts for each of the twelve leads.
///
///     # sampleRate: 499.9                     only where the rate is no whole number, which times could not tell
///     time [s],I [mV],II [mV],...
///     0,0.015,-0.02,...
///
/// Numbers are the shortest that read back as the same value; a missing sample is an empty cell (RFC 4180).
package enum CSVWriter: FormatWriter {
    package static var format: ECGFormat { CSVReader.format }

    package static func files(of recording: Recording, name: String) throws(WritingError) -> [WrittenFile] {
        let labels = ["time [s]"] + Lead.allCases.map { "\($0.rawValue) [mV]" }
        let hertz = recording.sampleRate.hertz
        let comment = hertz == hertz.rounded() ? "" : "# sampleRate: \(recording.sampleRate.text)\r\n"
        var bytes = Array((comment + labels.joined(separator: ",") + "\r\n").utf8)
        bytes.reserveCapacity(recording.millivolts.count * 9)
        let leads = Lead.allCases.map { recording[$0] }
        for sample in 0..<recording.sampleCount {
            bytes += DecimalText.of(Double(sample) / hertz).utf8
            for lead in leads {
                let value = lead[lead.startIndex + sample]
                bytes.append(UInt8(ascii: ","))
                if !value.isNaN { bytes += value.description.utf8 }
            }
            bytes += "\r\n".utf8
        }
        return [WrittenFile(name: name + ".csv", bytes: bytes)]
    }
}
