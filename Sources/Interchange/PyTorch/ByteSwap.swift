import Arrays

/// Turns numbers whose most significant byte comes first into those of this machine's order.
enum ByteSwap {
  /// The length of the numbers that elements of a type are made of.
  static func width(of dtype: DType) -> Int { (dtype.realType ?? dtype).itemSize }

  /// Reverses the bytes of each number of `width` bytes. Bytes that are left over stay.
  static func apply(_ storage: Storage, width: Int) {
    storage.withUnsafeMutableBytes { bytes in
      switch width {
      case 2: swap(bytes.bindMemory(to: UInt16.self))
      case 4: swap(bytes.bindMemory(to: UInt32.self))
      case 8: swap(bytes.bindMemory(to: UInt64.self))
      default: break
      }
    }
  }

  private static func swap<T: FixedWidthInteger>(_ numbers: UnsafeMutableBufferPointer<T>) {
    for index in numbers.indices { numbers[index] = numbers[index].byteSwapped }
  }
}

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
      for index in 0..<bytes.count / part.itemSize {
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
