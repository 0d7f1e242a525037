import Arrays
import Checkpoints
import HDF5
import OrderedCollections
import States

/// Reads the values of a checkpoint: see <doc:Layout>, "Values".
struct ValueReader {
  let source: CheckpointFile
  let tensors: [String: NDArray]
  let rows: [String: (place: Int, digest: Digest)]
  private let verifies: Bool
  private let content: HDF5Content

  /// The group of all values, and what is kept for a format, are above those of the user.
  private static let maximumDepth = Checkpoint.maximumNesting + 8

  var root: HDF5ScannedGroup {
    get throws { try source.scan.root() }
  }

  /// - Parameters:
  ///   - arrays: The tensors of the file, in its order.
  ///   - verifies: Whether to compare values with their digests.
  init(_ source: CheckpointFile, arrays: [NDArray], verifies: Bool) throws {
    self.source = source
    self.verifies = verifies
    content = try HDF5Content(source.input)
    tensors = Dictionary(
      zip(source.tensors.map(\.path), arrays), uniquingKeysWith: { first, _ in first })
    rows = Dictionary(
      source.index.values.enumerated().map {
        ($0.element.path, ($0.offset, $0.element.digest))
      },
      uniquingKeysWith: { first, _ in first })
  }

  /// Everything in `/metadata`.
  func metadata() throws -> OrderedDictionary<String, Value> { try members(of: "metadata") }

  /// Everything in `/origin`; nil if the file has none.
  func origin() throws -> Origin? {
    guard try root.link("origin") != nil else { return nil }
    var origin = Origin()
    for (format, value) in try members(of: "origin") { origin[format] = value }
    return origin
  }

  private func members(of group: String) throws -> OrderedDictionary<String, Value> {
    guard try root.link(group) != nil else { return [:] }
    let value = try value(root.object(group), at: group, depth: 0)
    return OrderedDictionary(
      (value.dictionary ?? [:]).map { ($0.key.text, $0.value) }, uniquingKeysWith: { $1 })
  }

  /// The description of the model in `/architecture`.
  func architecture() throws -> Value? {
    guard try root.link("architecture") != nil else { return nil }
    let object = try root.object("architecture")
    guard let text = try value(object, at: "architecture", depth: 0).stringValue else {
      throw damaged("architecture", "it is not a text")
    }
    do {
      return try Value(json: text)
    } catch {
      throw damaged("architecture", error.description)
    }
  }

  /// The value at a path.
  func value(_ object: HDF5ScannedObject, at path: String, depth: Int) throws -> Value {
    guard depth <= Self.maximumDepth else {
      throw damaged(path, "values are nested more than \(Self.maximumDepth) deep")
    }
    if let array = tensors[path] { return .tensor(array) }
    switch object {
    case .group(let group): return try value(group, at: path, depth: depth)
    case .dataset(let dataset): return try value(dataset, at: path)
    case .namedDatatype: throw damaged(path, "it is neither a group nor a dataset")
    }
  }

  private func value(_ dataset: HDF5ScannedDataset, at path: String) throws -> Value {
    let type = try dataset.attributes.text("type")
    guard let value = try LeafReader(dataset, type, in: content).value() else {
      throw damaged(path, "it is not a value of any known kind")
    }
    if case .dataset(let leaf) = EncodedValue(value) { try check(leaf.digest, of: path) }
    return value
  }

  private func value(_ group: HDF5ScannedGroup, at path: String, depth: Int) throws -> Value {
    let container = try container(group, at: path)
    let type = container.type
    if type == "model" { return .model(try model(group, at: path)) }
    var members: [(name: String, value: Value)] = []
    for name in try names(in: group, at: path, isList: type == "list" || type == "tuple") {
      let member = try value(group.object(name), at: "\(path)/\(name)", depth: depth + 1)
      members.append((name, member))
    }
    switch type {
    case nil:
      var dictionary: OrderedDictionary<Value.Key, Value> = [:]
      for (name, value) in members {
        guard let key = ValueKeyName.decode(name[...]) else {
          throw damaged("\(path)/\(name)", "the name is not that of a key")
        }
        guard dictionary.updateValue(value, forKey: key) == nil else {
          throw damaged("\(path)/\(name)", "another value of the group has the same name")
        }
      }
      return .dict(dictionary)
    case "optimizer": return .optimizer(try optimizer(members, container, at: path))
    case "list": return .list(members.map(\.value))
    case "tuple": return .tuple(members.map(\.value))
    case "object":
      guard let state = members.first(where: { $0.name == "state" }),
        let className = container.attributes.first(where: { $0.name == "class" })
      else { throw damaged(path, "an object without its class or state") }
      return .object(type: className.text, state: state.value)
    case let other?: throw damaged(path, "the type \"\(other)\" is not known")
    }
  }

  /// The attributes of a group of values, compared with their digest.
  func container(_ group: HDF5ScannedGroup, at path: String) throws -> EncodedValue.Container {
    let attributes = group.attributes
    var container = EncodedValue.Container()
    for name in EncodedValue.Container.attributeNames {
      if let text = try attributes.text(name) { container.attributes.append((name, text)) }
    }
    try check(container.digest, of: path)
    return container
  }

  private func check(_ digest: Digest, of path: String) throws {
    guard verifies, let row = rows[path], row.digest != digest else { return }
    throw damaged(
      path, "it is not what was written: its digest is \(digest), the index says \(row.digest)")
  }

  /// The names in a group of values, in the order that the index remembers.
  private func names(in group: HDF5ScannedGroup, at path: String, isList: Bool) throws -> [String] {
    let passedOver = source.changes.passedOver
    let links = try group.links().filter { passedOver["\(path)/\($0.name)"] == nil }
    let names = try links.map { link in
      guard case .hard = link.target else {
        throw CheckpointError(
          .refused, file: source.path, place: "/\(path)/\(link.name)",
          reason: "it is a link to somewhere else, and only hard links are followed")
      }
      return link.name
    }
    if isList { return names.sorted { (Int($0) ?? .max, $0) < (Int($1) ?? .max, $1) } }
    return names.sorted { a, b in
      (rows["\(path)/\(a)"]?.place ?? .max, a) < (rows["\(path)/\(b)"]?.place ?? .max, b)
    }
  }

  func damaged(_ path: String, _ reason: String) -> CheckpointError {
    CheckpointError(.damaged, file: source.path, place: "/" + path, reason: reason)
  }

  /// Whether a dataset that the index does not list as a tensor is a value.
  static func isValue(_ dataset: HDF5ScannedDataset) throws -> Bool {
    if let type = try dataset.attributes.text("type") { return type != "tensor" }
    return LeafReader(dataset, nil).isValue
  }
}
