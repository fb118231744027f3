// swift-tools-version: 6.2
import Foundation
import PackageDescription

// The arrows below are the design: ARCHITECTURE.md draws them, and the build refuses a reversed one.

/// Every Swift target is compiled alike: language mode 6, explicit imports, unsafe code marked, no warnings.
let swift: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// Kernels are optimised in debug builds too: at -O0 a matrix product is a hundred times slower.
let optimisedC: [CSetting] = [.unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off"])]
let plainC: [CSetting] = [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]

/// The commit that provenance names: from the environment (container builds), else from the checkout.
let commit =
    Context.environment["FIRSTLEAD_COMMIT"]
    ?? Context.gitInformation.map { $0.currentCommit + ($0.hasUncommittedChanges ? "+modified" : "") }
    ?? "unknown"

func target(_ name: String, _ dependencies: [String]) -> Target {
    .target(
        name: name, dependencies: dependencies.filter(exists).map { .init(stringLiteral: $0) },
        swiftSettings: swift)
}

func tests(_ name: String, _ dependencies: [String] = [], fixtures: Bool = false) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: ([name] + dependencies).filter(exists).map { .init(stringLiteral: $0) },
        resources: fixtures ? [.copy("Fixtures")] : [], swiftSettings: swift)
}

let package = Package(
    name: "firstlead",
    products: [.executable(name: "firstlead", targets: ["firstlead"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        // System libraries and C.
        .systemLibrary(name: "CXGBoost", pkgConfig: "xgboost", providers: [.apt(["libxgboost-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CKernels", cSettings: optimisedC),
        .target(name: "CPlatform", cSettings: plainC),
        .target(
            name: "CBuildInfo",
            cSettings: [
                .unsafeFlags(["-Wall", "-Wextra", "-Werror", "-Wno-c23-extensions"]),
                .define("FIRSTLEAD_COMMIT", to: "\"\(commit)\""),
            ]),

        // From bytes to a recording.
        target("ECG", []),
        target("Bytes", ["CZlib", "COpenSSL"]),
        target("ECGFormats", ["ECG", "Bytes"]),

        // From a recording to an embedding.
        target("Tensor", ["CKernels"]),
        target("Checkpoint", ["Tensor", "Bytes"]),
        target("Preprocessing", ["ECG"]),
        target("Encoders", ["ECG", "Preprocessing", "Tensor"]),

        // From embeddings to a risk.
        target("Risk", ["ECG", "Bytes", "CXGBoost"]),
        target(
            "Scoring",
            ["ECG", "Bytes", "ECGFormats", "Tensor", "Checkpoint", "Encoders", "Risk", "CBuildInfo"]),

        // Making models.
        target("Simulation", ["ECG"]),
        target(
            "Training",
            [
                "ECG", "Bytes", "ECGFormats", "Preprocessing", "Tensor", "Checkpoint", "Encoders", "Risk",
                "Scoring",
                "Simulation",
            ]),

        // Serving them.
        target("HTTP", ["CPlatform"]),
        target("Service", ["HTTP", "ECG", "Bytes", "ECGFormats", "Scoring"]),
        .executableTarget(
            name: "firstlead",
            dependencies: [
                "ECG", "Bytes", "ECGFormats", "Preprocessing", "Tensor", "Checkpoint", "Encoders", "Risk",
                "Scoring",
                "Simulation", "Training", "HTTP", "Service",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swift),

        // Tests.
        tests("ECG"),
        tests("Bytes"),
        tests("ECGFormats", ["ECG", "Bytes"], fixtures: true),
        tests("Tensor", ["CKernels"]),
        tests("Checkpoint", ["Tensor", "Bytes"], fixtures: true),
        tests("Preprocessing", ["ECG"], fixtures: true),
        tests("Encoders", ["ECG", "Preprocessing", "Tensor"], fixtures: true),
        tests("Risk", ["ECG", "Bytes"], fixtures: true),
        tests("Simulation", ["ECG"]),
        tests("Training", ["ECG", "Bytes", "Risk", "Scoring"], fixtures: true),
        tests("HTTP"),
    ].filter(\.exists)
)

func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: Context.packageDirectory + "/Sources/" + name)
}

// While the targets are being written: those whose folder is not there yet are left out.
extension Target {
    var exists: Bool {
        FileManager.default.fileExists(
            atPath: Context.packageDirectory + (isTest ? "/Tests/" : "/Sources/") + name)
    }
}
