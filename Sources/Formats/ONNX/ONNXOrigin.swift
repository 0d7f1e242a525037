import Arrays
import Checkpoints
import OrderedCollections
import States

extension Origin {
  /// What is kept of an ONNX file for the way back.
  var onnx: ONNXOrigin {
    get { ONNXOrigin(self["onnx"]) }
    set { self["onnx"] = newValue.value }
  }
}

/// What is kept of an ONNX file for the way back: the types of tensors that are held as bytes, and what the
/// file says of itself.
struct ONNXOrigin {
  /// What a tensor is that is held as its bytes.
  struct Packed: Equatable {
    let type: ONNXTensorType
    /// The lengths in the file.
    let dimensions: [Int]
  }

  /// The tensors that are held as bytes.
  var packed: OrderedDictionary<String, Packed> = [:]
  /// What the file says of itself.
  var header = ONNXHeader()

  /// What an entry of the origin says; what it says wrongly is passed over.
  init(_ entry: Value?) {
    for (key, value) in entry?["packed"]?.dictionary ?? [:] {
      guard let parts = value.elements, parts.count == 2,
        let type = parts[0].stringValue.flatMap(ONNXTensorType.init(name:)), type.isPacked,
        let lengths = parts[1].elements?.map(\.intValue),
        case let dimensions = lengths.compactMap(\.self), dimensions.count == lengths.count
      else { continue }
      packed[key.text] = Packed(type: type, dimensions: dimensions)
    }
    header = ONNXHeader(entry?["header"])
  }

  /// The entry; nil if there is nothing to keep.
  var value: Value? {
    var members: OrderedDictionary<Value.Key, Value> = [:]
    if !packed.isEmpty {
      members["packed"] = .dict(
        OrderedDictionary(
          uniqueKeysWithValues: packed.map { key, packed in
            (
              .string(key),
              [.string(packed.type.name), .list(packed.dimensions.map(Value.int))]
            )
          }))
    }
    members["header"] = header.value
    return members.isEmpty ? nil : .dict(members)
  }

  /// What a tensor is that is held as bytes; nil if it is none: it has another shape or type by now.
  func packed(_ key: String, _ array: NDArray) -> Packed? {
    guard let known = packed[key], let held = known.type.held(known.dimensions),
      array.dtype == held.dtype, array.shape.dimensions == held.dimensions
    else { return nil }
    return known
  }
}

extension StateDict {
  /// The role that a reader guesses for a tensor of a key and a type.
  func usualRole(of key: String, _ dtype: DType) -> Role {
    RoleRule.isBufferByTypeOrName(key, dtype) { self[$0] != nil } ? .buffer : .parameter
  }
}

/// What an ONNX file says of itself, beside its graph and its metadata.
struct ONNXHeader: Equatable, Sendable {
  /// A set of operators that the graph uses.
  struct Opset: Equatable, Sendable {
    var domain = ""
    var version = 0
  }

  /// The version of the format.
  var version: Int?
  var producerName: String?
  var producerVersion: String?
  var domain: String?
  var modelVersion: Int?
  var description: String?
  var opsets: [Opset] = []
  var graphName: String?
  var graphDescription: String?

  /// What files say of which nothing is known: version 10, which the runtimes of 2024 read, if no type needs a
  /// later one.
  static func usual(for types: some Sequence<ONNXTensorType>) -> ONNXHeader {
    var header = ONNXHeader()
    header.version = neededVersion(for: types)
    header.producerName = "ballast"
    header.opsets = [Opset(domain: "", version: 21)]
    header.graphName = "weights"
    return header
  }

  /// The first version that has all of some types.
  static func neededVersion(for types: some Sequence<ONNXTensorType>) -> Int {
    types.reduce(10) { max($0, $1.version) }
  }

  /// Nothing.
  init() {}

  /// What was kept; what of it is wrong is passed over.
  init(_ value: Value?) {
    version = value?["ir_version"]?.intValue
    producerName = value?["producer_name"]?.stringValue
    producerVersion = value?["producer_version"]?.stringValue
    domain = value?["domain"]?.stringValue
    modelVersion = value?["model_version"]?.intValue
    description = value?["doc_string"]?.stringValue
    graphName = value?["graph_name"]?.stringValue
    graphDescription = value?["graph_doc_string"]?.stringValue
    for row in value?["opset_import"]?.elements ?? [] {
      guard let parts = row.elements, parts.count == 2, let domain = parts[0].stringValue,
        let version = parts[1].intValue
      else { continue }
      opsets.append(Opset(domain: domain, version: version))
    }
  }

  /// What is kept; nil if there is nothing.
  var value: Value? {
    var members: OrderedDictionary<Value.Key, Value> = [:]
    members["ir_version"] = version.map(Value.int)
    members["producer_name"] = producerName.map(Value.string)
    members["producer_version"] = producerVersion.map(Value.string)
    members["domain"] = domain.map(Value.string)
    members["model_version"] = modelVersion.map(Value.int)
    members["doc_string"] = description.map(Value.string)
    if !opsets.isEmpty {
      members["opset_import"] = .list(opsets.map { [.string($0.domain), .int($0.version)] })
    }
    members["graph_name"] = graphName.map(Value.string)
    members["graph_doc_string"] = graphDescription.map(Value.string)
    return members.isEmpty ? nil : .dict(members)
  }
}
