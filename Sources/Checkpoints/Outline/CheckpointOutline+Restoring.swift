import Arrays
import OrderedCollections
import States

extension CheckpointOutline {
  /// The keys of the model by the names that their tensors have in the file, as an outline that was restored
  /// says them; nothing, if it cannot be read.
  package static func keysOfNames(_ json: String) -> [String: [String]] {
    var limits = Value.JSONLimits()
    limits.depth = maximumJSONDepth
    let outline = try? Value(json: Array(json.utf8), limits: limits)
    var keys: [String: [String]] = [:]
    for row in outline?["tensors"]?.elements ?? [] {
      guard let key = row["key"]?.stringValue else { continue }
      keys[row["name"]?.stringValue ?? key, default: []].append(key)
    }
    return keys
  }

  /// Each value takes up to two levels.
  private static let maximumJSONDepth = 2 * maximumDepth + 16

  /// The result of restoring a checkpoint from an outline and the tensors of a file.
  package struct Restored: Sendable {
    /// The checkpoint.
    package var checkpoint: Checkpoint
    /// Whether the outline has an origin, as all have that could be taken for older ones.
    package var hasOrigin = false
    /// The keys of tensors that the outline does not know: another program added them. They come
    /// last, without a role.
    package var unlistedKeys: [String] = []
    /// Where the outline and the file disagree, a sentence each. The file is right then, and what
    /// it holds is in the checkpoint.
    package var notes: [String] = []
    /// What the outline lists, and the file does not hold any more.
    package var losses: [ConversionLoss] = []
  }

  /// The checkpoint of an outline and the tensors of the same file.
  ///
  /// Neither is believed: other programs change files, and leave the outline as it was. What the
  /// outline says of a tensor counts only if the tensor can be so.
  ///
  /// - Parameters:
  ///   - json: ``json`` as it was read.
  ///   - tensors: The tensors by name, in the file's order. One whose type the format cannot name
  ///     comes as an unsigned integer of the same size, or, complex, as pairs of real numbers in a
  ///     last dimension.
  ///   - file: The path, for errors.
  /// - Throws: ``CheckpointError``: `damaged` if the outline contradicts itself, `unsupported` if
  ///   it was written by a newer version, `refused` if it is larger than any is written.
  package static func restore(
    _ json: String, tensors: OrderedDictionary<String, NDArray>, file: String
  ) throws(CheckpointError) -> Restored {
    func failure(_ code: CheckpointError.Code, _ reason: String) -> CheckpointError {
      CheckpointError(code, file: file, place: "outline", reason: reason)
    }
    guard json.utf8.count <= maximumByteCount else {
      throw failure(.refused, "it has more than \(maximumByteCount) bytes")
    }
    var limits = Value.JSONLimits()
    limits.depth = maximumJSONDepth
    let outline: Value
    do throws(JSONError) {
      outline = try Value(json: Array(json.utf8), limits: limits)
    } catch {
      throw failure(.damaged, "it is \(error)")
    }
    guard let version = outline[versionKey]?.intValue, version > 0 else {
      throw failure(.damaged, "it does not say its version")
    }
    guard version <= Self.version else {
      throw failure(
        .unsupported,
        "it is of version \(version), and this program reads version \(Self.version)")
    }
    do throws(OutlineDecoder.Malformed) {
      return try OutlineRestoration(outline, tensors).restored()
    } catch {
      throw failure(.damaged, error.reason)
    }
  }
}

private struct OutlineRestoration {
  typealias Malformed = OutlineDecoder.Malformed

  private let outline: Value
  private var tensors: OrderedDictionary<String, NDArray>
  private var notes: [String] = []

  init(_ outline: Value, _ tensors: OrderedDictionary<String, NDArray>) {
    self.outline = outline
    self.tensors = tensors
  }

  func restored() throws(Malformed) -> CheckpointOutline.Restored {
    var restoration = self
    return try restoration.run()
  }

  private mutating func run() throws(Malformed) -> CheckpointOutline.Restored {
    try applyFacts()
    var decoder = OutlineDecoder(tensors: tensors)
    var losses: [ConversionLoss] = []
    func reportMissing(_ kind: ConversionLoss.Kind) {
      losses += OrderedSet(decoder.takeMissingNames()).map {
        ConversionLoss(kind, $0, "the outline lists this tensor, and it is not in the file")
      }
    }
    var state = try decoder.state(
      rows("tensors"), versions: outline["module_versions"] ?? [:])
    reportMissing(.tensorDropped)
    let optimizer = try outline["optimizer"].map { json throws(Malformed) in
      try decoder.optimizer(json)
    }
    reportMissing(.optimizerDropped)
    let metadata = try decoder.members(outline["metadata"] ?? [:], "metadata")
    reportMissing(.metadataDropped)
    let architecture = try outline["architecture"].flatMap { json throws(Malformed) in
      try decoder.value(json)
    }
    reportMissing(.architectureDropped)
    var checkpoint = Checkpoint(
      state: StateDict(), optimizer: optimizer, metadata: metadata, architecture: architecture)
    for (format, value) in try decoder.members(outline["origin"] ?? [:], "origin") {
      checkpoint.origin[format] = value
    }
    reportMissing(.originDropped)
    let hasOrigin = outline["origin"] != nil
    if !hasOrigin { checkpoint.moveFormerEntriesToOrigin(takesFormat: true) }
    var result = CheckpointOutline.Restored(checkpoint: checkpoint)
    result.hasOrigin = hasOrigin
    result.losses = losses
    for (name, array) in tensors where !decoder.usedNames.contains(name) {
      guard state.entries[name] == nil else {
        state.entries[name]?.array = array
        notes.append("\(name): it was another name of a tensor, and has values of its own now")
        continue
      }
      state.entries[name] = StateDict.Entry(array)
      result.unlistedKeys.append(name)
    }
    result.checkpoint.state = state
    result.notes = notes
    return result
  }

  // MARK: - What is said of names

  private mutating func applyFacts() throws(Malformed) {
    var views: OrderedDictionary<Int, [(number: Int, array: NDArray, view: TensorSharing.View)]> =
      [:]
    var copies: [(name: String, original: String)] = []
    for row in try rows("stored") {
      guard let name = row["name"]?.stringValue else { throw Malformed("a row has no name") }
      guard let place = tensors.index(forKey: name) else { continue }
      if let type = row["dtype"] {
        guard let dtype = type.stringValue.flatMap(DType.init(rawValue:)) else {
          throw Malformed("the type of \(name) is not known")
        }
        if let array = tensors.values[place].carrying(dtype) {
          tensors.values[place] = array
        } else {
          notes.append("\(name): the outline says \(dtype), and the file has another type")
        }
      }
      if let original = row["same_as"]?.stringValue { copies.append((name, original)) }
      if let json = row["view"] {
        let view = try TensorSharing.View(outline: json)
        views[view.storage, default: []].append((place, tensors.values[place], view))
      }
    }
    for members in views.values {
      guard let restored = ViewRestoration(members)?.restored() else {
        let names = members.map { tensors.keys[$0.number] }.joined(separator: ", ")
        notes.append("\(names): they shared their memory, and no longer do")
        continue
      }
      for (place, array) in restored { tensors.values[place] = array }
    }
    for (name, original) in copies {
      guard let mine = tensors[name], let theirs = tensors[original] else { continue }
      if mine.isBitwiseEqual(to: theirs) {
        tensors[name] = theirs
      } else {
        notes.append("\(name): it was tied to \(original), and has other values now")
      }
    }
  }

  private func rows(_ name: String) throws(Malformed) -> [Value] {
    guard let json = outline[name] else { return [] }
    guard case .list(let rows) = json else { throw Malformed("\(name) is not a list") }
    return rows
  }
}

extension TensorSharing.View {
  fileprivate init(outline json: Value) throws(OutlineDecoder.Malformed) {
    guard let storage = json["storage"]?.intValue, let offset = json["offset"]?.intValue,
      let elements = json["strides"]?.elements,
      case let strides = elements.compactMap(\.intValue), strides.count == elements.count
    else { throw OutlineDecoder.Malformed("a view is malformed") }
    self.init(storage: storage, offset: offset, strides: strides)
  }
}

extension NDArray {
  /// The bits of this array as those of another type; nil if they cannot be.
  ///
  /// An array of a complex type may be carried as its parts, in a last dimension of two.
  fileprivate func carrying(_ target: DType) -> NDArray? {
    if dtype == target { return self }
    var dimensions = shape.dimensions
    if target.realType == dtype {
      guard dimensions.popLast() == 2 else { return nil }
    } else if dtype.itemSize != target.itemSize || dtype.kind != .unsignedInteger {
      // A type with a meaning of its own is what another program made of the tensor.
      return nil
    }
    var source = contiguous()
    var (place, remainder) = (source.layout.offset * dtype.itemSize)
      .quotientAndRemainder(dividingBy: target.itemSize)
    if remainder != 0 {
      source = source.copied()
      place = 0
    }
    return NDArray(
      storage: source.storage, dtype: target, layout: Layout(Shape(dimensions), offset: place))
  }
}
