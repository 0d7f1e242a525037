import Arrays
import Files
import Kernels

extension Tensor {
  /// this + `weight` · (`end` − this), elementwise, with broadcasting. Equivalent to `torch.lerp`.
  ///
  /// - Parameters:
  ///   - end: The tensor to move towards.
  ///   - weight: The share of the way.
  /// - Precondition: Both tensors are of one floating-point type.
  public final func lerp(_ end: Tensor, _ weight: Double) -> Tensor {
    requireBlendable(end)
    // As in PyTorch, from the nearer end, so that a weight of 1 gives exactly that end.
    let result =
      weight.magnitude < 0.5 ? self + (end - self) * weight : end - (end - self) * (1 - weight)
    return result.named("lerp")
  }

  /// this + `weight` · (`end` − this), elementwise, with broadcasting. Equivalent to `torch.lerp`.
  ///
  /// - Parameters:
  ///   - end: The tensor to move towards.
  ///   - weight: The share of the way for each element.
  /// - Precondition: The tensors are of one floating-point type; a weight without dimensions may be of
  ///   another.
  public final func lerp(_ end: Tensor, _ weight: Tensor) -> Tensor {
    requireBlendable(end)
    require(
      weight.dtype == dtype || weight.rank == 0 && !weight.dtype.isComplex,
      "lerp: expected dtype \(dtype) for `weight` but got dtype \(weight.dtype) of shape "
        + "\(weight.shape)")
    let weight = weight.to(dtype)
    let isNear = weight.detached().abs() .< 0.5
    let difference = end - self
    return Tensor.where(isNear, self + difference * weight, end - difference * (1 - weight))
      .named("lerp")
  }

  private final func requireBlendable(_ end: Tensor) {
    require(
      end.dtype == dtype,
      "lerp: expected dtype \(dtype) for `end` but got dtype \(end.dtype) of shape \(end.shape)")
    require(
      dtype.isFloatingPoint,
      "lerp: it is not there for tensors of \(dtype), such as this of shape \(shape): convert them with "
        + "to(.float32)")
  }

  /// this + `value` · `first` · `second`, with broadcasting. Equivalent to `torch.addcmul`.
  ///
  /// All is computed in the common type of the three tensors.
  ///
  /// - Parameters:
  ///   - first: A factor.
  ///   - second: Another factor.
  ///   - value: A factor for the product.
  /// - Precondition: The tensors are not all of booleans, and the factor of integers is whole; PyTorch
  ///   would cut it off.
  public final func addcmul(_ first: Tensor, _ second: Tensor, value: Double = 1) -> Tensor {
    let common = commonType(first, second)
    require(
      common != .bool,
      "addcmul: it is not there for tensors of bool, such as this of shape \(shape): use .& and .|")
    let product = first.to(common) * second.to(common)
    guard common.isIntegral else {
      return (to(common) + (value == 1 ? product : product * value)).named("addcmul")
    }
    guard let whole = Int(exactly: value) else {
      trap(
        "addcmul: value \(value) is not whole, for \(common) of shape \(shape): convert a tensor with "
          + "to(.float32)")
    }
    return (to(common) + product * whole).named("addcmul")
  }

  /// The type in which PyTorch computes with this tensor and two others.
  private final func commonType(_ first: Tensor, _ second: Tensor) -> DType {
    // Those without dimensions count less, all of them together.
    let arrays = [array, first.array, second.array]
    let groups = [arrays.filter { $0.rank > 0 }, arrays.filter { $0.rank == 0 }]
    let common = groups.compactMap { group -> NDArray? in
      guard let first = group.first else { return nil }
      let dtype = group.reduce(first.dtype) { $0.promoted(with: $1.dtype) }
      return .placeholder(first.shape, dtype)
    }
    return common.dropFirst().reduce(common[0].dtype) { _, next in .ofOperation(common[0], next) }
  }

  /// this + `value` · `first` / `second`, with broadcasting. Equivalent to `torch.addcdiv`.
  ///
  /// - Parameters:
  ///   - first: The dividend.
  ///   - second: The divisor.
  ///   - value: A factor for the quotient.
  /// - Precondition: The quotient is not one of integers.
  public final func addcdiv(_ first: Tensor, _ second: Tensor, value: Double = 1) -> Tensor {
    require(
      !first.dtype.isIntegral || !second.dtype.isIntegral,
      "addcdiv: integer division of shapes \(first.shape) and \(second.shape) is not supported")
    let common = commonType(first, second)
    let quotient = first.to(common) / second.to(common)
    return (to(common) + (value == 1 ? quotient : quotient * value)).named("addcdiv")
  }

  /// This tensor with numbers in the place of NaN and infinities. Equivalent to `torch.nan_to_num`.
  ///
  /// - Parameters:
  ///   - nan: For NaN.
  ///   - posinf: For infinity; the largest number of the type if nil.
  ///   - neginf: For −infinity; the smallest number of the type if nil.
  public final func nanToNum(
    nan: Double = 0, posinf: Double? = nil, neginf: Double? = nil
  ) -> Tensor {
    guard dtype.isFloatingPoint else { return self }
    let limit: Double =
      switch dtype {
      case .float64: .greatestFiniteMagnitude
      case .float16: 65504
      case .bfloat16: 0x1.FEp127
      default: Double(Float.greatestFiniteMagnitude)
      }
    let plain = detached()
    return maskedFill(plain.isNaN(), nan)
      .maskedFill(plain .== .infinity, posinf ?? limit)
      .maskedFill(plain .== -.infinity, neginf ?? -limit).named("nanToNum")
  }

  /// The number x whose error function is y. Equivalent to `torch.erfinv`.
  public final func erfinv() -> Tensor {
    let x = dtype.isIntegral ? to(.float32) : self
    return .record("erfinv", [x], x.array.mapped(SpecialFunctions.inverseErf)) { output in
      [{ $0 * (output().square().exp() * (Double.pi.squareRoot() / 2)) }]
    }
  }

  /// The logarithm of the absolute value of the gamma function. Equivalent to `torch.lgamma`.
  public final func lgamma() -> Tensor {
    let x = dtype.isIntegral ? to(.float32) : self
    return .record("lgamma", [x], x.array.mapped(SpecialFunctions.lgamma)) { _ in
      let saved = x.saved
      return [{ $0 * saved().digamma() }]
    }
  }

  /// The derivative of ``lgamma()``. Equivalent to `torch.digamma`. It can be differentiated once.
  public final func digamma() -> Tensor {
    let x = dtype.isIntegral ? to(.float32) : self
    return .record("digamma", [x], x.array.mapped(SpecialFunctions.digamma)) { _ in
      let (saved, shape) = (x.saved, x.shape)
      return [
        { grad in
          let slope = Tensor.record(
            "polygamma", [saved()], saved().array.mapped(SpecialFunctions.trigamma)
          ) {
            _ in [{ _ in trap("digamma: there is no second derivative of shape \(shape)") }]
          }
          return grad * slope
        }
      ]
    }
  }

  /// This tensor with another name for its operation, that of the composition it is the result of.
  final func named(_ name: StaticString) -> Tensor {
    node?.name = name
    return self
  }
}

extension NDArray {
  /// A function of each element, computed in `float64` and rounded once.
  func mapped(_ function: (Double) -> Double) -> NDArray {
    NDArray(cast(to: .float64).elements(as: Double.self).map(function), shape: shape)
      .cast(to: dtype)
  }
}
