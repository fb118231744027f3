// swift-tools-version: 6.2
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

func target(_ name: String, _ dependencies: [String], path: String? = nil) -> Target {
    .target(
        name: name, dependencies: dependencies.map { .init(stringLiteral: $0) }, path: path,
        swiftSettings: swift)
}

func tests(
    _ name: String, _ dependencies: [String] = [], products: [Target.Dependency] = [], fixtures: Bool = false
) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: dependencies.map { .init(stringLiteral: $0) } + products,
        resources: fixtures ? [.copy("Fixtures")] : [], swiftSettings: swift)
}

let package = Package(
    name: "firstlead",
    products: [.executable(name: "firstlead", targets: ["firstlead"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        // For tests only: reads openapi.yaml.
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
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
        target("ECG", ["Bytes"]),
        target("Bytes", ["CZlib", "COpenSSL"]),
        target("ECGFormats", ["ECG", "Bytes"]),

        // From a recording to a picture.
        target("Paper", ["ECG"]),

        // From a recording to an embedding.
        target("Tensor", ["CKernels"]),
        target("Checkpoint", ["Tensor", "Bytes"]),
        target("Preprocessing", ["ECG"]),
        target("Encoders", ["ECG", "Tensor"]),

        // Networks that learn from the signal itself.
        target("Networks", ["Tensor"]),

        // From embeddings to a risk.
        target("Risk", ["Bytes", "CXGBoost"]),
        target(
            "Scoring",
            [
                "ECG", "Bytes", "ECGFormats", "Preprocessing", "Tensor", "Checkpoint", "Encoders", "Risk",
                "Networks", "CBuildInfo", "CPlatform",
            ]),

        // Making models.
        target("Simulation", ["ECG"]),
        target(
            "Training",
            [
                "ECG", "Bytes", "ECGFormats", "Preprocessing", "Tensor", "Checkpoint", "Encoders", "Risk",
                "Scoring",
                "Simulation", "Networks",
            ]),

        // Measuring them.
        target(
            "Evaluation",
            ["Bytes", "Checkpoint", "ECG", "Encoders", "Networks", "Risk", "Scoring", "Tensor", "Training"]),
        target(
            "Measurement",
            ["Bytes", "CPlatform", "ECG", "ECGFormats", "Encoders", "Networks", "Scoring", "Tensor"]),

        // Serving them.
        target("HTTP", ["CPlatform", "COpenSSL"]),
        target("Service", ["HTTP", "ECG", "Bytes", "ECGFormats", "Encoders", "Paper", "Scoring"]),
        .executableTarget(
            name: "firstlead",
            dependencies: [
                "ECG", "Bytes", "ECGFormats", "Preprocessing", "Tensor", "Checkpoint", "Encoders", "Risk",
                "Scoring",
                "Simulation", "Networks", "Training", "Evaluation", "Measurement", "HTTP", "Service", "Paper",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swift),

        // Tests.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swift),
        target("Damage", ["ECG", "ECGFormats"], path: "Tests/Damage"),
        .target(name: "CAllocationCount", path: "Tests/CAllocationCount", cSettings: optimisedC),
        tests("ECG", ["ECG", "Bytes"]),
        tests("Bytes", ["Bytes"]),
        tests("Paper", ["Paper", "ECG"]),
        tests(
            "ECGFormats", ["ECGFormats", "ECG", "Bytes", "Damage", "Simulation", "TestSupport"],
            fixtures: true),
        tests("Tensor", ["Tensor", "CKernels"]),
        tests("Checkpoint", ["Checkpoint", "Tensor", "Bytes"], fixtures: true),
        tests("Preprocessing", ["Preprocessing", "ECG", "TestSupport"], fixtures: true),
        tests("Encoders", ["Encoders", "ECG", "Tensor", "TestSupport", "CAllocationCount"], fixtures: true),
        tests("Networks", ["Networks", "Tensor", "TestSupport", "CAllocationCount"], fixtures: true),
        tests("Risk", ["Risk", "Bytes"], fixtures: true),
        tests(
            "Scoring",
            [
                "Scoring", "Bytes", "Checkpoint", "ECG", "ECGFormats", "Encoders", "Networks",
                "Preprocessing",
                "Tensor", "TestSupport",
            ]),
        tests("Simulation", ["Simulation", "ECG"]),
        tests(
            "Training",
            [
                "Training", "Bytes", "ECG", "ECGFormats", "Encoders", "Networks", "Risk", "Scoring",
                "Simulation", "Tensor", "TestSupport",
            ],
            fixtures: true),
        tests(
            "Evaluation",
            ["Evaluation", "Bytes", "ECG", "Encoders", "Risk", "Scoring", "TestSupport", "Training"],
            fixtures: true),
        tests("Measurement", ["Measurement", "Encoders", "Tensor"]),
        tests("HTTP", ["HTTP", "COpenSSL", "TestSupport"]),
        tests(
            "Service", ["Service", "Bytes", "ECGFormats", "HTTP", "Scoring", "Tensor", "TestSupport"],
            products: [.product(name: "Yams", package: "Yams")]),
        tests("CommandLine", ["firstlead", "Bytes", "TestSupport"]),
    ]
)

// The fuzzer exists only for scripts/fuzz.sh, which compiles everything with libFuzzer's instrumentation.
if Context.environment["FIRSTLEAD_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "firstlead-fuzz", dependencies: ["Bytes", "Damage", "ECGFormats", "HTTP"],
            path: "Tests/Fuzzing",
            swiftSettings: swift + [.unsafeFlags(["-parse-as-library"])]))
}
