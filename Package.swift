// swift-tools-version: 6.1
import PackageDescription

/// A C library found through pkg-config, installed by apt or brew.
func cLibrary(_ name: String, pkgConfig: String, apt: [String], brew: [String]) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt(apt), .brew(brew)])
}

let collections = Target.Dependency.product(
  name: "OrderedCollections", package: "swift-collections")

// Order is by dependency: a target depends only on targets above it.
let package = Package(
  name: "Ballast",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "HDF5", targets: ["HDF5"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
  ],
  targets: [
    cLibrary("CHDF5", pkgConfig: "hdf5", apt: ["libhdf5-dev"], brew: ["hdf5"]),
    cLibrary(
      "CDeflate", pkgConfig: "libdeflate", apt: ["libdeflate-dev", "zlib1g-dev"],
      brew: ["libdeflate", "zlib"]),
    cLibrary("COpenBLAS", pkgConfig: "openblas", apt: ["libopenblas-dev"], brew: ["openblas"]),
    .target(name: "CKernels", linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),

    .target(name: "HDF5", dependencies: ["CHDF5"]),
    .target(name: "Arrays"),
    .target(name: "States", dependencies: ["Arrays", collections]),

    .target(name: "Interchange", dependencies: ["States", "CDeflate", collections]),
    .target(name: "Kernels", dependencies: ["Arrays", "COpenBLAS", "CKernels"]),
    .target(name: "Autograd", dependencies: ["Kernels"]),
    .target(name: "NN", dependencies: ["Autograd", "States", collections]),
    .target(name: "Optim", dependencies: ["NN", collections]),

    .testTarget(name: "HDF5Tests", dependencies: ["HDF5"]),
    .testTarget(name: "ArraysTests", dependencies: ["Arrays"]),
    .testTarget(name: "StatesTests", dependencies: ["States"]),
    .testTarget(name: "InterchangeTests", dependencies: ["Interchange"]),
    .testTarget(
      name: "AutogradTests", dependencies: ["Autograd"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "NNTests", dependencies: ["NN", "Optim"], resources: [.copy("Fixtures")]),
  ],
  swiftLanguageModes: [.v6]
)
