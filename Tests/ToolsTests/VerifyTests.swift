import Arrays
import BallastFiles
import Checkpoints
import Files
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// What `ballast-verify` finds, and what it does not call damage.
@Suite struct VerifyTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test func aSoundFileIsVerified() throws {
    try bench.convertedSample(to: "a.h5")
    let command = try bench.run("verify", "a.h5")
    #expect(command.status == 0)
    #expect(command.output == "verified: a.h5: 43 tensors, 22.1 KiB\n")
    let json = try bench.run("verify", Workbench.sample, "--json").json()
    #expect(Set(json.keys) == ["file", "verified", "tensors", "bytes", "problems", "notes"])
    #expect(json["verified"] as? Bool == true)
    #expect(json["tensors"] as? Int == 43)
    #expect(json["bytes"] as? Int == 22676)
    #expect(json["problems"] as? [String] == [])
  }

  @Test func everyFlippedBitOfATensorIsFoundAndTheTensorNamed() throws {
    let bytes = try bench.convertedSample(to: "a.h5")
    let tensors = try CheckpointFile(bench.folder.file("a.h5")).tensors
    var generator = SeededGenerator(seed: 42)
    var checked = 0
    for tensor in tensors {
      guard let range = tensor.fileRange else { continue }
      let position = Int.random(in: range, using: &generator)
      let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &generator)
      var damaged = bytes
      damaged[position] ^= bit
      try bench.folder.write(damaged, to: "damaged.h5")
      let command = try bench.run("verify", "damaged.h5", "--quiet")
      #expect(command.status == 1)
      let lines = command.output.split(separator: "\n")
      #expect(lines.first == "damaged.h5 is damaged:")
      #expect(lines.count == 2 && lines[1].contains(" (\(tensor.name)): "), "\(command.output)")
      checked += 1
    }
    #expect(checked == 43)
  }

  @Test func theSameBitsInTwoFormatsAreTheSame() throws {
    try bench.convertedSample(to: "a.h5")
    try bench.run("convert", "a.h5", "b.h5", "--compress", "1")
    let command = try bench.run("verify", Workbench.sample, "a.h5", "b.h5")
    #expect(command.status == 0)
    #expect(command.output.split(separator: "\n").count == 2)
    #expect(command.output.contains("are the same to the bit (43 tensors, 22.1 KiB; 42 values)"))
  }

  /// One difference is a failure, in whatever place it comes.
  @Test(arguments: [["b", "a"], ["a", "b"], ["a", "b", "a"], ["b"]])
  func oneDifferenceAmongSeveralIsAFailure(_ others: [String]) throws {
    try bench.write(["w": .init([Float(1), 2])], to: "a.h5")
    try bench.write(["w": .init([Float(1), 3])], to: "b.h5")
    let files = (["a"] + others).map { "\($0).h5" }
    let command = try Command.tool("ballast-verify", files, in: bench.folder.path)
    #expect(command.status == 1, "\(command.output)")
    let json = try Command.tool("ballast-verify", files + ["--json"], in: bench.folder.path)
    #expect(json.status == 1)
    let report = try json.json()
    #expect(report["verified"] as? Bool == false)
    let comparisons = try #require(report["comparisons"] as? [[String: Any]])
    #expect(comparisons.map { $0["same"] as? Bool } == others.map { $0 == "a" })
  }

  @Test func differencesAreNamed() throws {
    try bench.write(
      [
        "same": .init([Float(1), 2]), "values": .init([Float(1), 2]), "shape": .init([Float(1)]),
        "type": .init([Float(1)]), "zero": .init([Float(0)]), "only": .init([Float(1)]),
      ], to: "a.h5")
    try bench.write(
      [
        "same": .init([Float(1), 2]), "values": .init([Float(1), 2.5]),
        "shape": .init([Float(1), 2]), "type": .init([Double(1)]), "zero": .init([-Float(0)]),
        "more": .init([Float(3)]),
      ], to: "b.h5")
    let command = try bench.run("verify", "a.h5", "b.h5", "--quiet")
    #expect(command.status == 1)
    #expect(
      command.output == """
        a.h5 and b.h5 differ (5 tensors, 28 bytes in both):
          values: 1 value differs, by at most 0.5 (at [1]), relatively 0.2, 2097152 ULP
          shape: shape (1,) and (2,)
          type: type float32 and float64, of the same values
          zero: other bits of equal values (the sign of zero or the payload of NaN)
          only: only in the first
          more: only in the second

        """)
    let json = try bench.run("verify", "a.h5", "b.h5", "--json").json()
    #expect(json["verified"] as? Bool == false)
    let first = try #require((json["comparisons"] as? [[String: Any]])?.first)
    #expect(
      Set(first.keys) == [
        "first", "second", "tensors", "bytes", "values", "same", "differences", "uncompared",
        "losses", "notes",
      ])
    #expect((first["differences"] as? [[String: String]])?.first?["tensor"] == "values")
  }

  @Test func toleranceIsRelativeToTheSecondAndNeverCoversInfinity() throws {
    try bench.write(["w": .init([Float(1), 100]), "i": .init([Float(1)])], to: "a.h5")
    try bench.write(["w": .init([Double(1.005), 100.4]), "i": .init([Float(1)])], to: "b.h5")
    #expect(try bench.run("verify", "a.h5", "b.h5", "--rtol", "1e-2").status == 0)
    #expect(try bench.run("verify", "a.h5", "b.h5", "--atol", "0.5").status == 0)
    #expect(try bench.run("verify", "a.h5", "b.h5", "--rtol", "1e-3").status == 1)
    #expect(try bench.run("verify", "a.h5", "b.h5").status == 1)
    try bench.write(["w": .init([Float(1), 100]), "i": .init([Float.infinity])], to: "c.h5")
    for pair in [["a.h5", "c.h5"], ["c.h5", "a.h5"]] {
      #expect(try bench.run("verify", pair[0], pair[1], "--rtol", "0.5").status == 1)
    }
    #expect(try bench.run("verify", "c.h5", "c.h5", "--rtol", "0.5").status == 0)
  }

  @Test func theRoundTripLeavesNothingBehind() throws {
    let command = try Command.run(
      "\(Command.buildFolder)/ballast-verify", ["--round-trip", Workbench.sample],
      in: bench.folder.path, environment: ["TMPDIR": bench.folder.path])
    #expect(command.status == 0)
    #expect(
      command.output.contains(
        "went to Ballast HDF5 and back: 43 tensors, 22.1 KiB, equal to the bit"))
    #expect(bench.folder.names.isEmpty)
  }

  @Test(arguments: ["keras", "keras-weights", "keras-legacy", "pytorch", "numpy", "ballast"])
  func aModelOfKerasGoesThroughEveryFormat(_ format: String) throws {
    let model = Workbench.keras("image.keras")
    let whole = try bench.run("verify", "--round-trip", model, "--through", format)
    #expect(whole.status == 0, "\(whole.output)\(whole.errors)")
    #expect(whole.output.contains("equal to the bit"))
    guard format.hasPrefix("keras") else { return }
    // What never saw Keras goes through it with the model that is named.
    let checkpoint = try OpenedCheckpoint(model).checkpoint
    var plain = Checkpoint(state: checkpoint.state)
    plain.state.moduleVersions = [:]
    try plain.write(to: bench.folder.file("plain.pth"), format: .pytorch)
    let template = try bench.run(
      "verify", "--round-trip", "plain.pth", "--through", format, "--keras-template", model)
    #expect(template.status == 0, "\(template.output)\(template.errors)")
    expectRefusal(
      try bench.run("verify", "--round-trip", "plain.pth", "--through", format), 65,
      "which Keras model")
  }

  @Test func otherNamesAndOrdersOfDimensionsAreRecognised() throws {
    let values = (0..<12).map(Float.init)
    let matrix = NDArray(values, shape: [3, 4])
    let square = NDArray(Array(values.prefix(9)), shape: [3, 3])
    let kernel = NDArray((0..<24).map(Float.init), shape: [1, 2, 3, 4])
    try bench.write(
      [
        "a": matrix, "b": square, "c": kernel, "d": .init([Float(7), 8]),
        "zero": .init([Float(0)]), "one": .init([Float(0)]),
      ], to: "a.h5")
    try bench.write(
      [
        "a": matrix.transposed(), "b": square.transposed(), "k": kernel.permuted([2, 3, 1, 0]),
        "e": .init([Float(7), 8]), "null": .init([Float(0)]), "one": .init([Float(0)]),
      ], to: "b.h5")
    let command = try bench.run("verify", "a.h5", "b.h5")
    #expect(command.status == 1)
    #expect(
      command.output == """
        a.h5 and b.h5 differ (3 tensors, 88 bytes in both):
          a: transposed: the axes [1, 0] of the second are the first's
          b: transposed: the axes [1, 0] of the second are the first's
          c: named 'k' in the second, and transposed: its axes [3, 2, 0, 1] are the first's
          d: named 'e' in the second
          zero: named 'null' in the second

        """)
  }

  @Test func aPrefixIsOfferedAndTakenAway() throws {
    try bench.write(["w": .init([Float(1)]), "b": .init([Float(0)])], to: "a.h5")
    try bench.write(["module.w": .init([Float(1)]), "module.b": .init([Float(0)])], to: "b.h5")
    let plain = try bench.run("verify", "a.h5", "b.h5")
    #expect(plain.status == 1)
    #expect(plain.output.contains("w: named 'module.w' in the second"))
    #expect(plain.output.contains("all keys of b.h5 begin with 'module.'; --strip-prefix"))
    #expect(try bench.run("verify", "a.h5", "b.h5", "--strip-prefix").status == 0)
    #expect(try bench.run("verify", "a.h5", "b.h5", "--strip-prefix", "module.").status == 0)
    #expect(try bench.run("verify", "a.h5", "b.h5", "--strip-prefix", "x.").status == 1)
  }

  @Test func tiesAndTheOptimizerAreCompared() throws {
    let shared = NDArray([Float(1), 2])
    try bench.write(["a": shared, "b": shared], to: "tied.h5")
    try bench.write(["a": shared, "b": shared.copied()], to: "untied.h5")
    let ties = try bench.run("verify", "tied.h5", "untied.h5")
    #expect(ties.status == 1)
    #expect(
      ties.output.contains("  b: tied to 'a' in the first, a tensor of its own in the second"))
    try bench.convertedSample(to: "a.h5", "--optimizer-in-order")
    var checkpoint = try bench.read("a.h5")
    checkpoint.optimizer?.groups[0].options["lr"] = 0.5
    checkpoint.optimizer?.state["features.0.weight"]?["exp_avg"] = .tensor(
      NDArray(zeros: [8, 1, 3, 3], dtype: .float32))
    try CheckpointWriter.write(checkpoint, to: bench.folder.file("b.h5"))
    let changed = try bench.run("verify", "a.h5", "b.h5")
    #expect(changed.status == 1)
    #expect(changed.output.contains("  the optimizer: group 0: lr is 0.003 and 0.5"))
    #expect(
      changed.output.contains("  optimizer state of features.0.weight: exp_avg: 72 values differ"))
    checkpoint.optimizer = nil
    try CheckpointWriter.write(checkpoint, to: bench.folder.file("c.h5"))
    let dropped = try bench.run("verify", "a.h5", "c.h5")
    #expect(dropped.output.contains("  the optimizer (27 tensors): only in the first"))
  }

  @Test func aManifestVouchesForFilesOfAnyFormat() throws {
    try bench.convertedSample(to: "a.h5", "--optimizer-in-order")
    let manifest = try bench.run("verify", Workbench.sample, "--manifest", "--optimizer-in-order")
    #expect(manifest.status == 0)
    let names = manifest.output.split(separator: "\n").map { $0.dropFirst(66) }
    #expect(names.count == 62)
    #expect(names[..<16].last == "classifier.bias")
    #expect(names.contains("optimizer state of classifier.bias: exp_avg_sq"))
    for name in ["optimizer group 0: betas", "metadata: loss", "versions of modules"] {
      #expect(names[43...].contains { $0 == name }, "\(names)")
    }
    try bench.folder.write(manifest.output.utf8, to: "m.txt")
    let sound = try bench.run("verify", "a.h5", "--check-manifest", "m.txt")
    #expect(sound.status == 0)
    #expect(sound.output == "verified: a.h5 is as m.txt says (43 tensors, 42 values)\n")

    var checkpoint = try bench.read("a.h5")
    checkpoint.state["classifier.bias"] = NDArray(zeros: [10], dtype: .float32)
    checkpoint.state["extra"] = NDArray(Float(1))
    checkpoint.state.entries["class_weights"] = nil
    try CheckpointWriter.write(checkpoint, to: bench.folder.file("b.h5"))
    let other = try bench.run("verify", "b.h5", "--check-manifest", "m.txt")
    #expect(other.status == 1)
    for line in [
      "  classifier.bias: its type, shape or values are others", "  extra: not in the manifest",
      "  class_weights: missing",
    ] {
      #expect(other.output.contains(line), "\(other.output)")
    }
    try bench.folder.write("no manifest\n".utf8, to: "n.txt")
    expectRefusal(
      try bench.run("verify", "a.h5", "--check-manifest", "n.txt"), 65, "n.txt (line 1)")
    expectRefusal(try bench.run("verify", "a.h5", "--check-manifest", "none.txt"), 66)
  }
}
