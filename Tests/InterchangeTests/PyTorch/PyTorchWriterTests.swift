import Arrays
import Checkpoints
import Foundation
import Interchange
import OrderedCollections
import PyTorchFiles
import States
import TestSupport
import Testing

/// Files of PyTorch written again, as they were read and after the way through Ballast's HDF5.
@Suite struct PyTorchWriterTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What no safe pickle holds, by the fixture: the losses that must be told, and no others.
  private static let losses: [String: [String]] = [
    "values": [
      "frozen", "range", "path", "when", "namespace", "config", "point", "flags", "class",
      "numpy dtype",
    ],
    // A module's attributes have no place in a state dict.
    "module": ["module_attributes"],
  ]

  /// Whole modules, of which reading keeps the state dict and told so: what is written is no module.
  private static let modules: Set = ["module", "module_in_dict", "script"]

  /// Writes a checkpoint as `name` and reads it again.
  private func write(_ checkpoint: Checkpoint, _ name: String) throws -> OpenedCheckpoint {
    let summary = try checkpoint.write(to: folder.file("\(name).pth"), format: .pytorch)
    #expect(summary.losses.map { $0.subject ?? "" } == Self.losses[name] ?? [], "\(name)")
    let again = try OpenedCheckpoint(folder.file("\(name).pth"), access: .verified)
    // Where a module was in a dictionary they are an entry beside it.
    let notes = again.notes.filter { name != "module_in_dict" || !$0.contains("model_attributes") }
    #expect(notes == [] && again.losses == [], "\(name): \(again.notes)")
    if Self.losses[name] == nil, !Self.modules.contains(name) {
      let lines = Dump.lines(checkpoint)
      for (line, wanted) in zip(Dump.lines(again.checkpoint), lines) {
        #expect(line == wanted, "\(name)")
      }
      #expect(Dump.lines(again.checkpoint).count == lines.count, "\(name)")
    }
    return again
  }

  /// Compares what was written with the files that it came from.
  private func differences(_ mode: String) throws -> [Substring] {
    let pairs = Fixture.names.flatMap { [Fixture.path($0), folder.file("\($0).pth")] }
    return try Peers.run("compare_pytorch.py", [mode] + pairs).split(separator: "\n").filter {
      !$0.hasSuffix("['epoch', 'model'] and ['epoch', 'model', 'model_attributes']")
    }
  }

  @Test(.needsPeers) func writesEveryFixtureAsItWas() throws {
    for name in Fixture.names {
      _ = try write(OpenedCheckpoint(Fixture.path(name)).checkpoint, name)
    }
    let differences = try differences("strides")
    #expect(differences == [])
  }

  @Test(.needsPeers) func writesEveryFixtureAsItWasAfterTheWayThroughHDF5() throws {
    for name in Fixture.names {
      let kept = folder.file("\(name).h5")
      try OpenedCheckpoint(Fixture.path(name)).checkpoint.write(to: kept, format: .ballast)
      _ = try write(OpenedCheckpoint(kept, access: .verified).checkpoint, name)
    }
    let differences = try differences("values")
    #expect(differences == [])
  }

  @Test func writesTheSameBytesEachTime() throws {
    for name in ["adam", "views", "lightning", "values"] {
      let checkpoint = try OpenedCheckpoint(Fixture.path(name)).checkpoint
      var options = WriteOptions()
      try checkpoint.write(to: folder.file("a.pth"), format: .pytorch, options: options)
      options.threads = 1
      try checkpoint.write(to: folder.file("b.pt"), format: .pytorch, options: options)
      let first = try folder.bytes("a.pth")
      #expect(try folder.bytes("b.pt") == first, "\(name)")
      let verification = try Verification(folder.file("a.pth"))
      #expect(verification.problems.isEmpty && verification.notes.isEmpty, "\(name)")
      // What was written is a fixed point.
      let again = try OpenedCheckpoint(folder.file("a.pth")).checkpoint
      try again.write(to: folder.file("c.pt"), format: .pytorch)
      if Self.losses[name] == nil { #expect(try folder.bytes("c.pt") == first, "\(name)") }
    }
  }

  /// Numbers at the ends of their ranges, and containers beyond what one instruction fills.
  @Test(.needsPeers) func writesValuesOfEverySize() throws {
    let ints = [0, 255, 256, 65535, 65536, -1, -128, -129, 1 << 31, -(1 << 31) - 1, .max, .min]
    let names = (0..<1001).map { "name \($0)" }
    let metadata: OrderedDictionary<String, Value> = [
      "ints": .list(ints.map(Value.int)),
      "list": .list((0..<2500).map(Value.int)),
      "one more": .list((0..<2001).map(Value.int)),
      "tuples": .tuple((0..<6).map { count in .tuple((0..<count).map { .int($0) }) }),
      "names": .dict(
        OrderedDictionary(uniqueKeysWithValues: names.map { (.string($0), .string($0)) })),
      "bytes": .bytes(Array(0...255)),
      "big": .bigInt("-" + String(repeating: "9", count: 300)),
      "twins": ["e\u{301}": 1, "x": "\u{E9}"],
    ]
    let checkpoint = Checkpoint(
      state: ["w": NDArray([1] as [Float])], metadata: metadata)
    let summary = try checkpoint.write(to: folder.file("x.pth"), format: .pytorch)
    #expect(summary.losses == [])
    let again = try OpenedCheckpoint(folder.file("x.pth")).checkpoint
    #expect(again.metadata == metadata)
    let lines = try Peers.run("show_pytorch.py", [folder.file("x.pth")]).split(separator: "\n")
    #expect(lines.contains("'ints': \(ints)"))
    #expect(lines.contains("'list': \(Array(0..<2500))"))
    #expect(
      lines.contains("'tuples': ((), (0,), (0, 1), (0, 1, 2), (0, 1, 2, 3), (0, 1, 2, 3, 4))"))
    #expect(lines.contains("'big': -\(String(repeating: "9", count: 300))"))
  }

  @Test func tellsWhatBecameOfValuesThatNoSafePickleHolds() throws {
    let metadata: OrderedDictionary<String, Value> = [
      "huge": .bigInt(String(repeating: "9", count: 700)),
      "config": .object(type: "my.Config", state: ["depth": 3]),
      "set": .object(type: "builtins.set", state: [[1]]),
    ]
    let summary = try Checkpoint(state: ["w": NDArray([1] as [Float])], metadata: metadata)
      .write(to: folder.file("x.pth"), format: .pytorch)
    #expect(
      summary.losses.map(\.description) == [
        "huge: an integer of 700 digits became a text",
        "config: an object of class my.Config became a dictionary",
        "set: a set of what Python has no sets of became a list",
      ])
    let again = try OpenedCheckpoint(folder.file("x.pth")).checkpoint.metadata
    #expect(again["config"] == ["depth": 3])
    #expect(again["huge"] == .string(String(repeating: "9", count: 700)))
  }

  /// What is kept beside the object is believed as far as it fits.
  @Test(arguments: [
    "", "[", "{}", #"{"ballast_pytorch": 2}"#,
    #"{"ballast_pytorch": 1, "buffers": ["missing"]}"#,
    #"{"ballast_pytorch": 1, "buffers": 3, "optimizer": {"naming": "x"}, "added": {}}"#,
  ])
  func anOutlineThatDoesNotFitHarmsNothing(_ json: String) throws {
    let body = Pickle.pickle(Pickle.dict(("w", Pickle.tensor())))
    let bytes = Pickle.file(body, more: [("x/ballast.json", Array(json.utf8))])
    let result = try read(bytes)
    #expect(result.checkpoint.state["w"] != nil)
    #expect(result.checkpoint.state.entries["w"]?.role == .parameter)
    #expect(result.checkpoint.metadata.isEmpty)
    let fits = json.contains("1") && !json.contains("missing")
    #expect(result.losses.map(\.subject) == (fits ? [] : ["ballast.json"]))
  }
}
