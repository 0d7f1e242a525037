import Arrays
import Files

/// Makes numbers of blocks of quantised ones, in 32-bit floating point and in the order of operations of
/// `gguf.quants.dequantize` (`gguf` 0.19), so that the results have its bits.
///
/// The layouts of blocks are those of `ggml-common.h` of ggml.
struct BlockDecoder: Sendable {
  /// Decodes the block that begins at a position, into as many numbers as it has.
  typealias Function = @Sendable (RawSpan, Int, inout [Float]) -> Void

  private let type: GGUFTensorType
  private let decode: Function

  /// The decoder of a type; nil if there is none.
  ///
  /// Of Q8_1, Q8_K and Q1_0 `gguf` makes no numbers either.
  init?(_ type: GGUFTensorType) {
    guard let decode = Self.functions[type.name] else { return nil }
    self.type = type
    self.decode = decode
  }

  private static let functions: [String: Function] = [
    "Q4_0": q40, "Q4_1": q41, "Q5_0": q50, "Q5_1": q51, "Q8_0": q80,
    "Q2_K": q2K, "Q3_K": q3K, "Q4_K": q4K, "Q5_K": q5K, "Q6_K": q6K,
    "IQ4_NL": iq4NL, "IQ4_XS": iq4XS, "TQ1_0": tq10, "TQ2_0": tq20, "MXFP4": mxfp4,
    "NVFP4": nvfp4, "IQ2_XXS": iq2XXS, "IQ2_XS": iq2XS, "IQ2_S": iq2S, "IQ3_XXS": iq3XXS,
    "IQ3_S": iq3S, "IQ1_S": iq1S, "IQ1_M": iq1M,
  ]

  /// The numbers of a tensor that is held as the bytes of its blocks.
  ///
  /// - Parameter array: The bytes, in rows of whole blocks.
  /// - Returns: The numbers, as `float32`.
  func decoded(_ array: NDArray) -> NDArray {
    guard let dimensions = type.elementShape(ofBytes: array.shape.dimensions) else { return array }
    let result = NDArray(uninitialized: Shape(dimensions), dtype: .float32)
    let floatByteCount = MemoryLayout<Float>.size
    array.withContiguousBytes { bytes in
      result.storage.withMutableBytes { target in
        var block = [Float](repeating: 0, count: type.blockElementCount)
        for number in 0..<(bytes.byteCount / type.blockByteCount) {
          decode(bytes, number * type.blockByteCount, &block)
          block.withBytes {
            target.copy($0, at: number * type.blockElementCount * floatByteCount)
          }
        }
      }
    }
    return result
  }
}

extension Float {
  /// The number that bits are in half precision, exactly.
  init(halfBits: UInt16) {
    let bits = UInt32(halfBits)
    let sign = (bits & 0x8000) << 16
    let exponent = bits >> 10 & 0x1F
    let fraction = bits & 0x3FF
    switch exponent {
    case 0:
      // Subnormal: so many times 2 to the -24.
      let magnitude = Float(fraction) * 0x1p-24
      self = Float(bitPattern: magnitude.bitPattern | sign)
    case 0x1F: self = Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: self = Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}

extension RawSpan {
  /// The number in half precision at a position, exactly.
  func half(at position: Int) -> Float {
    Float(halfBits: loadLittleEndian(UInt16.self, at: position))
  }

  /// The lower or upper four bits of a byte.
  func nibble(_ isUpper: Bool, at position: Int) -> Int {
    Int(isUpper ? self[position] >> 4 : self[position] & 15)
  }

  /// The byte as a number.
  func int(at position: Int) -> Int { Int(self[position]) }
}
