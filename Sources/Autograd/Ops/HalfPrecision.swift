import Arrays
import Files

extension Tensor {
  /// The result of `body` for this tensor as `float32`, rounded back to its type, if that is
  /// `float16` or `bfloat16`; nil for types that the loops handle themselves.
  ///
  /// As in PyTorch on the CPU, sums are accumulated in `float32` and rounded once.
  final func widened(_ body: (Tensor) -> Tensor) -> Tensor? {
    guard dtype == .float16 || dtype == .bfloat16 else { return nil }
    return body(to(.float32)).to(dtype)
  }

  /// The result of `body` for this tensor as `float64`, rounded back, if it is of `float32` and one of the
  /// sums of squares that were computed of it left the range of that: PyTorch adds them up in `float64`.
  final func beyondSquares(_ squares: Tensor, _ body: (Tensor) -> Tensor) -> Tensor? {
    guard dtype == .float32, device != .meta else { return nil }
    // Below the least number of full precision they were rounded, or lost. Each is looked at, since beside
    // NaN neither the least nor the greatest would tell.
    let isBeyond = noGrad { (squares .< 0x1p-100) .| (squares .== .infinity) }
    guard isBeyond.array.reduced(.sum).item(as: Int64.self) > 0 else { return nil }
    return body(to(.float64)).to(.float32)
  }

  /// This tensor as `float32`, for operations beside one that is ``widened(_:)``.
  final var wide: Tensor { to(.float32) }

  /// The result of `body` for this tensor and another in their common type, or in the type given. It is computed
  /// as `float32` if the common type is of half precision, and rounded once.
  final func inCommonType(
    _ other: Tensor, as type: DType? = nil, _ body: (Tensor, Tensor) -> Tensor
  ) -> Tensor {
    let common = DType.ofOperation(array, other.array)
    let compute = common.isFloatingPoint ? common.computeType : common
    return body(to(compute), other.to(compute)).to(type ?? common.realResult)
  }

  /// The result of `body` as in ``inCommonType(_:as:_:)``, in this tensor's type: that of PyTorch's losses that
  /// write into a result like their input.
  final func inOwnType(_ other: Tensor, _ body: (Tensor, Tensor) -> Tensor) -> Tensor {
    inCommonType(other, as: dtype.isFloatingPoint ? dtype : nil, body)
  }

  /// Zeros of this tensor's shape, type and place: what an operation without a slope hands on.
  final var zeros: Tensor {
    Tensor(
      array: NDArray(zeros: shape, dtype: dtype), device: device, node: nil, requiresGrad: false)
  }

  /// This gradient where a mask is true, and zero elsewhere, even where it is infinite.
  final func kept(where mask: Tensor) -> Tensor {
    .where(mask, self, Tensor(NDArray(zeros: .scalar, dtype: dtype)))
  }

  final func requireLoops(_ operation: StaticString) {
    require(
      dtype == .float32 || dtype == .float64,
      "\(operation): shape \(shape) is of \(dtype), not float16, bfloat16, float32 or float64")
  }

  /// Traps unless a bias has this tensor's type.
  final func requireBias(_ operation: StaticString, _ bias: Tensor?) {
    guard let bias, bias.dtype != dtype else { return }
    trap(
      "\(operation): Input type (\(dtype)) and bias type (\(bias.dtype)) should be the same: "
        + "convert one of shapes \(shape) and \(bias.shape) with to(_:)")
  }

  /// Traps unless a scale and a shift have this tensor's type, or are `float32` beside one of half
  /// precision.
  final func requireAffine(_ operation: StaticString, _ vectors: Tensor?...) {
    for case let vector? in vectors where vector.dtype != dtype {
      require(
        vector.dtype == .float32 && (dtype == .float16 || dtype == .bfloat16),
        "\(operation): mixed dtype: a weight or bias is \(vector.dtype) of shape \(vector.shape) "
          + "beside an input of \(dtype) with shape \(shape): convert one of them with to(_:)")
    }
  }

  /// Traps unless other operands have this tensor's type, where PyTorch does not promote.
  final func requireOneType(_ operation: StaticString, _ others: Tensor?...) {
    for case let other? in others where other.dtype != dtype {
      trap(
        "\(operation): expected all operands to have the same dtype, but got \(dtype) of shape "
          + "\(shape) and \(other.dtype) of shape \(other.shape): convert one of them with to(_:)")
    }
  }

  final func requireSameType(_ operation: StaticString, _ other: Tensor) {
    require(
      dtype == other.dtype && (dtype == .float32 || dtype == .float64),
      "\(operation): input of \(dtype) and weight of \(other.dtype) must both be float16, bfloat16, "
        + "float32 or float64")
  }
}
