import Arrays
import Files

/// Makes blocks of quantised numbers of floating-point ones, with the bits of `gguf.quants.quantize`
/// (`gguf` 0.19) and of the reference in `ggml-quants.c`.
struct BlockEncoder: Sendable {
  /// Why numbers cannot be quantised.
  struct Failure: Error {
    let reason: String
  }

  /// The type of the blocks.
  let type: GGUFTensorType
  private let encode: @Sendable (ArraySlice<Float>, inout [UInt8]) throws(Failure) -> Void

  /// The encoder of a way of quantising.
  init(_ quantization: GGUFOptions.Quantization) {
    switch quantization {
    case .q8: (type, encode) = (.q80, Self.q80)
    case .q4: (type, encode) = (.q40, Self.q40)
    }
  }

  /// Whether a tensor can be quantised: its rows are whole blocks. Those of one dimension, such as biases
  /// and the weights of norms, stay as they are, as in llama.cpp.
  func canEncode(_ dtype: DType, _ shape: Shape) -> Bool {
    guard let last = shape.dimensions.last, dtype.isFloatingPoint, dtype != .float4E2M1FNx2 else {
      return false
    }
    return (2...GGUFCarriers.maximumRank).contains(shape.rank) && shape.elementCount > 0
      && last.isMultiple(of: type.blockElementCount)
  }

  /// Quantises a tensor, a piece at a time.
  ///
  /// - Parameters:
  ///   - array: Floating-point numbers, which are converted to `float32` first.
  ///   - seen: Takes the checksums of what is read.
  ///   - body: Receives the bytes of blocks, and their offset.
  /// - Throws: ``Failure`` for numbers that no block holds; `FileError`; what `body` throws.
  func encode(
    _ array: NDArray, recording seen: ReadChecksums?, _ body: (RawSpan, Int) throws -> Void
  ) throws {
    var rest: [Float] = []
    var written = 0
    try array.forEachBlock(as: array.dtype, recording: seen) { bytes, _ in
      let count = bytes.byteCount / array.dtype.itemSize
      let piece = NDArray(
        storage: Storage(copying: bytes), dtype: array.dtype, layout: Layout([count]))
      rest += try piece.converted(to: .float32).elements(as: Float.self)
      var blocks: [UInt8] = []
      let whole = rest.count / type.blockElementCount * type.blockElementCount
      for start in stride(from: 0, to: whole, by: type.blockElementCount) {
        try encode(rest[start..<(start + type.blockElementCount)], &blocks)
      }
      rest.removeFirst(whole)
      try blocks.withBytes { try body($0, written) }
      written += blocks.count
    }
  }

  /// The largest magnitude of the numbers of a block, which has to be one.
  private static func check(_ numbers: ArraySlice<Float>, _ scale: Float) throws(Failure) {
    guard numbers.allSatisfy(\.isFinite) else {
      throw Failure(reason: "it has infinite numbers or NaN, which blocks have no place for")
    }
    guard scale.magnitude < 65_520 else {
      throw Failure(
        reason: "its numbers are too large for blocks, whose scale is of half precision")
    }
  }

  /// A scale d of half precision, and bytes: what is nearest to x/d, halves away from zero.
  private static let q80: @Sendable (ArraySlice<Float>, inout [UInt8]) throws(Failure) -> Void = {
    (numbers, bytes) throws(Failure) in
    let scale = numbers.reduce(0) { max($0, $1.magnitude) } / 127
    try check(numbers, scale)
    bytes.append(littleEndian: scale.halfBits)
    let inverse = scale == 0 ? 0 : 1 / scale
    for number in numbers {
      // A scale whose inverse overflows is zero in half precision.
      let nearest = inverse.isFinite ? (number * inverse).rounded(.toNearestOrAwayFromZero) : 0
      bytes.append(UInt8(bitPattern: Int8(nearest)))
    }
  }

  /// A scale d, by which the largest number becomes −8, and nibbles, the lower ones the first half.
  private static let q40: @Sendable (ArraySlice<Float>, inout [UInt8]) throws(Failure) -> Void = {
    (numbers, bytes) throws(Failure) in
    var largest: Float = numbers.first ?? 0
    for number in numbers where number.magnitude > largest.magnitude { largest = number }
    let scale = largest / -8
    try check(numbers, scale)
    bytes.append(littleEndian: scale.halfBits)
    let inverse = scale == 0 ? 0 : 1 / scale
    let nibbles = numbers.map { number -> UInt8 in
      inverse.isFinite ? UInt8(min((number * inverse + 8.5).rounded(.towardZero), 15)) : 8
    }
    for index in 0..<16 { bytes.append(nibbles[index] | nibbles[index + 16] << 4) }
  }
}

extension Float {
  /// The bits of the nearest number in half precision, of two the even one.
  fileprivate var halfBits: UInt16 {
    let sign = UInt16(bitPattern >> 16 & 0x8000)
    let magnitude = bitPattern & 0x7FFF_FFFF
    switch magnitude {
    case 0x477F_F000...: return sign | 0x7C00
    case 0x3880_0000...:
      return sign | UInt16((magnitude + 0xFFF + (magnitude >> 13 & 1) - 0x3800_0000) >> 13)
    default:
      // Subnormal: how many times 2 to the -24.
      let count = (Float(bitPattern: magnitude) * 0x1p24).rounded(.toNearestOrEven)
      return sign | UInt16(count)
    }
  }
}
