import Arrays
import Checkpoints
import HDF5
import States

/// Reads what Octave saves with `-hdf5`: for each variable a group with its `type`, a text, and its
/// `value`, a dataset whose axes are those of the variable the other way round, or a group of further
/// variables.
///
/// Keys are made as those of MAT-files are. Numbers have the type that Octave says, whatever they are
/// stored as: it may store whole doubles as integers, and stores a single truth value as a double.
struct OctaveReader {
  private var content: MATLABContent
  private let scan: HDF5Scan
  private var ancestors: Set<UInt64> = []

  /// The attribute of every variable.
  static let mark = "OCTAVE_NEW_FORMAT"
  private static let emptyName = "OCTAVE_EMPTY_MATRIX"
  private static let dimensionsName = "dims"
  /// What is known of these, or is of ranges, which are told as lost.
  private static let passedOver: Set = [mark, emptyName, "OCTAVE_GLOBAL", "OCTAVE_RANGE_NELEM"]
  private static let maximumTypeByteCount = 256

  private init(_ scan: HDF5Scan, into content: MATLABContent) {
    self.scan = scan
    self.content = content
  }

  /// Reads all variables of a file.
  ///
  /// - Throws: `CheckpointError`, `HDF5Error` or `FileError`.
  static func read(_ scan: HDF5Scan, into content: MATLABContent) throws -> MATLABContent {
    var reader = OctaveReader(scan, into: content)
    let root = try scan.root()
    reader.content.lose(attributes: try root.attributes.all().map(\.name), of: "/")
    for link in try root.links() { try reader.read(link, link.name, depth: 1) }
    return reader.content
  }

  // MARK: - Variables

  private mutating func read(_ link: HDF5ScannedLink, _ path: String, depth: Int) throws {
    try content.visit(path, depth: depth)
    guard case .hard(let address) = link.target else {
      return content.lose(
        .tensorDropped, path, "it is a link of HDF5's that is not hard, which is never followed")
    }
    guard ancestors.insert(address).inserted else {
      return content.lose(.tensorDropped, path, "the value contains itself")
    }
    defer { ancestors.remove(address) }
    let object = try scan.object(at: address, path: path)
    let names = try attributeNames(of: object, path)
    guard case .group(let group) = object, let type = try type(of: group, path),
      let value = try group.link("value"), case .hard(let place) = value.target
    else {
      return content.lose(
        .tensorDropped, path, "it is no variable of Octave's: it has no type or no value")
    }
    let inner = try scan.object(at: place, path: path)
    _ = try attributeNames(of: inner, path)
    switch inner {
    case .group(let members):
      try read(members, type, path, depth: depth)
    case .dataset(let dataset):
      try read(dataset, type, isEmpty: names.contains(Self.emptyName), path)
    case .namedDatatype:
      content.lose(.tensorDropped, path, "its value is a type")
    }
  }

  /// The names of the attributes of an object. Those that are not known are told as lost.
  private mutating func attributeNames(
    of object: HDF5ScannedObject, _ path: String
  ) throws -> [String] {
    let attributes = try object.attributes.all()
    try content.budget.count(object, attributes, at: path)
    let names = attributes.map(\.name)
    content.lose(attributes: names.filter { !Self.passedOver.contains($0) }, of: path)
    return names
  }

  private mutating func type(of group: HDF5ScannedGroup, _ path: String) throws -> String? {
    guard let link = try group.link("type"), case .hard(let address) = link.target,
      case .dataset(let dataset) = try scan.object(at: address, path: path),
      dataset.datatype.isFixedText, dataset.dataspace == .scalar
    else { return nil }
    let bytes = try content.bytes(
      of: dataset, at: path, maximumBytes: Self.maximumTypeByteCount)
    return try ifSound { try dataset.strings(decoding: bytes).first }
  }

  // MARK: - Structs and cells

  private mutating func read(
    _ members: HDF5ScannedGroup, _ type: String, _ path: String, depth: Int
  ) throws {
    let links = try members.links()
    switch type {
    case "scalar struct":
      if links.isEmpty { content.lose(.metadataDropped, path, "it is a struct without fields") }
      for link in links { try read(link, "\(path).\(link.name)", depth: depth + 1) }
    case "cell":
      try noteSize(of: members, "a cell", path)
      try readElements(links, path, depth: depth) { "\(path).\($0)" }
    case "struct":
      if links.isEmpty { content.lose(.metadataDropped, path, "it is structs without fields") }
      for (number, link) in links.enumerated() {
        try readField(link, path, depth: depth, isFirst: number == 0)
      }
    case "sparse matrix", "sparse bool matrix", "sparse complex matrix":
      content.lose(.tensorDropped, path, "it is a \(type); save full(\(path)) instead")
    default:
      content.lose(.tensorDropped, path, "it is of Octave's type \(type), not numbers")
    }
  }

  /// Reads a field of an array of structs: a cell with its value in each of them.
  private mutating func readField(
    _ link: HDF5ScannedLink, _ path: String, depth: Int, isFirst: Bool
  ) throws {
    let fieldPath = "\(path).\(link.name)"
    try content.visit(fieldPath, depth: depth)
    guard case .hard(let address) = link.target,
      case let object = try scan.object(at: address, path: fieldPath),
      case .group(let field) = object, try type(of: field, fieldPath) == "cell",
      let value = try field.link("value"), case .hard(let place) = value.target,
      case .group(let cell) = try scan.object(at: place, path: fieldPath)
    else {
      return content.lose(.tensorDropped, fieldPath, "it is no field of structs")
    }
    _ = try attributeNames(of: object, fieldPath)
    if isFirst { try noteSize(of: cell, "an array of structs", path) }
    try readElements(try cell.links(), fieldPath, depth: depth) { "\(path).\($0).\(link.name)" }
  }

  /// Tells of the size of a cell, which is beside its elements.
  private mutating func noteSize(
    of cell: HDF5ScannedGroup, _ noun: String, _ path: String
  ) throws {
    guard let link = try cell.link(Self.dimensionsName), case .hard(let address) = link.target,
      case .dataset(let dataset) = try scan.object(at: address, path: path),
      let lengths = try content.lengths(of: dataset, at: path)
    else {
      return content.note(path, "the file does not say which size \(noun) has")
    }
    content.note(path, noun, ofLengths: lengths)
  }

  /// Reads the elements of a cell, which are called `_0`, `_1`, … along the columns.
  private mutating func readElements(
    _ links: [HDF5ScannedLink], _ path: String, depth: Int, _ name: (Int) -> String
  ) throws {
    var elements: [(number: Int, link: HDF5ScannedLink)] = []
    for link in links where link.name != Self.dimensionsName {
      guard link.name.hasPrefix("_"), let number = Int(link.name.dropFirst()), number >= 0 else {
        let elementPath = "\(path).\(link.name)"
        try content.visit(elementPath, depth: depth)
        content.lose(.tensorDropped, elementPath, "it is no element of a cell")
        continue
      }
      elements.append((number, link))
    }
    elements.sort { $0.number < $1.number }
    if elements.isEmpty { content.lose(.metadataDropped, path, "it is a cell without elements") }
    for element in elements {
      try read(element.link, name(element.number), depth: depth + 1)
    }
  }

  // MARK: - Numbers and texts

  private mutating func read(
    _ dataset: HDF5ScannedDataset, _ type: String, isEmpty: Bool, _ path: String
  ) throws {
    let isText = type == "string" || type == "sq_string"
    guard isText || Self.dtype(of: type) != nil else {
      return content.lose(.tensorDropped, path, "it is of Octave's type \(type), not numbers")
    }
    if isEmpty {
      let lengths = try content.emptyLengths(of: dataset, at: path)
      if isText {
        content.note(path, "a text", ofEmpty: lengths)
        return content.add(.string(""), at: path)
      }
      return content.add(
        NDArray(
          uninitialized: Shape(lengths.reversed()), dtype: Self.dtype(of: type) ?? .float64),
        at: path)
    }
    if isText { return try readText(dataset, path) }
    guard let wanted = Self.dtype(of: type),
      let stored = DType(elements: dataset.datatype.littleEndian), dataset.dataspace != .null
    else {
      return content.lose(
        .tensorDropped, path,
        "its type, \("\(dataset.datatype)".shortened), is not one of a \(type)")
    }
    let place = CheckpointPlace(content.file.name, path)
    try content.add(dataset, as: stored, becoming: wanted, at: path) { array in
      guard stored != wanted else { return array }
      // What does not come out of it again was not made of it.
      guard let made = try? array.converted(to: wanted),
        let again = try? made.converted(to: stored), again.isBitwiseEqual(to: array)
      else {
        throw place.damaged("it is a \(type), stored as \(stored) that are not \(wanted)")
      }
      return made
    }
  }

  /// The type of the numbers of one of Octave's types; nil if it is none of numbers.
  private static func dtype(of type: String) -> DType? {
    switch type {
    case "scalar", "matrix", "null_matrix": return .float64
    case "float scalar", "float matrix": return .float32
    case "complex scalar", "complex matrix": return .complex128
    case "float complex scalar", "float complex matrix": return .complex64
    case "bool", "bool matrix": return .bool
    default:
      let words = type.split(separator: " ")
      guard words.count == 2, ["scalar", "matrix"].contains(words[1]),
        let dtype = DType(className: String(words[0])), dtype.isIntegral
      else { return nil }
      return dtype
    }
  }

  private mutating func readText(_ dataset: HDF5ScannedDataset, _ path: String) throws {
    guard let width = Letters.width(in: dataset), width == 1, Letters.rowCount(of: dataset) > 0
    else {
      return content.lose(
        .metadataDropped, path,
        "it is a text of the type \("\(dataset.datatype)".shortened), which is not read")
    }
    let letters = try content.letters(of: dataset, width: width, at: path)
    guard let value = letters.value() else {
      return content.lose(.metadataDropped, path, "it is a text that is not UTF-8")
    }
    content.add(value, at: path)
  }
}
