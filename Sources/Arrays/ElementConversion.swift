import Files

/// Conversion of elements between types, by way of the widest type of their kind.
///
/// Every integer passes exactly through `Int64` (`UInt64` for its own type) and every float
/// through `Double`, so one reader and one writer per type serve all pairs. Blocks keep the
/// intermediate values in the cache.
enum ElementConversion {
  private static let blockLength = 1024

  static func convert(
    _ source: RawSpan, _ from: DType, into destination: inout MutableRawSpan, _ to: DType
  ) {
    let count = destination.byteCount / to.itemSize
    require(count <= source.byteCount / from.itemSize, "there are too few elements to convert")
    guard count > 0 else { return }
    switch (from, to) {
    case (.float32, .float64): map(source, &destination, count) { (x: Float) in Double(x) }
    case (.float64, .float32): map(source, &destination, count) { (x: Double) in Float(x) }
    case (.bfloat16, .float32): map(source, &destination, count) { (x: BFloat16) in Float(x) }
    case (.float32, .bfloat16):
      map(source, &destination, count) { (x: Float) in roundToBFloat16(x) }
    default: convertByBlocks(source, from, &destination, to, count)
    }
  }

  /// By pointers, for the loop to be one of vectors; the bounds are checked before.
  private static func map<From, To>(
    _ source: RawSpan, _ destination: inout MutableRawSpan, _ count: Int, _ body: (From) -> To
  ) {
    unsafe source.withUnsafeBytes { source in
      unsafe destination.withUnsafeMutableBytes { destination in
        let input = unsafe source.assumingMemoryBound(to: From.self)
        let output = unsafe destination.assumingMemoryBound(to: To.self)
        precondition(count <= input.count && count <= output.count)
        for index in 0..<count { unsafe output[index] = body(input[index]) }
      }
    }
  }

  private static func roundToBFloat16(_ x: Float) -> UInt16 {
    let bits = x.bitPattern
    if x.isNaN { return UInt16(FloatFormat.bfloat16.nan) | UInt16(bits >> 16) & 0x8000 }
    return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
  }

  private static func convertByBlocks(
    _ source: RawSpan, _ from: DType, _ destination: inout MutableRawSpan, _ to: DType, _ count: Int
  ) {
    // A complex number is two floats; to or from a real type the imaginary part is 0 or dropped.
    let inputPart = from.realType ?? from
    let outputPart = to.realType ?? to
    let inputStride = from.isComplex ? 2 : 1
    let outputStride = to.isComplex ? 2 : 1
    let parts = min(inputStride, outputStride)
    if parts < outputStride {
      destination.withBytes(in: 0..<count * to.itemSize) { $0.clear() }
    }
    for part in 0..<parts {
      let reader = ElementReader(first: part, dtype: inputPart, stride: inputStride)
      let writer = ElementWriter(first: part, dtype: outputPart, stride: outputStride)
      if inputPart.isFloatingPoint {
        var block = [Double](repeating: 0, count: min(count, blockLength))
        forEachBlock(count) {
          reader.readDoubles(source, $0, &block)
          writer.writeDoubles(&destination, $0, block)
        }
      } else if inputPart == .uint64 {
        var block = [UInt64](repeating: 0, count: min(count, blockLength))
        forEachBlock(count) {
          reader.readUnsigned(source, $0, &block)
          writer.writeUnsigned(&destination, $0, block)
        }
      } else {
        var block = [Int64](repeating: 0, count: min(count, blockLength))
        forEachBlock(count) {
          reader.readSigned(source, $0, &block)
          writer.writeSigned(&destination, $0, block)
        }
      }
    }
  }

  private static func forEachBlock(_ count: Int, _ body: (Range<Int>) -> Void) {
    for start in stride(from: 0, to: count, by: blockLength) {
      body(start..<min(start + blockLength, count))
    }
  }
}

/// Reads the elements of one real type as the widest type of their kind.
private struct ElementReader {
  /// The position of the first element, and how far the next one is, both in elements of the type.
  let first: Int
  let dtype: DType
  let stride: Int

  /// By pointers, for the loop to be one of vectors; the bounds are checked before.
  private func read<From, To>(
    _ source: RawSpan, _ range: Range<Int>, _ block: inout [To], _ body: (From) -> To
  ) {
    unsafe source.withUnsafeBytes { source in
      unsafe block.withUnsafeMutableBufferPointer { block in
        let elements = unsafe source.assumingMemoryBound(to: From.self)
        precondition(
          range.count <= block.count && first + (range.upperBound - 1) * stride < elements.count)
        for (slot, index) in range.enumerated() {
          unsafe block[slot] = body(elements[first + index * stride])
        }
      }
    }
  }

  func readDoubles(_ source: RawSpan, _ range: Range<Int>, _ block: inout [Double]) {
    switch dtype {
    case .float64: read(source, range, &block) { (x: Double) in x }
    case .float32: read(source, range, &block) { (x: Float) in Double(x) }
    case .float16:
      read(source, range, &block) { (x: UInt16) in Double(FloatFormat.float16.decode(UInt32(x))) }
    case .bfloat16: read(source, range, &block) { (x: BFloat16) in Double(Float(x)) }
    case .float8E8M0FNU:
      read(source, range, &block) { (x: UInt8) in Double(PowerOfTwoFormat.decode(x)) }
    default:
      let format = FloatFormat.ofByte(dtype)
      read(source, range, &block) { (x: UInt8) in Double(format.decode(UInt32(x))) }
    }
  }

  func readUnsigned(_ source: RawSpan, _ range: Range<Int>, _ block: inout [UInt64]) {
    read(source, range, &block) { (x: UInt64) in x }
  }

  func readSigned(_ source: RawSpan, _ range: Range<Int>, _ block: inout [Int64]) {
    switch dtype {
    case .int64: read(source, range, &block) { (x: Int64) in x }
    case .int32: read(source, range, &block) { (x: Int32) in Int64(x) }
    case .int16: read(source, range, &block) { (x: Int16) in Int64(x) }
    case .int8: read(source, range, &block) { (x: Int8) in Int64(x) }
    case .uint32: read(source, range, &block) { (x: UInt32) in Int64(x) }
    case .uint16: read(source, range, &block) { (x: UInt16) in Int64(x) }
    case .bool: read(source, range, &block) { (x: UInt8) in x == 0 ? 0 : 1 }
    default: read(source, range, &block) { (x: UInt8) in Int64(x) }
    }
  }
}

/// Writes elements of one real type from the widest type of a kind.
private struct ElementWriter {
  /// The position of the first element, and how far the next one is, both in elements of the type.
  let first: Int
  let dtype: DType
  let stride: Int

  /// By pointers, for the loop to be one of vectors; the bounds are checked before.
  private func write<From, To>(
    _ target: inout MutableRawSpan, _ range: Range<Int>, _ block: [From], _ body: (From) -> To
  ) {
    unsafe target.withUnsafeMutableBytes { target in
      unsafe block.withUnsafeBufferPointer { block in
        let elements = unsafe target.assumingMemoryBound(to: To.self)
        precondition(
          range.count <= block.count && first + (range.upperBound - 1) * stride < elements.count)
        for (slot, index) in range.enumerated() {
          unsafe elements[first + index * stride] = body(block[slot])
        }
      }
    }
  }

  func writeDoubles(_ target: inout MutableRawSpan, _ range: Range<Int>, _ block: [Double]) {
    switch dtype {
    case .float64: write(&target, range, block) { $0 }
    case .bool: write(&target, range, block) { $0 != 0 }
    case _ where dtype.isFloatingPoint: writeFloats(&target, range, block) { Float($0) }
    case .uint64:
      write(&target, range, block) { (x: Double) in
        UInt64(exactly: x.rounded(.towardZero)) ?? UInt64(bitPattern: .min)
      }
    default:
      writeIntegers(&target, range, block) { Int64(exactly: $0.rounded(.towardZero)) ?? .min }
    }
  }

  func writeUnsigned(_ target: inout MutableRawSpan, _ range: Range<Int>, _ block: [UInt64]) {
    switch dtype {
    case .float64: write(&target, range, block) { Double($0) }
    case .bool: write(&target, range, block) { $0 != 0 }
    case _ where dtype.isFloatingPoint: writeFloats(&target, range, block) { Float($0) }
    default: writeIntegers(&target, range, block) { Int64(truncatingIfNeeded: $0) }
    }
  }

  func writeSigned(_ target: inout MutableRawSpan, _ range: Range<Int>, _ block: [Int64]) {
    switch dtype {
    case .float64: write(&target, range, block) { Double($0) }
    case .bool: write(&target, range, block) { $0 != 0 }
    case _ where dtype.isFloatingPoint: writeFloats(&target, range, block) { Float($0) }
    default: writeIntegers(&target, range, block) { $0 }
    }
  }

  private func writeFloats<From>(
    _ target: inout MutableRawSpan, _ range: Range<Int>, _ block: [From],
    _ toFloat: (From) -> Float
  ) {
    switch dtype {
    case .float32: write(&target, range, block, toFloat)
    case .float16:
      write(&target, range, block) { UInt16(FloatFormat.float16.encode(toFloat($0))) }
    case .bfloat16: write(&target, range, block) { BFloat16(toFloat($0)) }
    case .float8E8M0FNU: write(&target, range, block) { PowerOfTwoFormat.encode(toFloat($0)) }
    default:
      let format = FloatFormat.ofByte(dtype)
      write(&target, range, block) { UInt8(format.encode(toFloat($0))) }
    }
  }

  private func writeIntegers<From>(
    _ target: inout MutableRawSpan, _ range: Range<Int>, _ block: [From],
    _ toInteger: (From) -> Int64
  ) {
    switch dtype.itemSize {
    case 1: write(&target, range, block) { UInt8(truncatingIfNeeded: toInteger($0)) }
    case 2: write(&target, range, block) { UInt16(truncatingIfNeeded: toInteger($0)) }
    case 4: write(&target, range, block) { UInt32(truncatingIfNeeded: toInteger($0)) }
    default: write(&target, range, block) { UInt64(truncatingIfNeeded: toInteger($0)) }
    }
  }
}

extension FloatFormat {
  /// The format of an 8-bit float with sign and fraction.
  fileprivate static func ofByte(_ dtype: DType) -> FloatFormat {
    switch dtype {
    case .float8E4M3FN: .float8E4M3FN
    case .float8E5M2: .float8E5M2
    case .float8E4M3FNUZ: .float8E4M3FNUZ
    case .float8E5M2FNUZ: .float8E5M2FNUZ
    default: preconditionFailure("\(dtype) is not an 8-bit float with a fraction")
    }
  }
}
