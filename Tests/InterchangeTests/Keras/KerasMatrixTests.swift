import Arrays
import BallastFiles
import Checkpoints
import Foundation
import Interchange
import States
import TestSupport
import Testing

/// Files that Keras wrote into every format and back, and the files of every other format into
/// those of Keras: the same to the bit. Then each file is opened by its own library.
@Suite struct KerasMatrixTests {
  /// A model that Keras saved in its three kinds of files.
  private static let models = ["image", "sequence"]
  private static let kinds: [FileFormat] = [.keras, .kerasWeights, .kerasLegacy]
  /// A distributed checkpoint has no place for the versions of modules, which is told: see `MatrixTests`.
  private static let targets = FileFormat.allCases.filter {
    $0.traits.isWritable && $0 != .pyTorchDistributed
  }

  private static let fixtures = TestTarget.folder()
    .appending(path: "Fixtures/keras").path

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static func ending(_ format: FileFormat) -> String { format.endings.first ?? "h5" }

  private static func fixture(_ model: String, _ kind: FileFormat) -> String {
    "\(fixtures)/\(model).\(ending(kind))"
  }

  private func options(_ template: String?) -> WriteOptions {
    var options = WriteOptions()
    options.isDurable = false
    options.keras.template = template
    return options
  }

  /// Writes a checkpoint, reads it back and compares, which must be without any loss.
  private func write(
    _ checkpoint: Checkpoint, as format: FileFormat, _ name: String, template: String? = nil,
    extent: CheckpointComparison.Extent = .everything
  ) throws -> Checkpoint {
    let path = folder.file("\(name).\(Self.ending(format))")
    let summary = try checkpoint.write(to: path, format: format, options: options(template))
    // A model that a template describes has its own order.
    var losses = summary.losses.filter { template == nil || $0.kind != .orderLost }
    if format == .pytorch {
      // Of an optimizer without a twin Keras's own tensors are kept, and a state dict has no place.
      losses.removeAll {
        $0.kind == .originDropped && $0.subject == "keras"
      }
    }
    #expect(losses == [], "\(name)")
    let opened = try OpenedCheckpoint(path)
    #expect(opened.format == format)
    #expect(try Verification(path).problems.isEmpty)
    let comparison = try CheckpointComparison(checkpoint, opened.checkpoint, extent: extent)
    #expect(
      comparison.differences.map { "\($0.name): \($0.difference)" } == [], "\(name) as \(format)")
    return opened.checkpoint
  }

  // MARK: - From Keras

  @Test(arguments: kinds, targets)
  func fromKerasThereAndBack(_ kind: FileFormat, _ target: FileFormat) throws {
    for model in Self.models {
      var first = try OpenedCheckpoint(Self.fixture(model, kind)).checkpoint
      // Weights alone do not say of which model they are.
      let needsConfig = kind == .kerasWeights && [.keras, .kerasLegacy].contains(target)
      let template = needsConfig ? Self.fixture(model, .keras) : nil
      // The template says more of the model than there was.
      let extent = kind == .kerasWeights ? CheckpointComparison.Extent.tensors : .everything
      if needsConfig, model == "image" {
        // See below: the template puts the columns of this one in PyTorch's order. From then on it
        // is there.
        try first.write(
          to: folder.file("whole.weights.h5"), format: .kerasWeights, options: options(template))
        first = try OpenedCheckpoint(folder.file("whole.weights.h5")).checkpoint
      }
      let second = try write(first, as: target, model, template: template, extent: extent)
      let third = try write(second, as: kind, "\(model).back", extent: extent)
      // Another kind of Keras's files has no place for who saved the first, and when.
      let isOtherKind = Self.kinds.contains(target) && target != kind
      let comparison = try CheckpointComparison(
        first, third, extent: isOtherKind ? .tensors : .everything)
      #expect(comparison.differences.isEmpty, "\(model)")
    }
  }

  @Test(arguments: targets) func listsWithoutAConfigGoEverywhere(_ target: FileFormat) throws {
    let first = try OpenedCheckpoint("\(Self.fixtures)/chunked.h5").checkpoint
    guard target != .keras, target != .kerasWeights else {
      let error = #expect(throws: CheckpointError.self) {
        try first.write(to: folder.file("x"), format: target)
      }
      #expect(error?.code == .unsupported)
      #expect(folder.names.isEmpty)
      return
    }
    // The version of Keras that this one lacks is written, as Keras asks for it.
    let second = try write(
      first, as: target, "chunked", extent: target == .kerasLegacy ? .tensors : .everything)
    #expect(second.state.count == first.state.count)
  }

  // MARK: - Into Keras

  /// The formats that know nothing of Keras, and what their libraries call their files.
  private static let others: [FileFormat] = [.pytorch, .safetensors, .numpy, .hdf5, .ballast]

  /// The path of a model's tensors as the format's own library wrote them.
  private func twin(_ model: String, _ format: FileFormat) throws -> String {
    let path = folder.file("\(model).\(Self.ending(format))")
    if format == .ballast {
      // Ballast's own file is written by Ballast, of what PyTorch wrote.
      let source = try OpenedCheckpoint(folder.file("\(model).pth")).checkpoint
      var options = WriteOptions()
      options.overwrite = .replace
      try CheckpointWriter.write(source, to: path, options: options)
    }
    return path
  }

  @Test(.needsPeers) func fromEveryLibraryIntoEveryFormatAndBack() throws {
    var list: [String] = []
    for model in Self.models {
      try Peers.run(
        "write_twins.py", ["\(Self.fixtures)/\(model).json", folder.path, model])
      for source in Self.others {
        let first = try OpenedCheckpoint(twin(model, source))
        #expect(first.format == source)
        for target in Self.targets {
          let isKeras = Self.kinds.contains(target)
          let template = isKeras ? Self.fixture(model, .keras) : nil
          // The config that the template adds is more than there was.
          let extent: CheckpointComparison.Extent = isKeras ? .tensors : .everything
          let name = "\(model).\(source.id).\(target.id)"
          let second = try write(
            withRoles(first.checkpoint, of: model), as: target, name, template: template,
            extent: extent)
          list.append(
            "\(target.id)\t\(model)\t\(folder.file("\(name).\(Self.ending(target))"))")
          guard source != .hdf5 else { continue }
          let back = "\(name).back"
          _ = try write(second, as: source, back)
          list.append(
            "\(source.id)\t\(model)\t\(folder.file("\(back).\(Self.ending(source))"))")
        }
      }
      for kind in Self.kinds where kind != .kerasWeights {
        let first = try OpenedCheckpoint(Self.fixture(model, kind)).checkpoint
        for target in Self.targets {
          let name = "\(model).of.\(kind.id).\(target.id)"
          _ = try write(first, as: target, name)
          list.append(
            "\(target.id)\t\(model)\t\(folder.file("\(name).\(Self.ending(target))"))")
        }
      }
    }
    #expect(list.count == 2 * (5 + 4 + 2) * Self.targets.count)
    let listing = try folder.write(list.joined(separator: "\n").utf8, to: "list.txt")
    let output = try Peers.run("open_matrix.py", [Self.fixtures, listing])
    let lines = output.split(separator: "\n")
    #expect(lines.count == list.count)
    for line in lines { #expect(line.hasPrefix("ok "), "\(line)") }
  }

  /// A checkpoint with the roles that Keras's file tells, which other libraries do not.
  private func withRoles(_ checkpoint: Checkpoint, of model: String) throws -> Checkpoint {
    var checkpoint = checkpoint
    let reference = try OpenedCheckpoint(Self.fixture(model, .keras)).checkpoint.state
    checkpoint.state.assignRoles(from: reference)
    return checkpoint
  }

  /// What follows `Flatten` is in Keras's order in a file of weights, which does not say so; the
  /// config of the template does.
  @Test(arguments: kinds) func weightsTakeTheirConfigFromATemplate(_ target: FileFormat) throws {
    let weights = try OpenedCheckpoint(Self.fixture("image", .kerasWeights)).checkpoint
    let path = folder.file("image.\(Self.ending(target))")
    let template = options(Self.fixture("image", .keras))
    #expect(try weights.write(to: path, format: target, options: template).losses == [])
    let whole = try OpenedCheckpoint(Self.fixture("image", .keras)).checkpoint
    let second = try OpenedCheckpoint(path).checkpoint
    for (key, entry) in whole.state.entries {
      #expect(second.state[key].map { $0.isBitwiseEqual(to: entry.array) } == true, "\(key)")
    }
  }
}
