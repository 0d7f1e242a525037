extension NDArray {
  /// The same values as another type, rounded where that type is coarser.
  ///
  /// Follows PyTorch's `to`: floats round to nearest, ties to even; narrow floats are reached by
  /// way of `float32`; floats become integers by dropping the fraction; integers keep their low
  /// bits; anything but zero becomes true; the imaginary part is dropped where it has no place.
  /// Where PyTorch leaves the result open (a float that no integer of the type equals) the float
  /// becomes `Int64.min` if it does not fit there, and the low bits are kept.
  ///
  /// - Throws: ``ConversionError`` for `float4_e2m1fn_x2`, which PyTorch does not convert either.
  public func converted(to target: DType) throws(ConversionError) -> NDArray {
    if target == dtype { return self }
    try checkConversion(to: target)
    var result = NDArray(uninitialized: shape, dtype: target)
    withContiguousBytes { source in
      result.withMutableContiguousBytes { destination in
        ElementConversion.convert(source, dtype, into: destination, target)
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

/// Two types between which there is no conversion.
public struct ConversionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The type of the values.
  public let from: DType
  /// The type that was wanted.
  public let to: DType

  /// One sentence that names both types.
  public var description: String {
    "there is no conversion from \(from) to \(to): float4_e2m1fn_x2 holds packed pairs that are "
      + "kept as they are"
  }
}
