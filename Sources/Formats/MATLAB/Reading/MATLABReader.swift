import Arrays
import Checkpoints
import Files
import HDF5
import OrderedCollections
import States

/// Reads a MAT-file of version 7.3.
///
/// The key of a tensor is the way to it: the variable, the fields of structs and the numbers of elements
/// of cells and of arrays of structs, from 0 on along the columns, joined by points. A tensor that Ballast
/// wrote has the name that it had. Texts are metadata, and so are cells of texts, as lists. What has no
/// numbers is told as a `ConversionLoss`.
struct MATLABReader {
  private var content: MATLABContent
  private let scan: HDF5Scan
  /// The structs and cells on the way to a value.
  private var ancestors: Set<UInt64> = []

  /// Where MATLAB keeps the elements of cells.
  private static let elementsName = "#refs#"
  /// Where MATLAB keeps what objects of classes are made of.
  private static let objectsName = "#subsystem#"

  private init(_ scan: HDF5Scan, into content: MATLABContent) {
    self.scan = scan
    self.content = content
  }

  /// Reads all variables of a file.
  ///
  /// - Throws: `CheckpointError`, `HDF5Error` or `FileError`.
  static func read(_ scan: HDF5Scan, into content: MATLABContent) throws -> MATLABContent {
    var reader = MATLABReader(scan, into: content)
    try reader.readRoot()
    return reader.content
  }

  private mutating func readRoot() throws {
    let root = try scan.root()
    var others: [String] = []
    for attribute in try root.attributes.all() {
      switch attribute.name {
      case MATLABAttributes.outlineName:
        content.outline = try attribute.strings(maximumBytes: CheckpointOutline.maximumByteCount)
          .first
      case MATLABAttributes.checksumsName:
        content.checksums = try attribute.strings(maximumBytes: CheckpointOutline.maximumByteCount)
          .first
      default: others.append(attribute.name)
      }
    }
    content.lose(attributes: others, of: "/")
    for link in try root.links() where link.name != Self.elementsName {
      guard link.name != Self.objectsName else {
        content.lose(
          .metadataDropped, link.name, "it is what objects of MATLAB's classes are made of")
        continue
      }
      try read(link, at: link.name, depth: 1)
    }
  }

  // MARK: - Values

  private mutating func read(_ link: HDF5ScannedLink, at path: String, depth: Int) throws {
    guard case .hard(let address) = link.target else {
      return content.lose(
        .tensorDropped, path, "it is a link of HDF5's that is not hard, which is never followed")
    }
    try read(at: address, path, depth: depth)
  }

  /// Reads the value at an address.
  private mutating func read(at address: UInt64, _ path: String, depth: Int) throws {
    try content.visit(path, depth: depth)
    let object = try scan.object(at: address, path: path)
    guard ancestors.insert(address).inserted else {
      return content.lose(.tensorDropped, path, "the value contains itself")
    }
    defer { ancestors.remove(address) }
    let attributes = try MATLABAttributes(object.attributes)
    content.lose(attributes: attributes.others, of: path)
    switch object {
    case .namedDatatype:
      content.lose(.metadataDropped, path, "it is a type, and no checkpoint has those")
    case .group(let group):
      try read(group, attributes, path, depth: depth)
    case .dataset(let dataset):
      try read(dataset, attributes, path, depth: depth)
    }
  }

  private mutating func read(
    _ group: HDF5ScannedGroup, _ attributes: MATLABAttributes, _ path: String, depth: Int
  ) throws {
    if attributes.isSparse {
      return content.lose(
        .tensorDropped, path,
        "it is a sparse \(attributes.className ?? "") matrix; save full(\(path)) instead")
    }
    guard attributes.className ?? "struct" == "struct" else {
      return content.lose(
        .tensorDropped, path, "it is of the class \(attributes.className ?? ""), not numbers")
    }
    let links = try group.links()
    if links.isEmpty {
      return content.lose(.metadataDropped, path, "it is a struct without fields")
    }
    // MATLAB keeps the order of fields beside them; a name that is missing there comes last.
    let order = Dictionary(
      attributes.fields.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let fields = links.enumerated().sorted {
      (order[$0.element.name] ?? .max, $0.offset) < (order[$1.element.name] ?? .max, $1.offset)
    }
    for (_, link) in fields {
      if let elements = try elementsOfStructs(link, path) {
        for (number, element) in elements.enumerated() {
          try read(at: element, "\(path).\(number).\(link.name)", depth: depth + 1)
        }
      } else {
        try read(link, at: "\(path).\(link.name)", depth: depth + 1)
      }
    }
  }

  /// Of a field of an array of structs, where its values are: a dataset of references without a class.
  private func elementsOfStructs(_ link: HDF5ScannedLink, _ path: String) throws -> [UInt64]? {
    guard case .hard(let address) = link.target,
      case .dataset(let dataset) = try scan.object(at: address, path: "\(path).\(link.name)"),
      dataset.datatype == .objectReference,
      try dataset.attributes.attribute(MATLABAttributes.className) == nil
    else { return nil }
    return try references(dataset, "\(path).\(link.name)")
  }

  private mutating func read(
    _ dataset: HDF5ScannedDataset, _ attributes: MATLABAttributes, _ path: String, depth: Int
  ) throws {
    switch attributes.className {
    case "char": try readText(dataset, attributes, path)
    case "cell": try readCell(dataset, attributes, path, depth: depth)
    case "logical", "canonical empty", nil: try readNumbers(dataset, attributes, path)
    case let name? where DType(className: name) != nil:
      try readNumbers(dataset, attributes, path)
    case let name?:
      content.lose(.tensorDropped, path, "it is of the class \(name), not numbers")
    }
  }

  // MARK: - Numbers

  private mutating func readNumbers(
    _ dataset: HDF5ScannedDataset, _ attributes: MATLABAttributes, _ path: String
  ) throws {
    let name = attributes.key ?? path
    let named = attributes.className.flatMap(DType.init(className:))
    if attributes.isEmpty {
      guard let size = try content.lengths(of: dataset, at: path), size.contains(0),
        let shape = Shape(validating: size.reversed())
      else {
        throw content.error(.damaged, path, "it is said to be empty, and does not hold its size")
      }
      // Of no elements nothing but the record says that they are complex.
      let carrier = attributes.record.map { MATLABCarrier(of: $0.dtype, holdsOddNaN: false).dtype }
      let isCarried = carrier.flatMap(MATLABCarrier.className(of:)) == attributes.className
      let usual = attributes.className == "logical" ? .bool : named ?? .float64
      let dtype = isCarried ? carrier ?? usual : usual
      return content.add(
        NDArray(uninitialized: shape, dtype: dtype), name, at: path,
        record: attributes.record(of: dtype))
    }
    guard var dtype = DType(elements: dataset.datatype.littleEndian), dataset.dataspace != .null
    else {
      return content.lose(
        .tensorDropped, path,
        dataset.dataspace == .null
          ? "it holds nothing" : "its type, \(dataset.datatype), is not one of a tensor")
    }
    if attributes.className == "logical" {
      guard dtype == .uint8 || dtype == .int8 || dtype == .bool else {
        return content.lose(.tensorDropped, path, "it is logical, and stored as \(dtype)")
      }
      dtype = .uint8
    } else if let named, named != dtype.realType ?? dtype {
      content.note(path, "it is said to be \(named), and stored as \(dtype), which it is here")
    }
    let isLogical = attributes.className == "logical"
    let place = CheckpointPlace(content.file.name, path)
    let record = attributes.record(of: isLogical ? .bool : dtype)
    try content.add(dataset, as: dtype, name, at: path, record: record) { array in
      guard isLogical else { return array }
      guard array.holdsTruthValues else {
        throw place.damaged("it is logical, and holds other bytes than 0 and 1")
      }
      return NDArray(storage: array.storage, dtype: .bool, layout: array.layout)
    }
  }

  // MARK: - Texts

  private mutating func readText(
    _ dataset: HDF5ScannedDataset, _ attributes: MATLABAttributes, _ path: String
  ) throws {
    guard let value = try text(dataset, attributes, path) else {
      return content.lose(
        .metadataDropped, path,
        "it is a text of the type \(dataset.datatype) and of shape \(dataset.shape), or not of "
          + "Unicode, which is not read")
    }
    content.add(value, attributes.key ?? path, at: path)
  }

  /// A text, or a list of the rows of an array of letters; nil if it is neither.
  private func text(
    _ dataset: HDF5ScannedDataset, _ attributes: MATLABAttributes, _ path: String
  ) throws -> Value? {
    if attributes.isEmpty { return .string("") }
    guard case .integer(let width, false, _) = dataset.datatype, [1, 2, 4].contains(width),
      dataset.shape.count <= 2, dataset.dataspace != .null
    else { return nil }
    let bytes = try content.bytes(of: dataset, at: path)
    let units = try dataset.values(decoding: bytes).compactMap { value -> UInt32? in
      if case .integer(let number) = value { UInt32(exactly: number) } else { nil }
    }
    let rowCount = dataset.shape.count == 2 ? dataset.shape[1] : 1
    guard rowCount > 0 else { return .string("") }
    let rows = (0..<rowCount).map { row in
      Self.text(stride(from: row, to: units.count, by: rowCount).map { units[$0] }, width)
    }
    let texts = rows.compactMap(\.self)
    guard texts.count == rows.count else { return nil }
    return texts.count == 1 ? .string(texts[0]) : .list(texts.map(Value.string))
  }

  /// The text of code units; nil if they are none of Unicode's.
  private static func text(_ units: [UInt32], _ width: Int) -> String? {
    switch width {
    case 1: String(validating: units.map(UInt8.init(truncatingIfNeeded:)), as: UTF8.self)
    case 2: String(validating: units.map(UInt16.init(truncatingIfNeeded:)), as: UTF16.self)
    default: String(validating: units, as: UTF32.self)
    }
  }

  // MARK: - Cells

  private mutating func readCell(
    _ dataset: HDF5ScannedDataset, _ attributes: MATLABAttributes, _ path: String, depth: Int
  ) throws {
    if attributes.isEmpty { return content.add(.list([]), path, at: path) }
    guard dataset.datatype == .objectReference else {
      throw content.error(.damaged, path, "it is a cell, and its elements are no references")
    }
    let elements = try references(dataset, path)
    if let texts = try texts(elements, path) {
      return content.add(.list(texts), path, at: path)
    }
    if dataset.shape.count(where: { $0 > 1 }) > 1 {
      let size = dataset.shape.reversed().map(String.init).joined(separator: " × ")
      content.note(path, "a cell of \(size); its elements are numbered along the columns")
    }
    for (number, element) in elements.enumerated() {
      try read(at: element, "\(path).\(number)", depth: depth + 1)
    }
  }

  /// The addresses that a dataset of references has.
  private func references(_ dataset: HDF5ScannedDataset, _ path: String) throws -> [UInt64] {
    try dataset.values(decoding: content.bytes(of: dataset, at: path)).map { value in
      guard case .objectReference(let reference) = value else { return 0 }
      return reference.rawValue
    }
  }

  /// The elements of a cell, if all of them are single texts.
  private mutating func texts(_ elements: [UInt64], _ path: String) throws -> [Value]? {
    var texts: [Value] = []
    for (number, element) in elements.enumerated() {
      let path = "\(path).\(number)"
      try content.visit(path, depth: 1)
      guard case .dataset(let dataset) = try scan.object(at: element, path: path) else {
        return nil
      }
      let attributes = try MATLABAttributes(dataset.attributes)
      guard attributes.className == "char", attributes.others.isEmpty,
        let value = try text(dataset, attributes, path), case .string = value
      else { return nil }
      texts.append(value)
    }
    return elements.isEmpty ? nil : texts
  }
}

extension DType {
  /// The type of the numbers of a class of MATLAB's; nil if it is none of numbers.
  init?(className: String) {
    switch className {
    case "double": self = .float64
    case "single": self = .float32
    case "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64":
      guard let dtype = DType(rawValue: className) else { return nil }
      self = dtype
    default: return nil
    }
  }
}

extension NDArray {
  /// Whether all bytes are 0 or 1.
  var holdsTruthValues: Bool {
    withContiguousBytes { bytes in
      for place in 0..<bytes.byteCount where bytes[place] > 1 { return false }
      return true
    }
  }
}
