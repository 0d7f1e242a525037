import Checkpoints
import HDF5
import OrderedCollections
import States

/// How a file differs from what its index lists, because another program changed it: see <doc:Layout>,
/// "The index".
struct FileChanges: Sendable {
  /// The paths of tensors and values that were added, and are read.
  private(set) var added: OrderedSet<String> = []
  /// What was added and is not read, by its path.
  private(set) var passedOver: OrderedDictionary<String, [ConversionLoss]> = [:]
  /// The paths of tensors and values that are gone.
  private(set) var missing: [String] = []

  /// Whether the file holds what the index lists, and nothing else.
  var isEmpty: Bool { added.isEmpty && passedOver.isEmpty && missing.isEmpty }

  /// Records something that is read.
  mutating func add(_ path: String) { added.append(path) }

  /// Records something that is not read.
  mutating func passOver(_ path: String, _ kind: ConversionLoss.Kind, _ reason: String) {
    passedOver[path, default: []].append(
      ConversionLoss(kind, "/" + path, reason + "; another tool added it"))
  }

  /// Records something that the index lists.
  mutating func miss(_ path: String) { missing.append(path) }

  /// What a checkpoint that is read from the file does not have of it, or of what it had.
  var losses: [ConversionLoss] {
    missing.map { path in
      ConversionLoss(
        path.hasPrefix("optimizer")
          ? .optimizerDropped
          : Self.isTensor(path)
            ? .tensorDropped : .metadataDropped, "/" + path,
        "the index lists it, and it is not in the file; another tool took it out")
    } + passedOver.values.joined()
  }

  /// What is read though nothing vouches for it.
  var notes: [String] {
    added.map { "\($0): nothing vouches for it; another tool added it" }
  }

  private static func isTensor(_ path: String) -> Bool {
    path.hasPrefix("parameters/") || path.hasPrefix("buffers/")
  }
}

extension FileChanges {
  /// Looks for what no tensor or value is: things beside the groups of a checkpoint, and attributes.
  ///
  /// - Parameter root: The group of all.
  mutating func look(at root: HDF5ScannedGroup) throws {
    let known: Set = [
      "parameters", "buffers", "optimizer", "metadata", "origin", "architecture", "index",
    ]
    for link in try root.links() where !known.contains(link.name) {
      let reason =
        switch link.target {
        case .hard: "it is in no group of a checkpoint"
        case .soft, .external, .userDefined: "it is a link, and only hard links are followed"
        }
      passOver(link.name, .tensorDropped, reason)
    }
    try look(at: root.attributes, of: "", besides: ["format", "format_version", "producer"])
    for name in ["parameters", "buffers", "optimizer", "metadata", "origin"] {
      guard try root.link(name) != nil else { continue }
      try look(at: root.group(name).attributes, of: name, besides: Self.groupAttributes)
    }
    if try root.link("architecture") != nil {
      let attributes = try root.object("architecture").attributes
      try look(at: attributes, of: "architecture", besides: Self.datasetAttributes)
    }
    let index = try root.group("index")
    let parts: Set = [
      "tensors", "values", "modules", "extents", "text", "file_size", "checksum", "seal",
    ]
    for link in try index.links() where !parts.contains(link.name) {
      passOver("index/\(link.name)", .metadataDropped, "it is no part of an index")
    }
    try look(at: index.attributes, of: "index", besides: [])
  }

  /// Looks at the attributes of a tensor, a value or a group of them.
  mutating func look(at object: HDF5ScannedObject, of path: String) throws {
    switch object {
    case .group(let group):
      try look(at: group.attributes, of: path, besides: Self.groupAttributes)
    case .dataset(let dataset):
      try look(at: dataset.attributes, of: path, besides: Self.datasetAttributes)
    case .namedDatatype: break
    }
  }

  private static let groupAttributes: Set<String> = Set(EncodedValue.Container.attributeNames)
  private static let datasetAttributes: Set<String> = ["dtype", "type"]

  private mutating func look(
    at attributes: HDF5ScannedAttributes, of path: String, besides known: Set<String>
  ) throws {
    for attribute in try attributes.all() where !known.contains(attribute.name) {
      passOver(
        "\(path)@\(attribute.name)", .metadataDropped, "it is an attribute, and is not kept")
    }
  }
}
