import Arrays
import CDeflate
import Checkpoints
import Files
import HDF5
import OrderedCollections
import States

/// A value as the file holds it: see <doc:Layout>, "Values".
enum EncodedValue {
  /// A group of values.
  case group(Container)
  /// A dataset of a single value or a list.
  case dataset(Leaf)
  /// A dataset of a tensor.
  case tensor(NDArray)

  struct Container {
    /// What the attributes say, in the order of ``attributeNames``; none for a dictionary.
    var attributes: [(name: String, text: String)] = []
    /// The names of the links, and what they lead to.
    var members: [(name: String, value: Value)] = []

    /// The attributes that a group of values may have.
    static let attributeNames = ["type", "class", "naming"]

    /// What the attribute `type` says, nil for a dictionary.
    var type: String? { attributes.first { $0.name == "type" }?.text }

    /// The digest of the attributes; the members have their own.
    var digest: Digest {
      var sum = RunningDigest()
      sum.update("group\n")
      for attribute in attributes { sum.update("\(attribute.name)=\(attribute.text)\n") }
      return sum.digest
    }
  }

  struct Leaf {
    var datatype: HDF5Datatype
    var content: Content
    /// What the attribute `type` says, if the HDF5 type does not.
    var type: String?
    /// The name of the kind, which begins the digest.
    var kind: String

    var digest: Digest {
      var sum = RunningDigest()
      sum.update(kind + "\n")
      switch content {
      case .null: break
      case .scalar(let bytes), .vector(let bytes, _): sum.update(bytes)
      }
      return sum.digest
    }
  }

  enum Content {
    /// A null dataspace.
    case null
    /// One element.
    case scalar([UInt8])
    /// Elements along one dimension, and how many.
    case vector([UInt8], count: Int)
  }

  /// How the file holds `value`; of a model only its group.
  init(_ value: Value) {
    switch value {
    case .none: self = .dataset(Leaf(datatype: .uint8, content: .null, type: "none", kind: "none"))
    case .bool(let value):
      self = .dataset(Leaf(datatype: .boolean, content: .scalar([value ? 1 : 0]), kind: "bool"))
    case .int(let value):
      self = .dataset(Leaf(datatype: .int64, content: .scalar(Self.bytes([value])), kind: "int"))
    case .bigInt(let digits): self = .dataset(Self.text(digits, type: "int", kind: "bigint"))
    case .float(let value):
      self = .dataset(
        Leaf(datatype: .float64, content: .scalar(Self.bytes([value])), kind: "float"))
    case .complex(let real, let imaginary):
      self = .dataset(
        Leaf(
          datatype: .complex(.float64), content: .scalar(Self.bytes([real, imaginary])),
          kind: "complex"))
    case .string(let text): self = .dataset(Self.text(text, type: nil, kind: "string"))
    case .bytes(let bytes):
      self = .dataset(
        Leaf(
          datatype: .uint8, content: .vector(bytes, count: bytes.count), type: "bytes",
          kind: "bytes"))
    case .list(let elements): self = Self.sequence(elements, "list")
    case .tuple(let elements): self = Self.sequence(elements, "tuple")
    case .dict(let members):
      self = .group(
        Container(members: members.map { (ValueKeyName.encode($0.key), $0.value) }))
    case .tensor(let array): self = .tensor(array)
    case .object(let type, let state):
      self = .group(
        Container(
          attributes: [("type", "object"), ("class", type)], members: [("state", state)]))
    case .model: self = .group(Container(attributes: [("type", "model")]))
    case .optimizer(let optimizer):
      let members = value.content?.members ?? []
      self = .group(
        Container(
          attributes: [("type", "optimizer")] + (optimizer.type.map { [("class", $0)] } ?? [])
            + [("naming", optimizer.naming.rawValue)],
          members: members.map { (name: $0.0, value: $0.1) }))
    }
  }

  static func text(_ text: String, type: String?, kind: String) -> Leaf {
    let bytes = Array(text.utf8)
    // HDF5 has no strings of no length.
    return Leaf(
      datatype: .string(.fixed(bytes: max(bytes.count, 1))),
      content: bytes.isEmpty ? .null : .scalar(bytes), type: type, kind: kind)
  }

  private static func sequence(_ elements: [Value], _ type: String) -> EncodedValue {
    func leaf(_ datatype: HDF5Datatype, _ content: Content, _ kind: String) -> EncodedValue {
      .dataset(Leaf(datatype: datatype, content: content, type: type, kind: "\(type) of \(kind)"))
    }
    func all<T>(_ extract: (Value) -> T?) -> [T]? {
      let extracted = elements.compactMap(extract)
      return extracted.count == elements.count && !elements.isEmpty ? extracted : nil
    }
    if let values = all(\.intValue) {
      return leaf(.int64, .vector(bytes(values), count: values.count), "int")
    }
    if let values = all({ if case .float(let value) = $0 { value } else { nil } }) {
      return leaf(.float64, .vector(bytes(values), count: values.count), "float")
    }
    if let values = all(\.boolValue) {
      return leaf(.boolean, .vector(values.map { $0 ? 1 : 0 }, count: values.count), "bool")
    }
    if let texts = all(\.stringValue), let table = TextTable(texts) {
      return leaf(
        .string(.fixed(bytes: table.width)), .vector(table.bytes, count: texts.count), "string")
    }
    return .group(
      Container(
        attributes: [("type", type)],
        members: elements.enumerated().map { (String($0.offset), $0.element) }))
  }

  private static func bytes<T: BitwiseCopyable>(_ elements: [T]) -> [UInt8] {
    elements.withBytes { [UInt8](copying: $0) }
  }
}

/// Texts of one length, the shorter ones padded with NUL.
private struct TextTable {
  let width: Int
  let bytes: [UInt8]

  /// What padding may make of texts: a table as large as this is no trouble, a larger one only if
  /// it is not mostly padding.
  private static let harmlessByteCount = 1 << 16
  private static let maximumExpansion = 8

  /// nil if the texts make no table: one has NUL in it, or is so long that the others would be
  /// mostly padding.
  init?(_ texts: [String]) {
    let width = max(texts.map(\.utf8.count).max() ?? 0, 1)
    let byteCount = width * texts.count
    guard !texts.contains(where: { $0.utf8.contains(0) }),
      byteCount <= Self.harmlessByteCount
        || byteCount / Self.maximumExpansion <= texts.reduce(0, { $0 + $1.utf8.count })
    else { return nil }
    self.width = width
    bytes = texts.flatMap { text in
      Array(text.utf8) + [UInt8](repeating: 0, count: width - text.utf8.count)
    }
  }
}
