import Arrays
import Checkpoints
import Files
import OrderedCollections
import PyTorchFiles
import SafetensorsFiles
import States

/// A model in several of PyTorch's files, which `pytorch_model.bin.index.json` names.
struct PyTorchShards: CheckpointSource {
  private let index: ShardIndex
  private let files: OrderedDictionary<String, PyTorchFile>

  /// Opens all files; what is in them is compared with the index when they are read.
  init(_ index: ShardIndex, _ access: Access) throws(CheckpointError) {
    self.index = index
    var files: OrderedDictionary<String, PyTorchFile> = [:]
    for name in index.files {
      files[name] = try PyTorchFile(index.folder + name, access: access)
    }
    self.files = files
  }

  func read() throws -> ReadResult {
    var parts: OrderedDictionary<String, ReadResult> = [:]
    for (name, file) in files { parts[name] = try part(file) }
    return try merged(parts)
  }

  private func part(_ file: PyTorchFile) throws(CheckpointError) -> ReadResult {
    let result = try file.read()
    if let uncertainty = result.uncertainty { throw uncertainty }
    guard result.checkpoint.optimizer == nil else {
      throw CheckpointError(
        .unsupported, file: file.path,
        reason: "it holds an optimizer's state, and a shard holds a part of a model")
    }
    return result
  }

  /// One model of all parts.
  ///
  /// - Throws: `CheckpointError` with code `damaged` if the parts are not what the index says.
  private func merged(
    _ parts: OrderedDictionary<String, ReadResult>
  ) throws(CheckpointError) -> ReadResult {
    let places = try index.places(of: parts.mapValues { Array($0.checkpoint.state.keys) })
    var result = ReadResult(Checkpoint(state: StateDict()))
    for (key, name) in places {
      result.checkpoint.state.entries[key] = parts[name]?.checkpoint.state.entries[key]
      result.roleRules[key] = parts[name]?.roleRules[key]
    }
    var notes: OrderedSet<String> = []
    for (name, part) in parts {
      let checkpoint = part.checkpoint
      result.takeDescription(checkpoint, of: name)
      for (key, value) in checkpoint.metadata { result.take(value, key, of: name) }
      notes.append(contentsOf: part.notes)
      result.losses += part.losses
    }
    for (key, value) in index.texts { result.take(value, key, of: "the index") }
    result.losses += result.checkpoint.takeOrigins(
      of: parts.map { ($0.key, $0.value.checkpoint) })
    result.notes = notes.elements
    return result
  }

  func verify(known: ReadChecksums?, of checkpoint: Checkpoint?) throws -> Verification {
    var verification = Verification()
    var notes: OrderedSet<String> = []
    for file in files.values {
      // Each by itself: places in one file are not those in another.
      let result = try file.verify(known: known, of: nil)
      verification.tensorCount += result.tensorCount
      verification.byteCount += result.byteCount
      verification.problems += result.problems
      notes.append(contentsOf: result.notes.map { "\(file.path): \($0)" })
    }
    verification.notes = notes.elements
    guard verification.problems.isEmpty, checkpoint == nil else { return verification }
    do throws(CheckpointError) {
      var parts: OrderedDictionary<String, ReadResult> = [:]
      for (name, file) in files {
        parts[name] = try part(PyTorchFile(file.path, access: .unverified))
      }
      _ = try merged(parts)
    } catch {
      guard error.code == .damaged else { throw error }
      verification.problems = [error]
    }
    return verification
  }

  /// `globals`, the classes and functions that the pickles name.
  var facts: OrderedDictionary<String, Value> {
    get throws {
      var globals: OrderedSet<String> = []
      for file in files.values { globals.append(contentsOf: try file.globals()) }
      return ["globals": .list(globals.map(Value.string))]
    }
  }
}

extension ReadResult {
  /// Takes what a part says of how to build the model. What an earlier part says otherwise counts, and
  /// the rest is lost.
  fileprivate mutating func takeDescription(_ part: Checkpoint, of name: String) {
    for (path, version) in part.state.moduleVersions {
      let known = checkpoint.state.moduleVersions[path]
      checkpoint.state.moduleVersions[path] = known ?? version
      guard let known, known != version else { continue }
      losses.append(
        ConversionLoss(
          .moduleVersionsDropped, path,
          "\(name) says version \(version), and a file before \(known)"))
    }
    guard let architecture = part.architecture else { return }
    guard let known = checkpoint.architecture else {
      checkpoint.architecture = architecture
      return
    }
    guard known != architecture else { return }
    losses.append(
      ConversionLoss(.architectureDropped, nil, "\(name) has another than a file before"))
  }
}
