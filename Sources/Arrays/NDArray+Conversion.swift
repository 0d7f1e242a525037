extension NDArray {
  /// The same values as another type, rounded where that type is coarser.
  ///
  /// The rules are those of PyTorch's `Tensor.to`:
  ///
  /// - Floats round to nearest, ties to even. Types narrower than `float32` are rounded from
  ///   `float32`.
  /// - Floats become integers by dropping the fraction. A float that does not fit in 64 bits, for which
  ///   PyTorch leaves the result open, becomes the bit pattern of `Int64.min`; narrower integers keep
  ///   the low bits.
  /// - Integers keep their low bits.
  /// - Anything but zero becomes true.
  /// - Complex numbers lose their imaginary part when they become real.
  ///
  /// - Parameter target: The type to convert to. If the array has it already, the array itself is
  ///   returned.
  /// - Throws: ``ConversionError`` to or from `float4_e2m1fn_x2`, which PyTorch does not convert
  ///   either.
  public func converted(to target: DType) throws(ConversionError) -> NDArray {
    if target == dtype { return self }
    try checkConversion(to: target)
    var result = NDArray(uninitialized: shape, dtype: target)
    withContiguousBytes { source in
      result.withMutableContiguousBytes { destination in
        ElementConversion.convert(source, dtype, into: &destination, target)
      }
    }
    return result
  }

  func checkConversion(to target: DType) throws(ConversionError) {
    guard dtype != .float4E2M1FNx2, target != .float4E2M1FNx2 else {
      throw ConversionError(from: dtype, to: target)
    }
  }
}

/// An error thrown for a pair of types between which no conversion exists.
public struct ConversionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The type of the values.
  public let from: DType
  /// The type requested.
  public let to: DType

  /// One sentence that names both types.
  public var description: String {
    "there is no conversion from \(from) to \(to): float4_e2m1fn_x2 holds packed pairs that are "
      + "kept as they are"
  }
}
