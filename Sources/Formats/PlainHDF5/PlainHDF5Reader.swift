import Arrays
import Checkpoints
import Files
import HDF5
import OrderedCollections
import States

/// Reads an HDF5 file that nobody described: its datasets are the tensors.
///
/// The key of a tensor is its path, the parts joined by dots: `/conv1/weight` is `conv1.weight`, as a
/// dataset `conv1.weight` in the root is. Of paths that would have one key, those with a slash are
/// keys as they are; where a part has a dot in it, `Checkpoint.origin` says which path a key was. A
/// dataset with several names is a tied tensor. Attributes of the root are metadata, as are single
/// texts.
///
/// Elements may be numbers, truths, enumerations, complex numbers, or arrays of HDF5's of these, which
/// become further dimensions. What no tensor or value can hold is reported as a
/// ``/States/ConversionLoss``, and so is an object that is not read: only hard links are followed, data
/// in other files are not looked for, and of filters those of HDF5 itself and LZF are known. Damage,
/// however, is an error of the file, and so is such an object if no tensor is left beside it.
struct PlainHDF5Reader {
  private let content: HDF5Content
  private let maps: Bool
  private var tensors: OrderedDictionary<String, NDArray> = [:]
  private var metadata: OrderedDictionary<String, Value> = [:]
  /// The paths whose keys do not say them, by key.
  private var oddPaths: OrderedDictionary<Value.Key, Value> = [:]
  /// The keys that several paths would have.
  private var sharedKeys: Set<String> = []
  private var notes: [String] = []
  private var losses: [ConversionLoss] = []
  /// The first object that was not read, as the error that it is if there is no tensor.
  private var refusal: CheckpointError?
  private var byAddress: [UInt64: NDArray] = [:]

  /// What has to be read into memory may be so much, or a hundred times the file.
  private static let harmlessByteCount = 256 << 20
  private static let maximumExpansion = 100
  private static let maximumLinkCount = 1 << 18
  private static let maximumAttributeByteCount = 1 << 20
  private static let maximumTextByteCount = 1 << 24

  /// The checkpoint in a file.
  ///
  /// - Throws: `CheckpointError`.
  static func read(_ probe: FileProbe, maps: Bool) throws(CheckpointError) -> ReadResult {
    try CheckpointError.reporting(probe.path) {
      let content = try HDF5Content(probe)
      var reader = PlainHDF5Reader(content: content, maps: maps)
      return try reader.read(content.scan())
    }
  }

  private init(content: HDF5Content, maps: Bool) {
    self.content = content
    self.maps = maps
  }

  private mutating func read(_ scan: HDF5Scan) throws -> ReadResult {
    try readAttributes(ofRoot: scan.root().attributes)
    let entries = try entries(of: scan)
    try checkExpansion(entries)
    findSharedKeys(entries)
    for entry in entries { try add(entry) }
    if tensors.isEmpty, let refusal { throw refusal }
    if tensors.isEmpty, metadata.isEmpty, losses.isEmpty {
      // Nothing else would say that the file is not empty.
      losses = entries.map { ConversionLoss(.metadataDropped, $0.path, "it is an empty group") }
    }
    var result = try ArrayCollection(file: content.name, tensors: tensors).checkpoint()
    result.checkpoint.metadata = metadata
    if !oddPaths.isEmpty { result.checkpoint.origin["hdf5"] = .dict(oddPaths) }
    result.losses = losses
    result.notes = notes
    return result
  }

  // MARK: - Datasets

  /// All datasets and groups below the root.
  private mutating func entries(of scan: HDF5Scan) throws -> [ObjectWalk.Entry] {
    var left: [ConversionLoss] = []
    let walk = ObjectWalk(
      content.name, scan, maximumLinkCount: Self.maximumLinkCount,
      passingOver: { left.append($0) })
    var entries: [ObjectWalk.Entry] = []
    try walk.forEach(below: scan.root()) { entries.append($0) }
    losses += left
    refusal = left.first { $0.kind == .tensorDropped }.map {
      CheckpointError(.refused, file: content.name, place: $0.subject, reason: $0.detail)
    }
    return entries
  }

  private mutating func add(_ entry: ObjectWalk.Entry) throws {
    let path = entry.path
    guard let dataset = entry.dataset else {
      return reportAttributes(of: path, try entry.object.attributes.all().map(\.name))
    }
    let names = try dataset.attributes.all().map(\.name)
    guard let element = try PlainElement(of: dataset), dataset.dataspace != .null else {
      return try addOther(dataset, path, attributeNames: names)
    }
    let array: NDArray
    if let known = byAddress[dataset.address] {
      array = known
    } else {
      do {
        array = try content.tensor(
          dataset, as: element.dtype, elementShape: element.shape, path: "/" + path, maps: maps)
      } catch let error as CheckpointError where error.code == .refused {
        losses.append(ConversionLoss(.tensorDropped, path, error.reason))
        refusal = refusal ?? error
        return
      }
    }
    byAddress[dataset.address] = array
    reportAttributes(of: path, names.filter { $0 != PlainElement.dtypeName })
    if case .enumeration(_, let members) = dataset.datatype, element.dtype != .bool {
      let few = members.prefix(4).map { "\($0.name) = \($0.value)" }.joined(separator: ", ")
      losses.append(
        ConversionLoss(
          .metadataDropped, path,
          "the names of its numbers are not kept: \(few)\(members.count > 4 ? ", …" : "")"))
    }
    let key = key(path)
    guard tensors.updateValue(array, forKey: key) == nil else {
      throw CheckpointError(
        .unsupported, file: content.name, place: "/" + path,
        reason: "two datasets have names that differ only in how they encode an accent",
        advice: "Rename one of them.")
    }
  }

  /// Refuses a file that was made to fill the memory, before any of it is read. What is not read at
  /// all takes none: the elements of a virtual dataset, say, are in other files.
  private func checkExpansion(_ entries: [ObjectWalk.Entry]) throws {
    var sum = 0
    var counted: Set<UInt64> = []
    for entry in entries {
      guard let dataset = entry.dataset, dataset.contiguousRange == nil, !dataset.isVirtual,
        !dataset.hasExternalStorage, dataset.filters.allSatisfy(ChunkFilters.isKnown),
        counted.insert(dataset.address).inserted, try PlainElement(of: dataset) != nil
      else { continue }
      // A chunk is decompressed as a whole, however few of its elements the dataset has.
      let byteCount = max(dataset.byteCount ?? .max, dataset.chunkByteCount ?? 0)
      let (next, overflow) = sum.addingReportingOverflow(byteCount)
      sum = next
      guard !overflow,
        sum <= Self.harmlessByteCount || sum / Self.maximumExpansion <= content.byteCount
      else {
        throw CheckpointError(
          .refused, file: content.name, place: "/" + entry.path,
          reason: "with this dataset a file of \(content.byteCount) bytes claims to hold more "
            + "than \(Self.maximumExpansion) times that")
      }
    }
  }

  private mutating func findSharedKeys(_ entries: [ObjectWalk.Entry]) {
    var paths: [String: String] = [:]
    for entry in entries where entry.dataset != nil {
      let key = Self.dotted(entry.path)
      guard let other = paths.updateValue(entry.path, forKey: key), other != entry.path,
        sharedKeys.insert(key).inserted
      else { continue }
      notes.append(
        "/\(other) and /\(entry.path) would both be \(key): a path with a slash is a key as it is")
    }
  }

  private static func dotted(_ path: String) -> String { path.replacing("/", with: ".") }

  private mutating func key(_ path: String) -> String {
    var key = Self.dotted(path)
    if sharedKeys.contains(key) { key = path }
    if path.contains("/"), path.contains(".") || key == path {
      oddPaths[.string(key)] = .string("/" + path)
    }
    return key
  }

  /// A dataset that is no tensor: a text is kept, others are reported as losses.
  private mutating func addOther(
    _ dataset: HDF5ScannedDataset, _ path: String, attributeNames: [String]
  ) throws {
    if case .string = dataset.datatype, dataset.dataspace == .scalar, metadata[path] == nil,
      !dataset.hasExternalStorage,
      let text = try ifSound({
        try dataset.strings(
          decoding: dataset.bytes(maximumBytes: Self.maximumTextByteCount),
          maximumBytes: Self.maximumTextByteCount
        ).first
      })
    {
      metadata[path] = .string(text)
      reportAttributes(of: path, attributeNames)
      return
    }
    losses.append(
      ConversionLoss(
        .tensorDropped, path,
        dataset.dataspace == .null
          ? "it holds nothing" : "its type, \(dataset.datatype), is not one of a tensor"))
  }

  // MARK: - Attributes

  private mutating func reportAttributes(of path: String, _ names: [String]) {
    guard !names.isEmpty else { return }
    losses.append(
      ConversionLoss(
        .metadataDropped, path,
        "its attribute\(names.count == 1 ? "" : "s") \(names.joined(separator: ", ")) "
          + (names.count == 1 ? "is" : "are") + " not kept"))
  }

  private mutating func readAttributes(ofRoot attributes: HDF5ScannedAttributes) throws {
    for attribute in try attributes.all() {
      if let value = try value(of: attribute) {
        metadata[attribute.name] = value
      } else {
        losses.append(
          ConversionLoss(
            .metadataDropped, attribute.name,
            "its type, \(attribute.datatype), of shape \(attribute.shape) is not one of a value"))
      }
    }
  }

  /// A number, a truth, a text, or a list of them.
  private func value(of attribute: HDF5ScannedAttribute) throws -> Value? {
    if attribute.dataspace == .null { return Value.none }
    guard attribute.shape.count <= 1,
      let elements = try ifSound({
        try attribute.values(maximumBytes: Self.maximumAttributeByteCount)
      })
    else { return nil }
    let values = elements.compactMap(Value.init)
    guard values.count == elements.count else { return nil }
    return attribute.dataspace == .scalar ? values.first : .list(values)
  }
}

extension Value {
  /// The value of an element, nil if it is a record or a reference.
  fileprivate init?(_ element: HDF5Value) {
    switch element {
    case .integer(let number): self = .int(Int(number))
    case .unsigned(let number): self = .bigInt(String(number))
    case .float(let number): self = .float(number)
    case .boolean(let truth): self = .bool(truth)
    case .string(let text): self = .string(text)
    case .bytes(let bytes): self = .bytes(bytes)
    case .array(let elements):
      let values = elements.compactMap(Value.init)
      guard values.count == elements.count else { return nil }
      self = .list(values)
    case .compound, .objectReference, .regionReference: return nil
    }
  }
}
