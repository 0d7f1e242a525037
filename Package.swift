// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// A C library found through pkg-config, installed by apt or brew.
func cLibrary(_ name: String, pkgConfig: String, apt: [String], brew: [String]) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt(apt), .brew(brew)])
}

/// For what reads files: bounds are checked by the language, and code that it cannot check says so.
let strict: [SwiftSetting] = [.strictMemorySafety()]

/// A format of checkpoints: a folder, and a line in the registry of `Interchange`.
func format(_ name: String, dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: "\(name)Files", dependencies: ["Checkpoints", collections] + dependencies,
    path: "Sources/Formats/\(name)", swiftSettings: strict)
}

/// Whether pkg-config knows a library.
func isInstalled(_ pkgConfig: String) -> Bool {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["pkg-config", "--exists", pkgConfig]
  process.standardError = FileHandle.nullDevice
  guard (try? process.run()) != nil else { return false }
  process.waitUntilExit()
  return process.terminationStatus == 0
}

/// One of the tools.
func tool(_ name: String, dependencies: [Target.Dependency] = []) -> Target {
  .executableTarget(
    name: name, dependencies: ["ToolSupport", argumentParser] + dependencies,
    path: "Tools/\(name)")
}

/// One of the samples.
func sample(_ name: String) -> Target {
  .executableTarget(name: name, dependencies: ["Ballast"], path: "Samples/\(name)")
}

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let collections = Target.Dependency.product(
  name: "OrderedCollections", package: "swift-collections")

// On Debian `hdf5` is the build for MPI where that is installed too; `hdf5-serial` never is. SwiftPM
// keeps the answer as long as manifest and environment stay; `swift package purge-cache` forgets it.
let hdf5 = isInstalled("hdf5-serial") ? "hdf5-serial" : "hdf5"

// Order is by dependency: a target depends only on targets above it.
let package = Package(
  name: "Ballast",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Ballast", targets: ["Ballast"]),
    .library(name: "Checkpoints", targets: ["Checkpoints"]),
    .library(name: "HDF5", targets: ["HDF5"]),
    .library(name: "Interchange", targets: ["Interchange"]),
    .library(name: "LibHDF5", targets: ["LibHDF5"]),
    .library(name: "States", targets: ["States"]),
    .executable(name: "ballast-convert", targets: ["ballast-convert"]),
    .executable(name: "ballast-verify", targets: ["ballast-verify"]),
    .executable(name: "ballast-load", targets: ["ballast-load"]),
    .executable(name: "ballast-inspect", targets: ["ballast-inspect"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
  ],
  targets: [
    cLibrary("CHDF5", pkgConfig: hdf5, apt: ["libhdf5-dev"], brew: ["hdf5"]),
    cLibrary(
      "CDeflate", pkgConfig: "libdeflate", apt: ["libdeflate-dev", "zlib1g-dev"],
      brew: ["libdeflate", "zlib"]),
    .target(name: "CSupport"),
    .target(
      name: "CKernels",
      linkerSettings: ["m", "dl"].map { .linkedLibrary($0, .when(platforms: [.linux])) }),

    .target(name: "Platform", swiftSettings: strict),
    .target(
      name: "Files", dependencies: ["CDeflate", "CSupport", "Platform"], swiftSettings: strict),
    .target(name: "Arrays", dependencies: ["Files"], swiftSettings: strict),
    .target(name: "HDF5", dependencies: ["Arrays"], swiftSettings: strict),
    .target(name: "LibHDF5", dependencies: ["CHDF5", "HDF5", "Platform"]),
    .target(name: "States", dependencies: ["Arrays", collections], swiftSettings: strict),
    .target(
      name: "Checkpoints", dependencies: ["CDeflate", "CSupport", "HDF5", "States", collections],
      swiftSettings: strict),

    format("Ballast"),
    format("PyTorch"),
    format("Safetensors"),
    format("NumPy"),
    format("GGUF"),
    format("ONNX"),
    format("Keras"),
    format("MATLAB"),
    format("PlainHDF5"),
    format("DeepSpeed", dependencies: ["PyTorchFiles"]),
    format("HuggingFace", dependencies: ["PyTorchFiles", "SafetensorsFiles"]),
    .target(
      name: "Interchange",
      dependencies: [
        "BallastFiles", "DeepSpeedFiles", "GGUFFiles", "HuggingFaceFiles", "KerasFiles",
        "MATLABFiles", "NumPyFiles", "ONNXFiles", "PlainHDF5Files", "PyTorchFiles",
        "SafetensorsFiles", collections,
      ],
      swiftSettings: strict),

    .target(name: "Kernels", dependencies: ["Arrays", "CKernels"]),
    .target(name: "Autograd", dependencies: ["Kernels"]),
    .target(name: "NN", dependencies: ["Autograd", "States", collections]),
    .target(name: "Optim", dependencies: ["NN", collections]),
    .target(name: "Datasets", dependencies: ["Autograd", "States", collections]),

    .target(name: "Models", dependencies: ["Checkpoints", "NN", collections]),
    .target(
      name: "Ballast", dependencies: ["Checkpoints", "Datasets", "Interchange", "Models", "Optim"]),

    .target(
      name: "ToolSupport", dependencies: ["Interchange", argumentParser, collections],
      path: "Tools/Support"),
    tool("ballast-convert", dependencies: ["Models"]),
    tool("ballast-verify"),
    tool("ballast-inspect"),
    tool("ballast-load", dependencies: ["Ballast", "Kernels"]),
    .executableTarget(
      name: "benchmark-training", dependencies: ["Ballast", "Kernels"],
      path: "Tools/Benchmarks/Training"),
    .executableTarget(
      name: "model-runner", dependencies: ["Ballast", "Kernels", collections],
      path: "Tools/ModelRunner"),
    .executableTarget(
      name: "benchmark-checkpoints", dependencies: ["Ballast"],
      path: "Tools/Benchmarks/Checkpoints"),
    .executableTarget(name: "benchmark-empty", path: "Tools/Benchmarks/Empty"),
    .executableTarget(
      name: "judge-engine",
      dependencies: ["Files", "Kernels", "NN", "Optim", "SafetensorsFiles", "States", collections],
      path: "Tools/Judges/Engine", exclude: ["Samples", "known.tsv"]),

    sample("ParametersAndBuffers"),
    sample("LoadFromPyTorch"),
    sample("TrainAndResume"),
    sample("FreezeAndFineTune"),
    sample("RunningMeanBuffer"),
    sample("ClassifyImage"),
    sample("SentenceEmbedding"),

    .target(name: "TestSupport", path: "Tests/Support"),
    .executableTarget(
      name: "rotation-writer", dependencies: ["Ballast"], path: "Tests/RotationWriter"),
    .testTarget(name: "HDF5Tests", dependencies: ["LibHDF5", "TestSupport"], exclude: ["Peers"]),
    .testTarget(
      name: "ArraysTests", dependencies: ["Arrays", "TestSupport"], exclude: ["Fixtures"]),
    .testTarget(name: "StatesTests", dependencies: ["Checkpoints"], exclude: ["Fixtures"]),
    .testTarget(
      name: "CheckpointsTests",
      dependencies: ["Interchange", "LibHDF5", "CDeflate", "CSupport", "TestSupport"],
      exclude: ["Peers"]),
    .testTarget(
      name: "InterchangeTests",
      dependencies: ["Interchange", "CDeflate", "LibHDF5", collections, "TestSupport"],
      exclude: ["Fixtures", "Peers"]),
    .testTarget(name: "KernelsTests", dependencies: ["Kernels", "CKernels"]),
    .testTarget(
      name: "AutogradTests", dependencies: ["Autograd", "CKernels"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "NNTests", dependencies: ["NN", "Optim"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "OptimTests", dependencies: ["Ballast", "TestSupport"], exclude: ["Peers"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ModelsTests",
      dependencies: ["Ballast", "BallastFiles", "SafetensorsFiles", "TestSupport", collections],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "BallastTests",
      dependencies: [
        "Ballast", "TestSupport", "rotation-writer", "ParametersAndBuffers", "LoadFromPyTorch",
        "TrainAndResume",
        "FreezeAndFineTune", "RunningMeanBuffer", "ClassifyImage", "SentenceEmbedding",
      ],
      exclude: ["Consumer", "Fixtures", "Peers"]),
    .testTarget(
      name: "FirstLinesTests", dependencies: ["Ballast", "TestSupport"],
      exclude: ["Fixtures", "Peers"]),
    .testTarget(
      name: "JudgeTests", dependencies: ["judge-engine", "Checkpoints", "Files", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "ToolsTests",
      dependencies: [
        "ballast-convert", "ballast-verify", "ballast-inspect", "ballast-load", "ToolSupport",
        "Ballast", "HDF5", "Interchange", "LibHDF5", "TestSupport", "rotation-writer",
      ],
      exclude: ["Peers"]),
  ],
  swiftLanguageModes: [.v6]
)

// Only built with `--sanitize fuzzer`, which has a main of its own: see `Tools/scripts/fuzz`.
if Context.environment["BALLAST_FUZZING"] != nil {
  package.targets.append(
    .executableTarget(
      name: "fuzz", dependencies: ["Interchange", "HDF5", "Platform"], path: "Tools/Fuzzing"))
  // Checksums of structures are passed over: see `HDF5ScanCursor`.
  package.targets.first { $0.name == "HDF5" }?.swiftSettings?.append(.define("BALLAST_FUZZING"))
}
