/// Conversion of elements between types, by way of the widest type of their kind.
///
/// Every integer passes exactly through `Int64` (`UInt64` for its own type) and every float
/// through `Double`, so one reader and one writer per type serve all pairs. Blocks keep the
/// intermediate values in the cache.
enum ElementConversion {
  private static let blockLength = 1024

  static func convert(
    _ source: UnsafeRawBufferPointer, _ from: DType,
    into destination: UnsafeMutableRawBufferPointer, _ to: DType
  ) {
    let count = destination.count / to.itemSize
    guard count > 0, let input = source.baseAddress, let output = destination.baseAddress else {
      return
    }
    switch (from, to) {
    case (.float32, .float64): map(input, output, count) { (x: Float) in Double(x) }
    case (.float64, .float32): map(input, output, count) { (x: Double) in Float(x) }
    case (.bfloat16, .float32): map(input, output, count) { (x: BFloat16) in Float(x) }
    case (.float32, .bfloat16): map(input, output, count) { (x: Float) in roundToBFloat16(x) }
    default: convertByBlocks(input, from, output, to, count)
    }
  }

  private static func map<From, To>(
    _ input: UnsafeRawPointer, _ output: UnsafeMutableRawPointer, _ count: Int,
    _ body: (From) -> To
  ) {
    let input = input.assumingMemoryBound(to: From.self)
    let output = output.assumingMemoryBound(to: To.self)
    for index in 0..<count { output[index] = body(input[index]) }
  }

  private static func roundToBFloat16(_ x: Float) -> UInt16 {
    let bits = x.bitPattern
    if x.isNaN { return UInt16(FloatFormat.bfloat16.nan) | UInt16(bits >> 16) & 0x8000 }
    return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
  }

  private static func convertByBlocks(
    _ input: UnsafeRawPointer, _ from: DType, _ output: UnsafeMutableRawPointer, _ to: DType,
    _ count: Int
  ) {
    // A complex number is two floats; to or from a real type the imaginary part is 0 or dropped.
    let inputPart = from.realType ?? from
    let outputPart = to.realType ?? to
    let inputStride = from.isComplex ? 2 : 1
    let outputStride = to.isComplex ? 2 : 1
    let parts = min(inputStride, outputStride)
    if parts < outputStride {
      output.initializeMemory(as: UInt8.self, repeating: 0, count: count * to.itemSize)
    }
    for part in 0..<parts {
      let source = ElementReader(
        base: input + part * inputPart.itemSize, dtype: inputPart, stride: inputStride)
      let target = ElementWriter(
        base: output + part * outputPart.itemSize, dtype: outputPart, stride: outputStride)
      if inputPart.isFloatingPoint {
        move(count, as: Double.self, source.readDoubles, target.writeDoubles)
      } else if inputPart == .uint64 {
        move(count, as: UInt64.self, source.readUnsigned, target.writeUnsigned)
      } else {
        move(count, as: Int64.self, source.readSigned, target.writeSigned)
      }
    }
  }

  private static func move<T>(
    _ count: Int, as type: T.Type,
    _ read: (Range<Int>, UnsafeMutableBufferPointer<T>) -> Void,
    _ write: (Range<Int>, UnsafeBufferPointer<T>) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: T.self, capacity: min(count, blockLength)) { block in
      var start = 0
      while start < count {
        let range = start..<min(start + blockLength, count)
        read(range, block)
        write(range, UnsafeBufferPointer(block))
        start = range.upperBound
      }
    }
  }
}

/// Reads the elements of one real type as the widest type of their kind.
private struct ElementReader {
  let base: UnsafeRawPointer
  let dtype: DType
  let stride: Int

  private func read<From, To>(
    _ range: Range<Int>, _ block: UnsafeMutableBufferPointer<To>, _ body: (From) -> To
  ) {
    let elements = base.assumingMemoryBound(to: From.self)
    for (slot, index) in range.enumerated() { block[slot] = body(elements[index * stride]) }
  }

  func readDoubles(_ range: Range<Int>, _ block: UnsafeMutableBufferPointer<Double>) {
    switch dtype {
    case .float64: read(range, block) { (x: Double) in x }
    case .float32: read(range, block) { (x: Float) in Double(x) }
    case .float16:
      read(range, block) { (x: UInt16) in Double(FloatFormat.float16.decode(UInt32(x))) }
    case .bfloat16: read(range, block) { (x: BFloat16) in Double(Float(x)) }
    case .float8E8M0FNU: read(range, block) { (x: UInt8) in Double(PowerOfTwoFormat.decode(x)) }
    default:
      let format = FloatFormat.ofByte(dtype)
      read(range, block) { (x: UInt8) in Double(format.decode(UInt32(x))) }
    }
  }

  func readUnsigned(_ range: Range<Int>, _ block: UnsafeMutableBufferPointer<UInt64>) {
    read(range, block) { (x: UInt64) in x }
  }

  func readSigned(_ range: Range<Int>, _ block: UnsafeMutableBufferPointer<Int64>) {
    switch dtype {
    case .int64: read(range, block) { (x: Int64) in x }
    case .int32: read(range, block) { (x: Int32) in Int64(x) }
    case .int16: read(range, block) { (x: Int16) in Int64(x) }
    case .int8: read(range, block) { (x: Int8) in Int64(x) }
    case .uint32: read(range, block) { (x: UInt32) in Int64(x) }
    case .uint16: read(range, block) { (x: UInt16) in Int64(x) }
    case .bool: read(range, block) { (x: UInt8) in x == 0 ? 0 : 1 }
    default: read(range, block) { (x: UInt8) in Int64(x) }
    }
  }
}

/// Writes elements of one real type from the widest type of a kind.
private struct ElementWriter {
  let base: UnsafeMutableRawPointer
  let dtype: DType
  let stride: Int

  private func write<From, To>(
    _ range: Range<Int>, _ block: UnsafeBufferPointer<From>, _ body: (From) -> To
  ) {
    let elements = base.assumingMemoryBound(to: To.self)
    for (slot, index) in range.enumerated() { elements[index * stride] = body(block[slot]) }
  }

  func writeDoubles(_ range: Range<Int>, _ block: UnsafeBufferPointer<Double>) {
    switch dtype {
    case .float64: write(range, block) { $0 }
    case .bool: write(range, block) { $0 != 0 }
    case _ where dtype.isFloatingPoint: writeFloats(range, block) { Float($0) }
    case .uint64:
      write(range, block) { (x: Double) in
        UInt64(exactly: x.rounded(.towardZero)) ?? UInt64(bitPattern: .min)
      }
    default:
      writeIntegers(range, block) { Int64(exactly: $0.rounded(.towardZero)) ?? .min }
    }
  }

  func writeUnsigned(_ range: Range<Int>, _ block: UnsafeBufferPointer<UInt64>) {
    switch dtype {
    case .float64: write(range, block) { Double($0) }
    case .bool: write(range, block) { $0 != 0 }
    case _ where dtype.isFloatingPoint: writeFloats(range, block) { Float($0) }
    default: writeIntegers(range, block) { Int64(truncatingIfNeeded: $0) }
    }
  }

  func writeSigned(_ range: Range<Int>, _ block: UnsafeBufferPointer<Int64>) {
    switch dtype {
    case .float64: write(range, block) { Double($0) }
    case .bool: write(range, block) { $0 != 0 }
    case _ where dtype.isFloatingPoint: writeFloats(range, block) { Float($0) }
    default: writeIntegers(range, block) { $0 }
    }
  }

  private func writeFloats<From>(
    _ range: Range<Int>, _ block: UnsafeBufferPointer<From>, _ toFloat: (From) -> Float
  ) {
    switch dtype {
    case .float32: write(range, block, toFloat)
    case .float16:
      write(range, block) { UInt16(FloatFormat.float16.encode(toFloat($0))) }
    case .bfloat16: write(range, block) { BFloat16(toFloat($0)) }
    case .float8E8M0FNU: write(range, block) { PowerOfTwoFormat.encode(toFloat($0)) }
    default:
      let format = FloatFormat.ofByte(dtype)
      write(range, block) { UInt8(format.encode(toFloat($0))) }
    }
  }

  private func writeIntegers<From>(
    _ range: Range<Int>, _ block: UnsafeBufferPointer<From>, _ toInteger: (From) -> Int64
  ) {
    switch dtype.itemSize {
    case 1: write(range, block) { UInt8(truncatingIfNeeded: toInteger($0)) }
    case 2: write(range, block) { UInt16(truncatingIfNeeded: toInteger($0)) }
    case 4: write(range, block) { UInt32(truncatingIfNeeded: toInteger($0)) }
    default: write(range, block) { UInt64(truncatingIfNeeded: toInteger($0)) }
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
