import Arrays
import Checkpoints
import HDF5
import States

/// Reads a MAT-file of version 7.3.
///
/// The key of a tensor is the way to it: the variable, the fields of structs and the numbers of elements
/// of cells and of arrays of structs, from 0 on along the columns, joined by points. A tensor that Ballast
/// wrote has the name that it had, as long as it is where Ballast put it. Texts are metadata, and so are
/// cells of texts, as lists. What has no numbers is told as a `ConversionLoss`.
struct MATLABReader {
  var content: MATLABContent
  let scan: HDF5Scan
  /// The structs and cells on the way to a value.
  private var ancestors: Set<UInt64> = []
  /// The datasets that were taken for what Ballast says that they are.
  private var originals: Set<UInt64> = []

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
      try content.visit(path, depth: depth)
      return content.lose(
        .tensorDropped, path, "it is a link of HDF5's that is not hard, which is never followed")
    }
    try read(at: address, path, depth: depth)
  }

  /// Reads an element of a cell, or of a field of an array of structs.
  mutating func read(element reference: UInt64, _ path: String, depth: Int) throws {
    guard reference != 0 else {
      try content.visit(path, depth: depth)
      return content.lose(.tensorDropped, path, "it is a reference to nothing")
    }
    try read(at: reference, path, depth: depth)
  }

  /// Reads the value at an address.
  private mutating func read(at address: UInt64, _ path: String, depth: Int) throws {
    try content.visit(path, depth: depth)
    guard ancestors.insert(address).inserted else {
      return content.lose(.tensorDropped, path, "the value contains itself")
    }
    defer { ancestors.remove(address) }
    let object = try scan.object(at: address, path: path)
    let attributes = try attributes(of: object, path)
    content.lose(attributes: attributes.others, of: path)
    if let change = attributes.python.change { content.note(path, change) }
    let original = original(attributes, address, path)
    switch object {
    case .namedDatatype:
      content.lose(.metadataDropped, path, "it is a type, and no checkpoint has those")
    case .group(let group):
      try read(group, attributes, path, depth: depth)
    case .dataset(let dataset):
      try read(dataset, attributes, original, path, depth: depth)
    }
  }

  /// What the attributes of an object say, which is counted.
  mutating func attributes(
    of object: HDF5ScannedObject, _ path: String
  ) throws -> MATLABAttributes {
    let all = try object.attributes.all()
    try content.budget.count(object, all, at: path)
    let attributes = try MATLABAttributes(all)
    try content.budget.count(textByteCount: attributes.textByteCount, at: path)
    return attributes
  }

  /// What a dataset was, if it is where it was written: programs that move or copy it, or hang another name
  /// on it, leave its attributes as they were.
  private mutating func original(
    _ attributes: MATLABAttributes, _ address: UInt64, _ path: String
  ) -> MATLABContent.Original {
    guard attributes.areOfBallast else {
      return attributes.python.shape.map(MATLABContent.Original.python) ?? .unknown
    }
    if let key = attributes.key, let record = attributes.record, attributes.path == path,
      originals.insert(address).inserted
    {
      return .ballast(name: key, record)
    }
    let key = attributes.key.map { " as \($0.shortened)" } ?? ""
    content.note(
      path,
      "Ballast wrote it\(key), and another program put it here: it is what the file has")
    return .moved
  }

  // MARK: - Structs

  private mutating func read(
    _ group: HDF5ScannedGroup, _ attributes: MATLABAttributes, _ path: String, depth: Int
  ) throws {
    let className = attributes.className?.shortened ?? "struct"
    if attributes.isSparse {
      return content.lose(
        .tensorDropped, path, "it is a sparse \(className) matrix; save full(\(path)) instead")
    }
    guard className == "struct" else {
      return content.lose(.tensorDropped, path, "it is of the class \(className), not numbers")
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
    var hasSize = false
    for (_, link) in fields {
      guard let field = try fieldOfStructs(link, path, depth: depth + 1) else {
        try read(link, at: "\(path).\(link.name)", depth: depth + 1)
        continue
      }
      if !hasSize { content.note(path, "an array of structs", ofLengths: field.shape) }
      hasSize = true
      let elements = try references(field, "\(path).\(link.name)")
      if elements.isEmpty {
        content.lose(
          .metadataDropped, "\(path).\(link.name)", "it is a field of no structs")
      }
      for (number, element) in elements.enumerated() {
        try read(element: element, "\(path).\(number).\(link.name)", depth: depth + 1)
      }
    }
  }

  /// Of a field of an array of structs, where its values are: a dataset of references without a class.
  private mutating func fieldOfStructs(
    _ link: HDF5ScannedLink, _ path: String, depth: Int
  ) throws -> HDF5ScannedDataset? {
    let path = "\(path).\(link.name)"
    guard case .hard(let address) = link.target,
      case let object = try scan.object(at: address, path: path),
      case .dataset(let dataset) = object, dataset.datatype == .objectReference,
      try dataset.attributes.attribute(MATLABAttributes.className) == nil
    else { return nil }
    try content.visit(path, depth: depth)
    let attributes = try attributes(of: object, path)
    content.lose(attributes: attributes.others, of: path)
    return dataset
  }

  // MARK: - Datasets

  private mutating func read(
    _ dataset: HDF5ScannedDataset, _ attributes: MATLABAttributes,
    _ original: MATLABContent.Original, _ path: String, depth: Int
  ) throws {
    switch attributes.className {
    case "char": try readText(dataset, attributes, path)
    case "cell": try readCell(dataset, attributes, path, depth: depth)
    case "logical", "canonical empty": try readNumbers(dataset, attributes, original, path)
    case nil:
      content.note(
        path,
        "no class of MATLAB's is said of it; its axes are taken to be the other way round, as "
          + "MATLAB's are")
      try readNumbers(dataset, attributes, original, path)
    case let name? where DType(className: name) != nil:
      try readNumbers(dataset, attributes, original, path)
    case let name?:
      content.lose(.tensorDropped, path, "it is of the class \(name.shortened), not numbers")
    }
  }
}
