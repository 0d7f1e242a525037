import Arrays
import Ballast
import Foundation
import TestSupport
import Testing

/// One bit of a tensor is not what was written, in every format that has, or is given, checksums.
@Suite struct DamagedTensorTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// A file that Ballast wrote, with one bit flipped.
  struct Sample: Sendable, CustomTestStringConvertible {
    let name: String
    var isCompressed = false
    var testDescription: String { name }
  }

  static let samples = [
    Sample(name: "a.safetensors"), Sample(name: "a.gguf"), Sample(name: "a.onnx"),
    Sample(name: "a.mat"),
    Sample(name: "a.h5"),
    Sample(name: "packed.h5", isCompressed: true), Sample(name: "a.pth"), Sample(name: "a.npz"),
    Sample(name: "packed.npz", isCompressed: true), Sample(name: "a.keras"),
  ]

  /// Writes a sample.
  ///
  /// - Returns: The key of the tensor that is damaged, and its bytes before.
  private func make(_ sample: Sample) throws -> (key: String, intact: [UInt8]) {
    let path = bench.folder.file(sample.name)
    let key: String
    let bytes: [UInt8]
    if sample.name.hasSuffix("keras") {
      let made = try bench.run("convert", Workbench.keras("image.keras"), sample.name, "--quiet")
      try #require(made.status == 0, "\(made.errors)")
      let state = try OpenedCheckpoint(path).checkpoint.state
      bytes = try bench.folder.bytes(sample.name)
      key = try #require(
        state.keys.first { key in
          let values = state[key]?.bytes ?? []
          return values.count >= 12 && bytes.ranges(of: values).count == 1
        })
    } else {
      // Noise, which deflate stores as it is but for a block with the header of a file, so that the
      // bit is one of a tensor there too.
      var generator = SeededGenerator(seed: 3)
      let noise = NDArray(
        (0..<(1 << 18)).map { _ in Int32.random(in: .min ... .max, using: &generator) })
      var checkpoint = Checkpoint(state: [:])
      checkpoint.state.entries["noise"] = .init(noise, role: .parameter)
      checkpoint.state.entries["other"] = .init(NDArray([Float(1)]), role: .parameter)
      let format = try #require(FileFormat(fileName: sample.name))
      try checkpoint.write(
        to: path, format: format,
        options: WriteOptions(compression: sample.isCompressed ? .init() : nil))
      bytes = try bench.folder.bytes(sample.name)
      key = "noise"
    }
    let intact = try #require(
      try OpenedCheckpoint(path, access: .verified).checkpoint.state[key]
    ).bytes
    let far = intact.count < 64 ? 0 : intact.count / 4 * 3
    let place = try #require(bytes.firstRange(of: intact.dropFirst(far).prefix(64)))
    var damaged = bytes
    damaged[place.lowerBound + 9] ^= 4
    try bench.folder.write(damaged, to: sample.name)
    return (key, intact)
  }

  @Test(arguments: samples)
  func theToolsRefuseIt(_ sample: Sample) throws {
    _ = try make(sample)
    let verify = try bench.run("verify", sample.name)
    #expect(verify.status == 1)
    #expect(verify.output.hasPrefix("\(sample.name) is damaged"), "\(verify.output)")
    let output = sample.name.hasSuffix("h5") ? "out.pth" : "out.h5"
    expectRefusal(try bench.run("convert", sample.name, output), 65, sample.name)
    let load = try bench.run("load", sample.name, "--model", "mlp(2,3,4)", "--no-strict")
    expectRefusal(load, 65, sample.name)
    #expect(!load.output.contains("loaded"))
    #expect(bench.folder.names == [sample.name])
    let asked = try bench.run("convert", sample.name, output, "--no-verify")
    #expect(asked.status == 0, "\(asked.errors)")
  }

  @Test(arguments: samples)
  func theLibraryRefusesItUnlessAsked(_ sample: Sample) throws {
    let (key, intact) = try make(sample)
    let path = bench.folder.file(sample.name)
    let error = #expect(throws: CheckpointError.self) {
      try OpenedCheckpoint(path, access: .verified)
    }
    #expect(error?.code == .damaged && error?.file == path)
    let module = Linear(2, 3)
    let before = module.stateDict().keys
    let loading = #expect(throws: CheckpointError.self) {
      try module.load(from: path, strict: false)
    }
    #expect(loading?.code == .damaged)
    #expect(module.stateDict().keys == before)
    #expect(try Verification(path).problems.map(\.code) == [.damaged])

    // All but the bit is there for whoever wants it.
    let unverified = try OpenedCheckpoint(path, access: .unverified).checkpoint.state
    let bytes = try #require(unverified[key]).bytes
    let differences = zip(bytes, intact).filter { $0 != $1 }
    #expect(bytes.count == intact.count && differences.count == 1)
    #expect(differences.allSatisfy { ($0.0 ^ $0.1).nonzeroBitCount == 1 })

    // What has to be expanded to be read is compared; what can be mapped is not.
    if sample.isCompressed {
      let error = #expect(throws: CheckpointError.self) {
        try OpenedCheckpoint(path, access: .mapped)
      }
      #expect(error?.code == .damaged)
    } else {
      let mapped = try OpenedCheckpoint(path, access: .mapped).checkpoint.state
      #expect(mapped[key]?.bytes == bytes)
    }
  }
}
