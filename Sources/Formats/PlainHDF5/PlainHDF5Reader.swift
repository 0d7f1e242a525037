import Arrays
import Checkpoints
import Files
import HDF5
import OrderedCollections
import States

/// Reads an HDF5 file that nobody described: its datasets are the tensors.
///
/// The key of a tensor is its path, the parts joined by dots: `/conv1/weight` is `conv1.weight`, as a
/// dataset `conv1.weight` in the root is. A key that two paths would have is the path itself for
/// the second; where a part has a dot in it, `Checkpoint.origin` says which path a key was. A
/// dataset with several names is a tied tensor. Attributes of the root are metadata, as are single
/// texts; what no tensor or value can hold is told as a ``/States/ConversionLoss``.
///
/// Only hard links are followed. Data in other files, and filters other than those of every HDF5
/// library, are refused.
struct PlainHDF5Reader {
  private let content: HDF5Content
  private let maps: Bool
  private var tensors: OrderedDictionary<String, NDArray> = [:]
  private var metadata: OrderedDictionary<String, Value> = [:]
  private var oddPaths: OrderedDictionary<Value.Key, Value> = [:]
  private var losses: [ConversionLoss] = []
  private var byAddress: [UInt64: NDArray] = [:]

  /// What has to be read into memory may be so much, or a hundred times the file.
  private static let harmlessByteCount = 256 << 20
  private static let largestExpansion = 100
  private static let maximumLinkCount = 1 << 18
  private static let maximumAttributeByteCount = 1 << 20
  private static let maximumTextByteCount = 1 << 24

  /// The checkpoint in a file.
  ///
  /// - Throws: ``CheckpointError``.
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
    for entry in entries { try add(entry) }
    if tensors.isEmpty, metadata.isEmpty, losses.isEmpty {
      // Nothing else would say that the file is not empty.
      losses = entries.map { ConversionLoss(.metadataDropped, $0.path, "it is an empty group") }
    }
    var result = try ArrayCollection(file: content.name, tensors: tensors).checkpoint()
    result.checkpoint.metadata = metadata
    if !oddPaths.isEmpty { result.checkpoint.origin["hdf5"] = .dict(oddPaths) }
    result.losses = losses
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
    return entries
  }

  private mutating func add(_ entry: ObjectWalk.Entry) throws {
    let path = entry.path
    guard let dataset = entry.dataset else {
      return tellAttributes(of: path, try entry.object.attributes.all().map(\.name))
    }
    let names = try dataset.attributes.all().map(\.name)
    guard let dtype = try dtype(of: dataset), dataset.dataspace != .null else {
      return try addOther(dataset, path, attributeNames: names)
    }
    tellAttributes(of: path, names.filter { $0 != Self.dtypeName })
    let key = key(path)
    guard tensors[key] == nil else {
      throw CheckpointError(
        .unsupported, file: content.name, place: "/" + path,
        reason: "two datasets have names that differ only in how they encode an accent",
        advice: "Rename one of them.")
    }
    if let array = byAddress[dataset.address] {
      tensors[key] = array
      return
    }
    let array = try content.tensor(dataset, as: dtype, path: "/" + path, maps: maps)
    byAddress[dataset.address] = array
    tensors[key] = array
  }

  /// The attribute by which Keras and Ballast name a type that HDF5 lacks.
  private static let dtypeName = "dtype"

  private func dtype(of dataset: HDF5ScannedDataset) throws -> DType? {
    switch dataset.datatype {
    case .opaque, .uint8:
      if let attribute = try dataset.attributes.attribute(Self.dtypeName),
        attribute.bytes.count <= Self.maximumAttributeByteCount,
        let name = try ifSound({ try attribute.strings().first }),
        let named = DType(rawValue: name),
        named.itemSize == dataset.elementByteCount
      {
        return named
      }
    case .enumeration(let base, _) where dataset.datatype.isBoolean && base.byteCount == 1:
      return .bool
    default: break
    }
    return HDF5Content.dtype(of: dataset)
  }

  /// Refuses a file that was made to fill the memory, before any of it is read.
  private func checkExpansion(_ entries: [ObjectWalk.Entry]) throws {
    var sum = 0
    var counted: Set<UInt64> = []
    for entry in entries {
      guard let dataset = entry.dataset, dataset.contiguousRange == nil,
        counted.insert(dataset.address).inserted, try dtype(of: dataset) != nil
      else { continue }
      // A chunk is decompressed as a whole, however few of its elements the dataset has.
      let byteCount = max(dataset.byteCount ?? .max, dataset.chunkByteCount ?? 0)
      let (next, overflow) = sum.addingReportingOverflow(byteCount)
      sum = next
      guard !overflow,
        sum <= Self.harmlessByteCount || sum / Self.largestExpansion <= content.byteCount
      else {
        throw CheckpointError(
          .refused, file: content.name, place: "/" + entry.path,
          reason: "with this dataset a file of \(content.byteCount) bytes claims to hold more "
            + "than \(Self.largestExpansion) times that")
      }
    }
  }

  private mutating func key(_ path: String) -> String {
    var key = path.replacing("/", with: ".")
    if tensors[key] != nil { key = path }
    if path.contains("."), path.contains("/") {
      oddPaths[.string(key)] = .string("/" + path)
    }
    return key
  }

  /// A dataset that is no tensor: a text is kept, others are told.
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
      tellAttributes(of: path, attributeNames)
      return
    }
    losses.append(
      ConversionLoss(
        .tensorDropped, path,
        dataset.dataspace == .null
          ? "it holds nothing" : "its type, \(dataset.datatype), is not one of a tensor"))
  }

  // MARK: - Attributes

  private mutating func tellAttributes(of path: String, _ names: [String]) {
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
