import Arrays
import Checkpoints
import Files
import HDF5
import OrderedCollections

/// The groups, datasets and attributes of a MAT-file.
struct MATLABLayout {
  /// What is laid out.
  private(set) var blueprint = HDF5Blueprint()
  /// The dataset of each tensor of the plan.
  private(set) var datasets: [HDF5Blueprint.DatasetID] = []
  /// The checksums, which are known when the tensors are written.
  let checksums: HDF5Blueprint.TextID

  /// The structs by their paths.
  private var groups: [[String]: HDF5Blueprint.GroupID] = [[]: .root]
  /// The fields of each struct, in order.
  private var fields: OrderedDictionary<[String], [String]> = [:]

  /// What an attribute of references to so many texts may take; MATLAB keeps longer lists elsewhere.
  private static let maximumFieldCount = 4000
  /// The values of the attribute that says how integers are to be taken.
  private static let logicalCode: Int32 = 1

  /// Lays out what a plan has.
  ///
  /// - Throws: `HDF5Error` for what HDF5 cannot hold.
  init(_ plan: MATLABPlan, _ options: WriteOptions) throws(HDF5Error) {
    try blueprint.addAttribute(
      MATLABAttributes.outlineName, texts: [plan.outline], to: .root)
    checksums = try blueprint.addReplaceableText(
      MATLABAttributes.checksumsName, plan.checksums(plan.items.map { _ in 0 }), to: .root)
    for item in plan.items { try add(item, options) }
    for (path, names) in fields {
      guard let group = groups[path] else { continue }
      try setClass("struct", of: group)
      guard names.count <= Self.maximumFieldCount else { continue }
      try blueprint.addAttribute(MATLABAttributes.fieldsName, letters: names, to: group)
    }
  }

  private mutating func add(
    _ item: MATLABPlan.Item, _ options: WriteOptions
  ) throws(HDF5Error) {
    let parent = Array(item.path.dropLast())
    let group = try group(parent)
    let name = item.path.last ?? ""
    addField(name, to: parent)
    let shape = item.storedShape
    let dtype = item.carrier.dtype
    let dataset: HDF5Blueprint.DatasetID
    if shape.elementCount == 0 {
      // In place of elements MATLAB keeps the size.
      var bytes: [UInt8] = []
      for length in shape.dimensions.reversed() { bytes.append(littleEndian: UInt64(length)) }
      dataset = try blueprint.addDataset(
        name, .uint64, .shape([shape.rank]), .bytes(bytes), in: group)
      try blueprint.addAttribute(MATLABAttributes.emptyName, .uint8, [1], to: dataset)
    } else {
      dataset = try blueprint.addDataset(
        name, MATLABCarrier.datatype(of: dtype), .shape(shape.dimensions),
        HDF5Blueprint.Content(of: shape, dtype, options), in: group)
    }
    try set(
      MATLABAttributes.className, MATLABCarrier.className(of: dtype) ?? "uint8", of: dataset)
    if dtype == .bool {
      var code: [UInt8] = []
      code.append(littleEndian: Self.logicalCode)
      try blueprint.addAttribute(MATLABAttributes.decodeName, .int32, code, to: dataset)
    }
    try setRecord(of: item, dataset)
    datasets.append(dataset)
  }

  /// Says what MATLAB does not.
  private mutating func setRecord(
    of item: MATLABPlan.Item, _ dataset: HDF5Blueprint.DatasetID
  ) throws(HDF5Error) {
    try set(MATLABAttributes.keyName, item.name, of: dataset)
    // What is found elsewhere was moved there, or copied, and need not be the same any more.
    try set(MATLABAttributes.pathName, item.path.joined(separator: "."), of: dataset)
    try set(MATLABAttributes.dtypeName, item.dtype.rawValue, of: dataset)
    var lengths: [UInt8] = []
    for length in item.array.shape.dimensions { lengths.append(littleEndian: Int64(length)) }
    try blueprint.addAttribute(
      MATLABAttributes.shapeName, .int64, lengths,
      .simple(dimensions: [item.array.rank]), to: dataset)
  }

  // MARK: - Structs

  private mutating func group(
    _ path: [String]
  ) throws(HDF5Error) -> HDF5Blueprint.GroupID {
    if let known = groups[path] { return known }
    let parent = Array(path.dropLast())
    let name = path.last ?? ""
    let group = try blueprint.addGroup(name, in: group(parent))
    addField(name, to: parent)
    groups[path] = group
    return group
  }

  private mutating func addField(_ name: String, to path: [String]) {
    if !path.isEmpty { fields[path, default: []].append(name) }
  }

  // MARK: - Attributes

  /// Sets a text that takes the bytes that it has.
  private mutating func set(
    _ name: String, _ text: String, of dataset: HDF5Blueprint.DatasetID
  ) throws(HDF5Error) {
    let bytes = Self.bytes(text)
    try blueprint.addAttribute(name, Self.datatype(bytes), bytes, to: dataset)
  }

  private mutating func setClass(
    _ name: String, of group: HDF5Blueprint.GroupID
  ) throws(HDF5Error) {
    let bytes = Self.bytes(name)
    try blueprint.addAttribute(MATLABAttributes.className, Self.datatype(bytes), bytes, to: group)
  }

  /// No text of HDF5's has no bytes.
  private static func bytes(_ text: String) -> [UInt8] { text.isEmpty ? [0] : Array(text.utf8) }

  private static func datatype(_ bytes: [UInt8]) -> HDF5Datatype {
    let isASCII = bytes.allSatisfy { $0 < 0x80 }
    return .string(
      HDF5StringFormat(
        .fixed(bytes: bytes.count), padding: .nullPadded,
        characterSet: isASCII ? .ascii : .utf8))
  }
}
