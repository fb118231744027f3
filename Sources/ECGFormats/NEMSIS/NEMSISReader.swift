import ECG

/// Reads the waveform of a NEMSIS 3 patient care report.
///
///     EMSDataSet/Header/PatientCareReport/eDevice/eDevice.DeviceGroup
///       eDevice.WaveformGroup/eDevice.04                     media type, as the sender says
///       eDevice.WaveformGroup/eDevice.05                     base64 of a file
///
/// The file may have any format that is read; most senders attach a PDF or a picture, which is refused. Source: NEMSIS
/// V3.5 data dictionary, eDevice.
package enum NEMSISReader: XMLFormatReader {
    package static let format = ECGFormat(
        id: "nemsis", name: "NEMSIS eDevice", mediaTypes: ["application/x-nemsis+xml"], fileExtensions: [])

    static let roots: Set<String> = ["EMSDataSet", "PatientCareReport"]

    static func recording(_ root: XMLElement, _ options: ReadOptions) throws(FormatError) -> Recording {
        let files = try root.descendants("eDevice.05").filter { !$0.content.isEmpty }
            .map { element throws(FormatError) in
                EmbeddedFile(bytes: try element.base64(), place: element.place)
            }
        return try EmbeddedFile.read(files, options: options)
    }
}
