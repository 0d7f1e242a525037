import Arrays
import Checkpoints
import Files
import Foundation
import HDF5
import Interchange
import States
import TestSupport
import Testing

/// Files whose numbers are extreme: no sum or product of them ends a program.
@Suite struct MutationTests {
  /// The numbers that are put in the place of eight bytes, little-endian: all bits set, the greatest
  /// of `Int`, the least, and half of them, whose double is too much.
  static let numbers: [UInt64] = [.max, UInt64(Int.max), 1 << 63, 1 << 62]

  /// What is opened for so long, in seconds; `BALLAST_MUTATION_SECONDS` asks for more. All places of
  /// a file are some thousands, of which each run takes the same first ones.
  static var patience: Double {
    ProcessInfo.processInfo.environment["BALLAST_MUTATION_SECONDS"].flatMap(Double.init) ?? 1
  }

  /// The sample of a format, as small as can be, and of every sort of structure.
  static func sample(_ name: String, in folder: TemporaryFolder) throws -> [UInt8] {
    if name.hasPrefix("keras/") || name.hasPrefix("pytorch/") {
      let path = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../InterchangeTests/Fixtures/\(name)").standardized
      return Array(try Data(contentsOf: path))
    }
    var state = StateDict()
    let array = NDArray((0..<64).map { Float($0 % 5) }, shape: [8, 8])
    state.entries["a.weight"] = .init(array, role: .parameter)
    state.entries["b.weight"] = .init(array, role: .parameter)
    state.entries["a.count"] = .init(NDArray(Int64(3)), role: .buffer)
    var checkpoint = Checkpoint(
      state: state, metadata: ["epoch": 3, "name": "net", "list": [1, 2.5, "x"]])
    checkpoint.optimizer = OptimizerState()
    if name == "plain.h5" { return try plain() }
    var options = WriteOptions()
    if name.hasPrefix("packed") { options.compression = .init(level: 4) }
    let format = try #require(FileFormat(fileName: name) ?? FileFormat(id: "ballast"))
    try checkpoint.write(to: folder.file(name), format: format, options: options)
    return try folder.bytes(name)
  }

  /// HDF5 that nobody described, with texts in a heap.
  private static func plain() throws -> [UInt8] {
    var blueprint = HDF5Blueprint()
    let group = try blueprint.addGroup("layer", in: .root)
    let values = [UInt8](repeating: 1, count: 4 * 6)
    let dataset = try blueprint.addDataset(
      "weight", .float32, .shape([6]), .bytes(values), in: group)
    try blueprint.addAttribute("note", texts: ["hello"], to: dataset)
    try blueprint.addAttribute("notes", texts: ["one", "two"], .shape([2]), to: .root)
    return try blueprint.structure().withBytes { [UInt8](copying: $0) }
  }

  /// Opens a file in every way, whatever comes of it.
  static func open(_ path: String) {
    if let opened = try? OpenedCheckpoint(path) {
      _ = try? opened.facts
      _ = try? opened.check().finish()
      for tensor in opened.checkpoint.namedTensors.prefix(8) { _ = tensor.array.byteCount }
    }
    _ = try? OpenedCheckpoint.facts(of: path)
    _ = try? OpenedCheckpoint(path, access: .verified)
    _ = try? Verification(path)
  }

  /// Puts the numbers at all places of a sample, in an order that a seed gives, as long as there is
  /// patience.
  ///
  /// - Parameter log: The file that says what was put last, so that it is known what ended the
  ///   process.
  static func mutate(_ name: String, log: String) throws {
    let folder = try TemporaryFolder()
    let bytes = try sample(name, in: folder)
    let file = "mutant." + (name.split(separator: ".", maxSplits: 1).last ?? "")
    var generator = SeededGenerator(seed: 20)
    let places = Array(0...max(bytes.count - 8, 0)).shuffled(using: &generator)
    let clock = ContinuousClock()
    let end = clock.now + .seconds(patience)
    var count = 0
    for place in places {
      for number in numbers {
        try Data("\(number) at \(place)".utf8).write(to: URL(filePath: log))
        var mutant = bytes
        withUnsafeBytes(of: number.littleEndian) {
          mutant.replaceSubrange(place..<min(place + 8, bytes.count), with: $0)
        }
        open(try folder.write(mutant, to: file))
        count += 1
      }
      if clock.now > end { break }
    }
    precondition(count >= numbers.count)
    try Data("all is well".utf8).write(to: URL(filePath: log))
  }

  @Test(arguments: [
    "own.h5", "packed.h5", "plain.h5", "own.pth", "own.safetensors", "own.npz", "packed.npz",
    "own.gguf", "own.onnx", "own.mat",
    "keras/image.keras", "keras/image.weights.h5", "keras/chunked.h5", "pytorch/legacy.pth",
    "pytorch/tar.pth", "pytorch/deflated.pth",
  ])
  func extremeNumbersEndNoProgram(_ name: String) async throws {
    let folder = try TemporaryFolder()
    try folder.write([], to: "last")
    let log = folder.file("last")
    await #expect(processExitsWith: .success) { [name = name as String, log = log as String] in
      try MutationTests.mutate(name, log: log)
    }
    // What ended the process, if something did.
    #expect(folder.text(of: "last") == "all is well", "\(name)")
  }
}
