import Arrays

/// The Python number that a NumPy scalar stands for.
enum NumPyScalar {
  /// The value, or nil if the type is none of Python's or the bytes do not fit it.
  ///
  /// The narrower types of NumPy have no place in a checkpoint's metadata; every one of their
  /// values is one of the wider type exactly.
  static func value(of array: NumPyArray) -> PickleValue? {
    guard let dtype = array.type?.dtype, var bytes = bytes(of: array.content),
      bytes.count == dtype.itemSize
    else { return nil }
    if array.type?.isBigEndian == true {
      let part = (dtype.realType ?? dtype).itemSize
      bytes = Array(bytes.reversed())
      if dtype.isComplex { bytes = Array(bytes[part...] + bytes[..<part]) }
    }
    func unsigned(_ range: Range<Int>) -> UInt64 {
      bytes[range].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    let bits = unsigned(0..<min(8, bytes.count))
    switch dtype {
    case .bool: return .bool(bits != 0)
    case .uint8, .uint16, .uint32: return .int(Int(bits))
    case .uint64: return Int(exactly: bits).map { .int($0) } ?? .bigInt(String(bits))
    case .int8: return .int(Int(Int8(truncatingIfNeeded: bits)))
    case .int16: return .int(Int(Int16(truncatingIfNeeded: bits)))
    case .int32: return .int(Int(Int32(truncatingIfNeeded: bits)))
    case .int64: return .int(Int(truncatingIfNeeded: bits))
    case .float16:
      let storage = Storage(copying: bytes)
      let half = NDArray(storage: storage, dtype: .float16, layout: Layout(.scalar))
      guard let wide = try? half.converted(to: .float64) else { return nil }
      return .float(wide.item(as: Double.self))
    case .float32: return .float(Double(Float(bitPattern: UInt32(bits))))
    case .float64: return .float(Double(bitPattern: bits))
    case .complex64:
      return .complex(
        Double(Float(bitPattern: UInt32(unsigned(0..<4)))),
        Double(Float(bitPattern: UInt32(unsigned(4..<8)))))
    case .complex128:
      return .complex(Double(bitPattern: bits), Double(bitPattern: unsigned(8..<16)))
    default: return nil
    }
  }

  /// Raw bytes, which Python 2 wrote as a text.
  static func bytes(of content: PickleValue) -> [UInt8]? {
    switch content {
    case .bytes(let bytes): bytes
    case .string(let text): Array(text.utf8)
    default: nil
    }
  }
}
