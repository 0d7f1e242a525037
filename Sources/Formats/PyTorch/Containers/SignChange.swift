import Arrays
import Files

/// Changes the signs of floating-point numbers by their sign bits.
enum SignChange {
  /// A copy of an array, conjugated, negated or both.
  ///
  /// PyTorch saves a conjugated or negated view as the original values and a mark.
  static func apply(_ array: NDArray, conjugate: Bool, negate: Bool) -> NDArray {
    var result = array.copied()
    let part = result.dtype.realType ?? result.dtype
    let partCount = result.dtype.isComplex ? 2 : 1
    let flipsReal = negate
    let flipsImaginary = negate != conjugate
    result.withMutableContiguousBytes { bytes in
      for index in 0..<bytes.byteCount / part.itemSize {
        let isImaginary = partCount == 2 && !index.isMultiple(of: 2)
        // The last byte of a little-endian number holds the sign.
        if isImaginary ? flipsImaginary : flipsReal {
          bytes[(index + 1) * part.itemSize - 1] ^= 0x80
        }
      }
    }
    return result
  }
}
