import Arrays
import Checkpoints
import Files

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
  /// Whether it is what a function was given: the name of an attribute of the function is its value.
  private(set) var isReference = false
  /// The integer, if it is one.
  private(set) var integer: Int?
  /// The numbers that the attribute of a `Constant` is, as if they were a tensor.
  private(set) var constant: ONNXTensor?
  /// The numbers of the fields that are not known.
  private(set) var unknownFields: Set<Int> = []

  /// Whether there is a tensor, or what counts as one or would.
  var hasValue: Bool {
    !tensors.isEmpty || !sparseTensors.isEmpty || hasTexts || constant != nil
  }

  /// Reads an attribute.
  ///
  /// - Parameter isOfConstant: Whether the node is a `Constant`, of which some attributes are numbers that count as
  ///   a tensor.
  init(_ message: ProtobufReader, isOfConstant: Bool) throws(CheckpointError) {
    var reader = message
    var type: Int?
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
      case 20: type = try reader.integer(field)
      case 21: isReference = try !reader.range(of: field).isEmpty
      case 22, 23: sparseTensors.append(try reader.range(of: field))
      case 2, 7, 8, 13, 14, 15: break
      default: unknownFields.insert(field.number)
      }
    }
    guard isOfConstant, !isReference, let numbers = Numbers(attribute: name) else { return }
    constant = try numbers.tensor(message, type)
  }
}

/// The numbers that an attribute of a `Constant` is.
private struct Numbers {
  /// The number of the field.
  let field: Int
  /// What the attribute says that its type is: `AttributeProto.AttributeType`.
  let type: Int
  let dtype: DType
  let isList: Bool

  /// Those of an attribute of a name; nil if it has none.
  init?(attribute name: String) {
    switch name {
    case "value_float": (field, type, dtype, isList) = (2, 1, .float32, false)
    case "value_floats": (field, type, dtype, isList) = (7, 6, .float32, true)
    case "value_int": (field, type, dtype, isList) = (3, 2, .int64, false)
    case "value_ints": (field, type, dtype, isList) = (8, 7, .int64, true)
    default: return nil
    }
  }

  /// The numbers, as a tensor.
  ///
  /// - Parameter type: What the attribute says that its type is; nil if it does not.
  func tensor(_ message: ProtobufReader, _ type: Int?) throws(CheckpointError) -> ONNXTensor {
    guard type ?? self.type == self.type else { throw mismatch(message) }
    var message = message
    var bytes: [UInt8] = []
    var isThere = false
    while let field = try message.next() {
      guard field.number == self.field else { continue }
      isThere = true
      if !isList { bytes = [] }
      switch (dtype, field.content) {
      case (.float32, .fixed32(let bits)): bytes.append(littleEndian: bits)
      case (.float32, .bytes(let range)) where isList && range.count.isMultiple(of: 4):
        bytes += try message.bytes(in: range)
      case (.int64, .varint(let bits)): bytes.append(littleEndian: bits)
      case (.int64, .bytes) where isList:
        try message.forEachVarint(field) { bits in bytes.append(littleEndian: bits) }
      default: throw mismatch(message)
      }
    }
    if !isThere {
      // Many writers leave out what is zero, and no list is left of one without numbers.
      guard type != nil else { throw message.damaged("a constant has no value") }
      if !isList { bytes = [UInt8](repeating: 0, count: dtype.itemSize) }
    }
    return ONNXTensor(numbers: bytes, dtype, isList: isList)
  }

  private func mismatch(_ message: ProtobufReader) -> CheckpointError {
    message.damaged("the numbers of a constant are of another type than its name says")
  }
}
