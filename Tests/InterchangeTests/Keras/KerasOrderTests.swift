import Arrays
import Checkpoints
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Models whose features come in another order in PyTorch, with Keras and PyTorch as judges.
@Suite(.needsPeers) struct KerasOrderTests {
  /// The models of `keras_orders.py` in which all orders are known.
  private static let known = [
    "branches", "permuted", "moved", "reshaped", "crnn", "steps", "film", "film_at_once",
    "generator", "line_generator", "autoencoder", "sums", "squeeze", "channels_first",
    "channels_first_flatten", "augmented", "resized", "unflattened", "widened", "deep",
    "variational",
  ]
  /// Those in which the order of some weights is not known, with these weights.
  private static let unknown = [
    "mystery": ["fc.weight"], "per_place": ["fc.weight"],
    "image_at_the_end": ["fc.weight", "fc.bias"], "image_of_states": ["conv.weight"],
  ]

  /// The models, made once: Keras takes seconds to start.
  private static let made = Result {
    let folder = try TemporaryFolder()
    try Peers.run("keras_orders.py", ["make", folder.path])
    return folder
  }

  private let folder: TemporaryFolder

  init() throws { folder = try Self.made.get() }

  private func expectAllRight(_ output: String, count: Int) {
    let lines = output.split(separator: "\n")
    #expect(lines.count == count)
    for line in lines { #expect(line.hasPrefix("ok"), "\(line)") }
  }

  private func guesses(_ losses: [ConversionLoss]) -> [String?] {
    losses.filter { $0.kind == .layoutGuessed }.map(\.subject)
  }

  private func options(_ template: String) -> WriteOptions {
    var options = WriteOptions()
    options.keras.template = folder.file(template)
    options.overwrite = .replace
    return options
  }

  private static let replacing = {
    var options = WriteOptions()
    options.overwrite = .replace
    return options
  }()

  /// The same tensors from every kind of file, and each loss for a weight by its name.
  @Test(arguments: known + unknown.keys.sorted())
  func allKindsOfFilesGiveTheSame(_ name: String) throws {
    let whole = try OpenedCheckpoint(folder.file("\(name).keras"))
    let legacy = try OpenedCheckpoint(folder.file("\(name).h5"))
    let expected = Self.unknown[name] ?? []
    #expect(guesses(whole.losses) == expected)
    #expect(guesses(legacy.losses) == expected)
    #expect(
      try CheckpointComparison(whole.checkpoint, legacy.checkpoint, extent: .tensors)
        .differences.isEmpty)
    #expect(Array(whole.checkpoint.state.keys) == Array(legacy.checkpoint.state.keys))
    // Weights alone, and the config beside them.
    let weights = try OpenedCheckpoint(folder.file("\(name).weights.h5")).checkpoint
    let written = folder.file("\(name).written.keras")
    try weights.write(
      to: written, format: .keras, options: options("\(name).config.json"))
    #expect(
      try CheckpointComparison(
        whole.checkpoint, OpenedCheckpoint(written).checkpoint, extent: .tensors
      ).differences.isEmpty)
  }

  /// Each model of which all is known gives in PyTorch what it gives in Keras.
  @Test func twinsInPyTorchGiveTheSameOutputs() throws {
    for name in Self.known {
      for kind in ["keras", "h5"] {
        try OpenedCheckpoint(folder.file("\(name).\(kind)")).checkpoint.write(
          to: folder.file("\(name).\(kind).ballast.h5"), format: .ballast, options: Self.replacing)
      }
      let template = folder.file("\(name).template.keras")
      try OpenedCheckpoint(folder.file("\(name).weights.h5")).checkpoint.write(
        to: template, format: .keras, options: options("\(name).config.json"))
      try OpenedCheckpoint(template).checkpoint.write(
        to: folder.file("\(name).template.ballast.h5"), format: .ballast, options: Self.replacing)
    }
    expectAllRight(
      try Peers.run("keras_orders.py", ["twins", folder.path]), count: 3 * Self.known.count)
  }

  /// The way back gives Keras the same bits, also of what never saw Keras.
  @Test func kerasOpensWhatIsWrittenBack() throws {
    let names = Self.known + Self.unknown.keys.sorted()
    for name in names {
      let whole = try OpenedCheckpoint(folder.file("\(name).keras")).checkpoint
      let legacy = try OpenedCheckpoint(folder.file("\(name).h5")).checkpoint
      func write(
        _ checkpoint: Checkpoint, _ kind: String, _ format: FileFormat,
        _ options: WriteOptions = Self.replacing
      ) throws -> [ConversionLoss] {
        try checkpoint.write(
          to: folder.file("\(name).\(kind)"), format: format, options: options
        ).losses
      }
      #expect(try write(whole, "keras.back.keras", .keras) == [])
      #expect(try write(whole, "keras.back.h5", .kerasLegacy) == [])
      #expect(try write(legacy, "h5.back.keras", .keras) == [])
      let plain = Checkpoint(state: whole.state)
      let losses = try write(
        plain, "pth.back.keras", .keras, options("\(name).config.json"))
      // What is not known in one direction is not known in the other.
      #expect(guesses(losses) == Self.unknown[name] ?? [], "\(name)")
    }
    expectAllRight(
      try Peers.run("keras_orders.py", ["judge", folder.path]), count: 8 * names.count)
  }

  /// A file of weights does not say what stands before and after a layer: as a template it is
  /// refused where that decides the order of a weight.
  @Test(arguments: ["generator", "branches", "crnn", "film"])
  func templatesThatDoNotFixTheOrderAreRefused(_ name: String) throws {
    let whole = try OpenedCheckpoint(folder.file("\(name).keras")).checkpoint
    let weights = try OpenedCheckpoint(folder.file("\(name).weights.h5"))
    #expect(!guesses(weights.losses).isEmpty)
    let plain = Checkpoint(state: whole.state)
    let out = folder.file("\(name).refused.weights.h5")
    let error = #expect(throws: CheckpointError.self) {
      try plain.write(
        to: out, format: .kerasWeights, options: options("\(name).weights.h5"))
    }
    #expect(error?.code == .unsupported)
    #expect(error?.advice?.contains("config") == true, "\(error as Any)")
    #expect(!FileManager.default.fileExists(atPath: out))
    // What came from Keras knows its own order.
    let own = folder.file("\(name).own.weights.h5")
    for checkpoint in [whole, weights.checkpoint] {
      try checkpoint.write(
        to: own, format: .kerasWeights, options: options("\(name).weights.h5"))
      let template = folder.file("\(name).own.keras")
      try OpenedCheckpoint(own).checkpoint.write(
        to: template, format: .keras, options: options("\(name).config.json"))
      #expect(
        try CheckpointComparison(
          whole, OpenedCheckpoint(template).checkpoint, extent: .tensors
        ).differences.isEmpty)
    }
  }
}
