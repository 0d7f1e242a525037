import Checkpoints
import Files
import OrderedCollections
import States

/// The files that hold a model: one, or the parts of a split one.
///
/// `gguf-split` of llama.cpp and the `GGUFWriter` of the `gguf` package name the parts `NAME-00001-of-00003.gguf`. Each is a GGUF file with
/// its number and the count of all in its metadata; the first has those of the model too. Whichever is
/// opened, all are.
struct GGUFSet: Sendable {
  /// The files, in order.
  let files: [GGUFFile]
  /// Metadata of a further part that the first has not, or has otherwise.
  private(set) var losses: [ConversionLoss] = []

  /// The keys that say which part a file is. They are no metadata of the model.
  static let numberKey = "split.no"
  static let countKey = "split.count"
  static let tensorCountKey = "split.tensors.count"
  static let keys: Set = [numberKey, countKey, tensorCountKey]

  /// Opens a file, and the others if it is a part.
  ///
  /// - Throws: `CheckpointError`, also with code `damaged` if a part is missing, is of another set, or has
  ///   a tensor that another has too.
  init(_ probe: FileProbe) throws(CheckpointError) {
    let first = try GGUFFile(try probe.file)
    guard let count = try Self.count(of: first), count > 1 else {
      files = [first]
      try checkTensors()
      return
    }
    guard let shard = ShardName(probe.name), shard.count == count else {
      throw CheckpointError(
        .damaged, file: probe.path, place: Self.countKey,
        reason:
          "it is one of \(count) parts of a model, and its name does not say how the others are "
          + "called",
        advice: "Give it its name back, such as model-00001-of-\(Self.padded(count)).gguf.")
    }
    let folder = probe.path.lastIndex(of: "/").map { String(probe.path[...$0]) } ?? ""
    let missing = shard.siblings.filter { FileStatus(folder + $0) == nil }
    guard missing.isEmpty else {
      let names = missing.prefix(5).joined(separator: ", ")
      throw CheckpointError(
        .damaged, file: probe.path,
        reason: "it is one of \(count) parts of a model, and \(names)"
          + (missing.count > 5
            ? " and \(missing.count - 5) more are" : missing.count > 1 ? " are" : " is")
          + " not beside it")
    }
    var files: [GGUFFile] = []
    for name in shard.siblings {
      let file =
        name == probe.name
        ? first
        : try GGUFFile(reportingFileErrors { () throws(FileError) in try InputFile(folder + name) })
      let pairs = file.header.pairs
      guard pairs[Self.numberKey]?.value == .int(files.count),
        pairs[Self.countKey]?.value == .int(count)
      else {
        let said = [Self.numberKey, Self.countKey].map { key in
          pairs[key].map { "\(key) is \(Self.text($0.value))" } ?? "\(key) is missing"
        }
        throw CheckpointError(
          .damaged, file: file.path, place: Self.numberKey,
          reason: "its \(said[0]), counted from 0, and its \(said[1]), and its name says part "
            + "\(files.count + 1) of \(count)")
      }
      files.append(file)
    }
    self.files = files
    try checkTensors()
    compareMetadata()
  }

  /// How many parts a file says that there are; nil if it says nothing.
  ///
  /// - Throws: `CheckpointError` with code `damaged` for what is no count.
  private static func count(of file: GGUFFile) throws(CheckpointError) -> Int? {
    guard let value = file.header.pairs[countKey]?.value else { return nil }
    guard let count = value.intValue, (0...maximumCount).contains(count) else {
      throw CheckpointError(
        .damaged, file: file.path, place: countKey,
        reason: "it is \(text(value)), which is no number of files")
    }
    return count
  }

  /// UINT16, in which the count is written, has no larger number.
  private static let maximumCount = 65_535

  /// A value as it stands in the file, for a sentence.
  private static func text(_ value: Value) -> String {
    value.tensor == nil ? GGUFCursor.short(value.json()) : "an array"
  }

  /// All tensors are there, each once.
  private func checkTensors() throws(CheckpointError) {
    var places: [String: String] = [:]
    for file in files {
      for name in file.tensors.keys {
        guard let other = places.updateValue(file.path, forKey: name) else { continue }
        throw CheckpointError(
          .damaged, file: file.path, place: name, reason: "\(other) has a tensor of this name too")
      }
    }
    for file in files {
      guard let value = file.header.pairs[Self.tensorCountKey]?.value,
        value.intValue != places.count
      else { continue }
      throw CheckpointError(
        .damaged, file: file.path, place: Self.tensorCountKey,
        reason: "it says that the model has \(Self.text(value)) tensors, and there are "
          + "\(places.count)")
    }
  }

  /// Further parts have the keys of the set and nothing else; what they add is told.
  private mutating func compareMetadata() {
    let known = files[0].header.pairs
    for file in files.dropFirst() {
      for (key, pair) in file.header.pairs where !Self.keys.contains(key) {
        if let mine = known[key], mine.value == pair.value { continue }
        if key == GGUFHeader.alignmentKey { continue }
        losses.append(
          ConversionLoss(
            .metadataDropped, key,
            known[key] == nil
              ? "\(file.path) has it, and the first part, which has the model's, does not"
              : "\(file.path) has another value of it than the first part"))
      }
    }
  }

  private static func padded(_ count: Int) -> String {
    let digits = String(count)
    return String(repeating: "0", count: max(5 - digits.count, 0)) + digits
  }
}
