import Arrays

/// What a pickle says of a tensor. Its values are looked up later.
final class PickleTensor: PickleNode {
  /// Where the values are, or nil for a tensor that has none (device `meta`).
  let storage: PickleStorage?
  let dtype: DType
  let offset: Int
  let shape: [Int]
  let strides: [Int]
  /// Whether it is a `torch.nn.Parameter`.
  let isParameter: Bool
  let requiresGradient: Bool
  /// Whether the values are the complex conjugates of those stored.
  var isConjugate = false
  /// Whether the values are the negatives of those stored.
  var isNegative = false
  /// Its class with its module, if it is not one of PyTorch's own.
  var typeName: String?
  /// The names of the attributes that Python code put on it.
  var attributeNames: [String] = []

  init(
    storage: PickleStorage?, dtype: DType, offset: Int, shape: [Int], strides: [Int],
    isParameter: Bool = false, requiresGradient: Bool = false
  ) {
    self.storage = storage
    self.dtype = dtype
    self.offset = offset
    self.shape = shape
    self.strides = strides
    self.isParameter = isParameter
    self.requiresGradient = requiresGradient
  }

  /// The same tensor as a parameter.
  func asParameter(requiresGradient: Bool) -> PickleTensor {
    whole(isParameter: true, requiresGradient: requiresGradient)
  }

  /// The same tensor with what a class around it says of it.
  func whole(isParameter: Bool, requiresGradient: Bool) -> PickleTensor {
    let tensor = PickleTensor(
      storage: storage, dtype: dtype, offset: offset, shape: shape, strides: strides,
      isParameter: isParameter, requiresGradient: requiresGradient)
    tensor.isConjugate = isConjugate
    tensor.isNegative = isNegative
    tensor.typeName = typeName
    tensor.attributeNames = attributeNames
    return tensor
  }
}

/// What a pickle says of a storage, which is the memory of one or more tensors.
final class PickleStorage: PickleNode {
  /// What identifies this storage in the file.
  let key: String
  /// The type of the elements, or nil for plain bytes.
  let dtype: DType?
  let location: String
  /// How many bytes are stored under the key.
  let byteCount: Int
  /// Which of the bytes stored under the key are its own. Old files have storages within others.
  let range: Range<Int>

  init(
    key: String, dtype: DType?, location: String, byteCount: Int, range: Range<Int>? = nil
  ) {
    self.key = key
    self.dtype = dtype
    self.location = location
    self.byteCount = byteCount
    self.range = range ?? 0..<byteCount
  }

  /// The same under another key.
  func renamed(_ key: String) -> PickleStorage {
    PickleStorage(key: key, dtype: dtype, location: location, byteCount: byteCount, range: range)
  }
}

/// The type of the elements of a NumPy array.
final class NumPyType: PickleNode {
  /// NumPy's code without the byte order: `f8`, `i4`, `b1`, `U3`, `O`.
  let code: String
  /// Whether numbers have their most significant byte first.
  var isBigEndian = false
  /// What else is known of it: the names and places of a record's parts, the unit of dates.
  var details: PickleValue?

  init(code: String) { self.code = code }

  override func clear() { details = nil }

  /// The type here, or nil for texts, objects, records and dates.
  var dtype: DType? {
    switch code {
    case "b1", "?": .bool
    case "u1", "B": .uint8
    case "u2", "H": .uint16
    case "u4": .uint32
    case "u8": .uint64
    case "i1", "b": .int8
    case "i2", "h": .int16
    case "i4": .int32
    case "i8": .int64
    case "f2", "e": .float16
    case "f4", "f": .float32
    case "f8", "d": .float64
    case "c8", "F": .complex64
    case "c16", "D": .complex128
    default: nil
    }
  }
}

/// A NumPy array.
final class NumPyArray: PickleNode {
  var type: NumPyType?
  var shape: [Int] = []
  var isColumnMajor = false
  /// The bytes, or a list if the elements are objects.
  var content: PickleValue = .none

  /// Whether its elements are of a type that arrays have here.
  var hasNumbers: Bool { type?.dtype != nil }

  override func clear() {
    type = nil
    content = .none
  }
}
