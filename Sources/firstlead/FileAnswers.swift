import ArgumentParser
import Bytes
import HTTP
import Scoring
import Service

/// The answers to several files: lines as they come, or one JSON array at the end with problems in their places.
struct FileAnswers {
    let json: Bool
    private var documents: [JSONDocument] = []
    private var failure: ExitCode?

    init(json: Bool) { self.json = json }

    /// Works on one file; a refusal is reported, and the next file has its turn.
    mutating func add(
        _ file: String, _ answer: () throws(Refusal) -> (document: JSONDocument, line: String)
    ) throws {
        let line: String
        do throws(Refusal) {
            let found = try answer()
            documents.append(found.document)
            line = found.line
        } catch {
            report("\(file): \(error.message)")
            documents.append(ProblemTable.document(of: error, requestID: RequestID.make()))
            failure = error.exitCode
            return
        }
        if !json { try emit(line) }
    }

    /// Prints the array, and ends with the last refusal's exit code if there was one.
    func finish() throws {
        if json { try emit(JSONDocument.array(documents).serialised(pretty: true)) }
        if let failure { throw failure }
    }
}
