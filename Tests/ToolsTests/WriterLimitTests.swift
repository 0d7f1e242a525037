import Arrays
import Checkpoints
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// What Ballast writes, it reads, and so do others; what no reader takes is not written.
@Suite struct WriterLimitTests {
  private static let outputs = ["h5", "safetensors", "npz", "pth", "gguf", "onnx", "mat"]

  private let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test(.needsPeers, arguments: ["segments", "nested_256", "rows", "modules", "names"])
  func whatIsOddComesBack(_ name: String) throws {
    try Peers.run("write_limits.py", [bench.folder.path])
    for ending in Self.outputs {
      let output = "out.\(ending)"
      let written = try bench.run("convert", "\(name).pth", output)
      #expect(written.status == 0, "\(ending): \(written.errors)")
      let verified = try bench.run("verify", output)
      #expect(verified.status == 0, "\(ending): \(verified.output.prefix(300))")
      let back = try bench.run("convert", output, "back_\(ending).h5")
      #expect(back.status == 0, "\(ending): \(back.errors)")
      let first = try OpenedCheckpoint(bench.folder.file("\(name).pth")).checkpoint
      let second = try OpenedCheckpoint(bench.folder.file("back_\(ending).h5")).checkpoint
      #expect(
        first.state.keys.map { Array($0.utf8) } == second.state.keys.map { Array($0.utf8) })
      let comparison = try CheckpointComparison(first, second)
      #expect(comparison.differences.map { "\($0.name): \($0.difference)" } == [], "\(ending)")
    }
  }

  @Test(.needsPeers) func othersReadWhatHasNoElements() throws {
    try Peers.run("write_limits.py", [bench.folder.path])
    let names = ["empty", "rows", "segments", "nested_256"]
    for name in names {
      #expect(try bench.run("convert", "\(name).pth", "\(name).h5").status == 0)
    }
    try Peers.run("read_limits.py", names.map { bench.folder.file("\($0).h5") })
    for name in names {
      let compared = try bench.run("verify", "\(name).h5", "\(name).h5.repacked.h5")
      #expect(compared.status == 0, "\(compared.output.prefix(300))\(compared.errors.prefix(300))")
    }
  }

  @Test(.needsPeers) func whatIsNestedTooDeepIsRefusedWhenItIsRead() throws {
    try Peers.run("write_limits.py", [bench.folder.path])
    for name in ["nested_257.pth", "nested_500.pth"] {
      expectRefusal(
        try bench.run("convert", name, "out.h5"), 65, "values are nested more than 256 deep")
    }
  }

  @Test(.needsPeers, arguments: ["pth", "safetensors", "npz", "hdf5"])
  func namesThatUnicodeTakesForTheSameAreRefused(_ ending: String) throws {
    try Peers.run("write_limits.py", [bench.folder.path])
    expectRefusal(
      try bench.run("convert", "keys.\(ending)", "out.h5"), 65,
      "differ only in how they encode an accent")
  }

  private func nested(_ depth: Int, _ wrap: (Value) -> Value) -> Value {
    (0..<depth).reduce(1) { value, _ in wrap(value) }
  }

  @Test(arguments: [FileFormat.ballast, .pytorch, .safetensors, .numpy, .gguf, .onnx, .matlab])
  func writersHaveTheLimitsOfReaders(_ format: FileFormat) throws {
    let wraps: [(Value) -> Value] = [
      { ["a": $0] }, { [$0] }, { .tuple([$0, 2]) }, { .object(type: "m.C", state: $0) },
    ]
    // Instances of classes that PyTorch does not know are not written for it.
    for (number, wrap) in wraps.dropLast(format == .pytorch ? 1 : 0).enumerated() {
      let path = bench.folder.file("\(number).\(format.endings.first ?? "")")
      var checkpoint = Checkpoint(state: ["w": NDArray([Float(1)])])
      checkpoint.metadata["deep"] = nested(256, wrap)
      try checkpoint.write(to: path, format: format)
      let back = try OpenedCheckpoint(path).checkpoint
      #expect(back.metadata["deep"] == checkpoint.metadata["deep"])
      for depth in [257, 500] {
        checkpoint.metadata["deep"] = nested(depth, wrap)
        let error = #expect(throws: CheckpointError.self) {
          try checkpoint.write(to: path + ".more", format: format)
        }
        #expect(error?.code == .unsupported && error?.place == "deep")
        #expect(error?.reason.contains("nested more than 256 deep") == true)
      }
    }
    #expect(bench.folder.names.allSatisfy { !$0.hasSuffix("more") })
  }

  @Test(arguments: [127, 128, 129, 130, 300, 3000])
  func keysOfManyPartsComeBack(_ count: Int) throws {
    let key = (0..<count).map { "s\($0)" }.joined(separator: ".")
    var state = StateDict()
    for name in [key, key + "x", key + ".y", key + "..z", "a." + key] {
      state.entries[name] = .init(NDArray([Float(name.utf8.count)]), role: .parameter)
    }
    let checkpoint = Checkpoint(state: state)
    let path = bench.folder.file("a.h5")
    try checkpoint.write(to: path, format: .ballast)
    #expect(try Verification(path).problems.isEmpty)
    let back = try OpenedCheckpoint(path).checkpoint
    #expect(back.state.keys == state.keys)
    for (name, entry) in state.entries {
      #expect(back.state[name]?.isBitwiseEqual(to: entry.array) == true)
    }
  }
}
