import Arrays
import Checkpoints
import Files

/// What is needed of a node of a graph: `NodeProto`.
struct ONNXNode {
  /// The name; mostly empty or made up.
  private(set) var name = ""
  /// The operator, with its domain if that is not ONNX's own: `Conv`, `com.microsoft.Gelu`.
  private(set) var kind = ""
  /// The name of the first output.
  private(set) var output: String?
  /// The attributes: where they are in the file.
  private(set) var attributes: [Range<Int>] = []
  /// The module that the node comes from, as PyTorch's exporter says it in the metadata; nil if nothing does.
  private(set) var module: String?
  /// Whether an optimiser says in the metadata that it folded a batch normalisation into the node.
  private(set) var isFolded = false

  init(_ message: ProtobufReader) throws(CheckpointError) {
    var message = message
    var domain = ""
    while let field = try message.next() {
      switch field.number {
      case 2 where output == nil: output = try message.text(field)
      case 3: name = try message.text(field)
      case 4: kind = try message.text(field)
      case 5: attributes.append(try message.range(of: field))
      case 7: domain = try message.text(field)
      case 9:
        let entry = try ONNXModelReader.entry(message.message(field))
        switch entry.key {
        case "pkg.torch.onnx.name_scopes": module = Self.module(ofScopes: entry.value)
        case "pkg.onnxscript.rewriter.rule_name": isFolded = entry.value.contains("FuseBatchNorm")
        default: break
        }
      default: break
      }
    }
    if output?.isEmpty == true { output = nil }
    if !domain.isEmpty, domain != "ai.onnx" { kind = "\(domain).\(kind)" }
  }

  /// The last module of a list as Python prints it, whose last element is the operation:
  /// `['', 'layers', 'layers.0', 'linear_1']`.
  private static func module(ofScopes text: String) -> String? {
    let parts = text.split(separator: "'", omittingEmptySubsequences: false)
    let names = parts.indices.filter { $0 % 2 == 1 }.map { parts[$0] }
    guard let module = names.dropLast().last, !module.isEmpty else { return nil }
    return String(module)
  }
}

/// What weights may be in an attribute of a node: `AttributeProto`.
struct ONNXAttribute {
  private(set) var name = ""
  /// The tensors: where they are in the file.
  private(set) var tensors: [Range<Int>] = []
  private(set) var graphs: [Range<Int>] = []
  private(set) var sparseTensors: [Range<Int>] = []
  /// Whether there are lists of tensors or graphs.
  private(set) var isList = false
  /// Whether there is a text.
  private(set) var hasTexts = false
  /// The integer, if it is one.
  private(set) var integer: Int?
  /// The numbers that the attribute of a `Constant` is, as if they were a tensor.
  private(set) var constant: ONNXTensor?

  init(_ message: ProtobufReader) throws(CheckpointError) {
    var reader = message
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try reader.text(field, limit: ONNXTensor.maximumNameByteCount)
      case 3: integer = try reader.integer(field)
      case 4, 9: hasTexts = true
      case 5:
        guard tensors.isEmpty else { throw reader.damaged("the attribute \(name) has two tensors") }
        tensors = [try reader.range(of: field)]
      case 6:
        guard graphs.isEmpty else { throw reader.damaged("the attribute \(name) has two graphs") }
        graphs = [try reader.range(of: field)]
      case 10:
        isList = true
        tensors.append(try reader.range(of: field))
      case 11:
        isList = true
        graphs.append(try reader.range(of: field))
      case 22, 23: sparseTensors.append(try reader.range(of: field))
      default: break
      }
    }
    constant =
      switch name {
      case "value_float": try Self.constant(message, 2, isList: false)
      case "value_floats": try Self.constant(message, 7, isList: true)
      case "value_int": try Self.constant(message, 3, isList: false)
      case "value_ints": try Self.constant(message, 8, isList: true)
      default: nil
      }
  }

  /// The numbers in the fields of a number, as a tensor.
  private static func constant(
    _ message: ProtobufReader, _ number: Int, isList: Bool
  ) throws(CheckpointError) -> ONNXTensor {
    var message = message
    var bytes: [UInt8] = []
    let type: DType = [2, 7].contains(number) ? .float32 : .int64
    while let field = try message.next() {
      guard field.number == number else { continue }
      if !isList { bytes = [] }
      switch (type, field.content) {
      case (.float32, .fixed32(let bits)): bytes.append(littleEndian: bits)
      case (.float32, .bytes(let range)) where isList && range.count.isMultiple(of: 4):
        bytes += try message.bytes(in: range)
      case (.int64, .varint), (.int64, .bytes):
        try message.forEachVarint(field) { bits in bytes.append(littleEndian: bits) }
      default:
        throw message.damaged("the numbers of a constant are of another type than its name says")
      }
    }
    guard isList || !bytes.isEmpty else { throw message.damaged("a constant has no value") }
    return ONNXTensor(numbers: bytes, type, isList: isList)
  }
}
