import Arrays

/// The type of the elements of a tensor in an ONNX file: `TensorProto.DataType` of `onnx` 1.23.
struct ONNXTensorType: Hashable, Sendable {
  /// The number that stands in a file.
  let number: Int
  /// The name: `FLOAT`.
  let name: String
  /// The bits of an element; 0 for texts.
  let bitCount: Int
  /// The type that arrays have for it; nil where there is none.
  let dtype: DType?
  /// The field of a tensor that holds its elements, if they are not in `raw_data`.
  let typedField: TypedField
  /// The first version of the format that has it.
  let version: Int

  /// A field of `TensorProto` with elements of a type.
  enum TypedField: Int, Sendable {
    case floats = 4
    case int32s = 5
    case texts = 6
    case int64s = 7
    case doubles = 10
    case uint64s = 11

    /// The name in the specification.
    var name: String {
      switch self {
      case .floats: "float_data"
      case .int32s: "int32_data"
      case .texts: "string_data"
      case .int64s: "int64_data"
      case .doubles: "double_data"
      case .uint64s: "uint64_data"
      }
    }
  }

  private init(
    _ number: Int, _ name: String, _ bitCount: Int, _ dtype: DType?, _ typedField: TypedField,
    version: Int = 1
  ) {
    self.number = number
    self.name = name
    self.bitCount = bitCount
    self.dtype = dtype
    self.typedField = typedField
    self.version = version
  }

  /// The type of a number; nil if there is none.
  init?(number: Int) {
    guard let type = Self.all.first(where: { $0.number == number }) else { return nil }
    self = type
  }

  /// The type of a name; nil if there is none.
  init?(name: String) {
    guard let type = Self.all.first(where: { $0.name == name }) else { return nil }
    self = type
  }

  /// The type of arrays of a type; nil if ONNX has none, as for `complex32`.
  init?(_ dtype: DType) {
    guard let type = Self.all.first(where: { $0.dtype == dtype }) else { return nil }
    self = type
  }

  /// All types.
  static let all: [ONNXTensorType] = [
    .init(1, "FLOAT", 32, .float32, .floats), .init(2, "UINT8", 8, .uint8, .int32s),
    .init(3, "INT8", 8, .int8, .int32s), .init(4, "UINT16", 16, .uint16, .int32s),
    .init(5, "INT16", 16, .int16, .int32s), .init(6, "INT32", 32, .int32, .int32s),
    .init(7, "INT64", 64, .int64, .int64s), .init(8, "STRING", 0, nil, .texts),
    .init(9, "BOOL", 8, .bool, .int32s), .init(10, "FLOAT16", 16, .float16, .int32s),
    .init(11, "DOUBLE", 64, .float64, .doubles), .init(12, "UINT32", 32, .uint32, .uint64s),
    .init(13, "UINT64", 64, .uint64, .uint64s), .init(14, "COMPLEX64", 64, .complex64, .floats),
    .init(15, "COMPLEX128", 128, .complex128, .doubles),
    .init(16, "BFLOAT16", 16, .bfloat16, .int32s, version: 4),
    .init(17, "FLOAT8E4M3FN", 8, .float8E4M3FN, .int32s, version: 9),
    .init(18, "FLOAT8E4M3FNUZ", 8, .float8E4M3FNUZ, .int32s, version: 9),
    .init(19, "FLOAT8E5M2", 8, .float8E5M2, .int32s, version: 9),
    .init(20, "FLOAT8E5M2FNUZ", 8, .float8E5M2FNUZ, .int32s, version: 9),
    .init(21, "UINT4", 4, nil, .int32s, version: 10),
    .init(22, "INT4", 4, nil, .int32s, version: 10),
    .init(23, "FLOAT4E2M1", 4, .float4E2M1FNx2, .int32s, version: 11),
    .init(24, "FLOAT8E8M0", 8, .float8E8M0FNU, .int32s, version: 12),
    .init(25, "UINT2", 2, nil, .int32s, version: 13),
    .init(26, "INT2", 2, nil, .int32s, version: 13),
    .init(27, "FLOAT6E2M3", 6, nil, .int32s, version: 14),
    .init(28, "FLOAT6E3M2", 6, nil, .int32s, version: 14),
  ]

  /// Bytes, as which an element of no other type is held.
  static let bytes = all[1]
}

extension ONNXTensorType {
  /// Whether an element is less than a byte.
  var isPacked: Bool { bitCount > 0 && bitCount < 8 }

  /// The bytes of a tensor; nil if no tensor has such lengths, whatever a length of zero makes of it.
  func byteCount(of dimensions: [Int]) -> Int? {
    guard let elements = Self.elementCount(of: dimensions) else { return nil }
    let (bits, overflow) = elements.multipliedReportingOverflow(by: bitCount)
    return overflow ? nil : bits / 8 + (bits.isMultiple(of: 8) ? 0 : 1)
  }

  /// The product of lengths; nil if they are none, or too large without those that are zero.
  static func elementCount(of dimensions: [Int]) -> Int? {
    Shape(validating: dimensions)?.elementCount
  }

  /// How a tensor of lengths is held: in which type, and by which lengths.
  ///
  /// What arrays have no type for is held as its bytes. Of a tensor of packed elements rows are bytes where they
  /// are whole ones; otherwise all its bytes are one row.
  func held(_ dimensions: [Int]) -> (dtype: DType, dimensions: [Int])? {
    guard isPacked else { return dtype.map { ($0, dimensions) } }
    guard let byteCount = byteCount(of: dimensions) else { return nil }
    guard let last = dimensions.last, last.isMultiple(of: 8 / bitCount.greatestPowerOfTwo) else {
      return (.uint8, [byteCount])
    }
    let (bits, overflow) = last.multipliedReportingOverflow(by: bitCount)
    return overflow ? nil : (dtype ?? .uint8, dimensions.dropLast() + [bits / 8])
  }
}

extension Int {
  /// The greatest power of two of which a positive number is a multiple.
  fileprivate var greatestPowerOfTwo: Int { 1 << trailingZeroBitCount }
}
