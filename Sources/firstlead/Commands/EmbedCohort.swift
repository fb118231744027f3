import ArgumentParser
import Bytes
import Encoders
import Foundation
import Scoring
import Tensor
import Training

extension CohortShard: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
}

/// `firstlead embed-cohort`: a cohort's embeddings, or a shard of them, into the cache and into files.
struct EmbedCohort: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed-cohort",
        abstract: "Embed a cohort, or a shard of it, into the cache and into files.",
        discussion: """
            Example:
              firstlead embed-cohort --cohort cohort.csv --bundle site --cache cache --shard 3/8

            Every shard can run on a machine of its own; with the cache in a folder that all of them see, 'train' and \
            'evaluate' then find every embedding there. With --output a shard also writes its unscaled embeddings \
            (float32 [records, features], encoders in --order), its labels and its lines of the cohort file. \
            docs/scale.md shows a Kubernetes Indexed Job.
            """)

    @Option(help: ArgumentHelp("The cohort's CSV file.", valueName: "cohort.csv")) var cohort: String
    @Option(
        help: ArgumentHelp(
            "The folder with the encoders: a bundle, or the safetensors alone.", valueName: "dir"))
    var bundle: String
    @Option(help: ArgumentHelp("The part to embed: 0/8 to 7/8 are eight parts.", valueName: "i/n"))
    var shard: CohortShard = .whole
    @Option(help: ArgumentHelp("Folder for the shard's files.", valueName: "dir")) var output: String?
    @Flag(help: "Write the embeddings as libsvm text, too.") var libsvm = false
    @OptionGroup var encoding: EncodingOptions
    @OptionGroup var checking: CheckOptions
    @OptionGroup var caching: CacheOptions
    @OptionGroup var threading: ThreadOptions
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        guard !libsvm || output != nil else { throw ValidationError("--libsvm needs --output") }
    }

    func run() throws {
        let pool = threading.makePool()
        let embedded: EmbeddedCohort = try orExit {
            let encoders = try encoding.encoders(evaluating: bundle, pool: pool)
            let part = try checking.cohort(at: cohort).part(shard)
            let bar = ProgressBar()
            let embedder = CohortEmbedder(encoders: encoders, cache: caching.store, pool: pool)
            let embedded = try embedder.embed(part, excludingUnreadable: checking.excludeUnreadable, bar)
            if let output { try write(embedded, to: output) }
            return embedded
        }
        let found = embedded.cohort
        if json {
            let document: JSONDocument = [
                "shard": .text("\(shard.index)/\(shard.count)"), "records": .integer(found.records.count),
                "positives": .integer(found.positiveCount), "excluded": .integer(found.exclusions.count),
            ]
            return try emit(document.serialised(pretty: true))
        }
        try emit(
            "shard \(shard.index) of \(shard.count): \(found.records.count) ECGs embedded, "
                + "\(found.positiveCount) positive, \(found.exclusions.count) left out")
    }

    /// The rows come last: a shard that has them is whole.
    private func write(_ embedded: EmbeddedCohort, to folder: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw OutputError(message: "cannot make \(folder): \(error.localizedDescription)")
        }
        let files = ShardFiles(embedded: embedded, order: encoding.ids)
        let (features, labels) = (files.features, files.labels)
        let shape = [labels.count, labels.isEmpty ? 0 : features.count / labels.count]
        let path = "\(folder)/\(shard.name)"
        try writeFile(npy(features, shape: shape), to: path + ".features.npy")
        try writeFile(npy(labels, shape: [labels.count]), to: path + ".labels.npy")
        if libsvm { try writeFile(Array(files.libsvm.utf8), to: path + ".libsvm") }
        try writeFile(Array(files.rows.utf8), to: path + ".rows.csv")
    }
}

extension CohortEmbedder {
    /// Checks and embeds, and shows both.
    ///
    /// Throws: ``TrainingError``.
    func embed(
        _ cohort: Cohort, excludingUnreadable: Bool, _ bar: ProgressBar
    ) throws(TrainingError) -> EmbeddedCohort {
        let checked = try checked(cohort, excludingUnreadable: excludingUnreadable) {
            bar.show("checking", $0, $1)
        }
        bar.show(.excluded(checked.cohort))
        return try embed(checked) { bar.show("embedding", $0, $1) }
    }
}
