import Arrays
import Checkpoints
import Files
import States

/// A file of `torch.save`, for a format of which such files are parts: what is in it is taken apart there, and
/// no model is looked for.
package struct SavedFile: Sendable {
  /// The path of the file.
  package var path: String { file.path }
  /// The bytes of the file.
  package var byteCount: Int { file.byteCount }
  private let file: InputFile
  private let archive: PyTorchArchive

  /// Opens a file. Its pickle is not read yet.
  ///
  /// - Throws: `CheckpointError`: `damaged` if it is cut short or contradicts itself, `unsupported` for the
  ///   forms that PyTorch wrote before 1.6, `inputOutput` if it cannot be read.
  package init(_ path: String) throws(CheckpointError) {
    let probe = try FileProbe(path)
    guard !probe.isFolder else {
      throw CheckpointError(.damaged, file: path, reason: "it is a folder, and should be a file")
    }
    file = try probe.file
    guard let zip = try probe.zip() else {
      throw CheckpointError(
        probe.head.first == 0x80 ? .unsupported : .damaged, file: path,
        reason: "it is no zip archive, as torch.save writes one since PyTorch 1.6")
    }
    archive = try PyTorchArchive(zip)
    guard case .saved = archive.content, !archive.isTorchScript else {
      throw CheckpointError(
        .unsupported, file: path, reason: "it holds a program, and not an object of torch.save")
    }
  }

  /// Reads the pickle.
  ///
  /// - Parameters:
  ///   - access: How tensors come into memory once they are asked for.
  ///   - options: Whether dangerous names are kept.
  /// - Throws: `CheckpointError`: `refused` if it names something through which a program could be run,
  ///   `damaged`, or `unsupported`.
  package func object(
    _ access: Access, _ options: ReadOptions
  ) throws(CheckpointError) -> SavedObject {
    SavedObject(
      try archive.unpickle(
        policy: options.allowsDangerousNames ? .keep : .refuse, names: PickleNames(),
        access: access))
  }

  /// Compares the members of the archive with their checksums.
  ///
  /// - Parameter known: What was read of the file before, which is not read again.
  /// - Returns: What is damaged, and how many members have no checksum.
  package func verify(
    known: ReadChecksums?
  ) throws -> (problems: [CheckpointError], unprotectedCount: Int) {
    let result = try archive.zip.verify(known: known)
    return (result.problems.map(\.error), result.unprotectedCount)
  }
}

/// What was saved in a file.
package final class SavedObject {
  /// The path of the file.
  package let file: String
  /// What was left out of the values that were taken, and what became of a plainer class.
  package var losses: [ConversionLoss] { Array(converter.losses) }

  fileprivate let object: PickleObject
  fileprivate let converter: ValueConverter

  fileprivate init(_ object: PickleObject) {
    self.object = object
    file = object.storages.file.path
    converter = ValueConverter(object)
  }

  /// The object itself.
  package var root: SavedValue { SavedValue(object.root, of: self) }
}

/// A part of what was saved in a file.
package struct SavedValue {
  /// What it is a part of, which lives as long as it.
  package let owner: SavedObject
  private let value: PickleValue

  fileprivate init(_ value: PickleValue, of owner: SavedObject) {
    self.value = value
    self.owner = owner
  }

  private func part(_ value: PickleValue) -> SavedValue { SavedValue(value, of: owner) }

  /// What it is, for a message.
  package var kind: String { value.kind }
  /// Whether it is Python's `None`.
  package var isNone: Bool { value.isNone }
  /// The integer, nil for all else.
  package var int: Int? { value.intValue }
  /// Whether it is Python's `True`.
  package var isTrue: Bool { value.boolValue == true }
  /// The text, nil for all else.
  package var text: String? { value.stringValue }

  /// The value under a text in a dictionary, or of an attribute of an object; nil if there is none.
  package subscript(key: String) -> SavedValue? {
    let dict: PickleDict?
    if case .instance(let instance) = value {
      dict = instance.attributes
    } else {
      dict = value.dict
    }
    return dict?[key].map(part)
  }

  /// The entries of a dictionary, whose keys that are no texts are written as one; nil if it is none.
  package var entries: [(key: String, value: SavedValue)]? {
    value.dict?.entries.map { ($0.key.description, part($0.value)) }
  }

  /// The values of a dictionary that are under integers; nil if it is none.
  package var valuesByNumber: [Int: SavedValue]? {
    guard let dict = value.dict else { return nil }
    var values: [Int: SavedValue] = [:]
    for (key, value) in dict.entries {
      if let number = key.intValue, values[number] == nil { values[number] = part(value) }
    }
    return values
  }

  /// The value of an integer in a dictionary.
  package func entry(of number: Int) -> SavedValue? {
    guard let dict = value.dict else { return nil }
    for (key, value) in dict.entries where key.intValue == number { return part(value) }
    return nil
  }

  /// Whether all keys of a dictionary are texts.
  package var hasTextKeys: Bool { value.dict?.keys.allSatisfy { $0.stringValue != nil } ?? false }

  /// The elements of a list or tuple, nil if it is none.
  package var elements: [SavedValue]? { value.elements?.map(part) }

  /// The lengths of a `torch.Size`, or of a list or tuple of integers; nil for all else.
  package var lengths: [Int]? {
    guard case .instance(let size) = value, size.type == "torch.Size" else { return value.ints }
    return size.arguments.first?.ints
  }

  /// The number that a member of an enumeration has, or an integer; nil for all else.
  package var enumNumber: Int? {
    guard case .instance(let member) = value, member.isCall, member.arguments.count == 1 else {
      return value.intValue
    }
    return member.arguments[0].intValue
  }

  /// The type of the elements of a tensor; nil if it is none.
  package var dtype: DType? {
    guard case .tensor(let tensor) = value else { return nil }
    return tensor.dtype
  }

  /// The number of elements along each axis of a tensor; nil if it is none.
  package var shape: [Int]? {
    guard case .tensor(let tensor) = value else { return nil }
    return tensor.shape
  }

  /// Whether it is a tensor, be it one that cannot be read.
  package var isTensor: Bool { value.isTensor }

  /// What two tensors of the same file have in common that are the same elements of the same storage; nil if
  /// it is no tensor, or has no elements.
  package var tensorIdentity: String? {
    guard case .tensor(let tensor) = value, let storage = tensor.storage,
      !tensor.shape.contains(0)
    else { return nil }
    return "\(storage.key) \(tensor.dtype) \(tensor.offset) \(tensor.shape) \(tensor.strides)"
  }

  /// The elements of a tensor.
  ///
  /// - Parameter place: What it is called in errors.
  /// - Throws: `CheckpointError` with code `damaged` if it is none, `unsupported` for one that is not read.
  package func array(place: String) throws(CheckpointError) -> NDArray {
    if let unread = value.unread { throw unread.error(file: owner.file, place: place) }
    guard case .tensor(let tensor) = value else {
      throw CheckpointError(
        .damaged, file: owner.file, place: place, reason: "it is \(kind), and should be a tensor")
    }
    return try owner.object.storages.array(tensor, place: place)
  }

  /// What is lost with the class and the attributes of a tensor of a model.
  package func losses(ofTensor key: String) -> [ConversionLoss] {
    guard case .tensor(let tensor) = value else { return [] }
    return tensor.losses(at: key, asParameter: true)
  }

  /// The value as metadata have it. What is lost on the way is among the losses of the object.
  ///
  /// - Parameter place: What it is called in losses.
  package func converted(place: String) throws(CheckpointError) -> Value {
    try owner.converter.convert(value, place: place)
  }

  /// The versions of modules that a state dict has, by their paths.
  package var moduleVersions: [(path: String, version: Int)] {
    guard let metadata = value.dict?.attributes?["_metadata"]?.dict else { return [] }
    return metadata.entries.compactMap { key, facts in
      guard let path = key.stringValue, let version = facts.dict?["version"]?.intValue else {
        return nil
      }
      return (path, version)
    }
  }
}
