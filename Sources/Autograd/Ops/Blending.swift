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
    let result = noGrad {
      wideBlend(end) { start, end -> Tensor in
        if weight.magnitude < 0.5 { return start + (end - start) * weight }
        return end - (end - start) * (1 - weight)
      }
    }
    return .record("lerp", [self, end], result.array) { _ in
      [{ $0 * (1 - weight) }, { $0 * weight }]
    }
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
    let result = noGrad {
      wideBlend(end) { start, end -> Tensor in
        let weight = weight.to(start.dtype)
        let difference = end - start
        return .where(
          weight.abs() .< 0.5, start + difference * weight, end - difference * (1 - weight))
      }
    }
    return .record("lerp", [self, end, weight], result.array) { _ in
      let (x, y, w) = (self.saved, end.saved, weight.saved)
      return [{ $0 * (1 - w()) }, { $0 * w() }, { $0 * (y() - x()) }]
    }
  }

  /// A blend of this tensor and another, in `float32` for those of half precision, rounded once.
  private final func wideBlend(_ end: Tensor, _ body: (Tensor, Tensor) -> Tensor) -> Tensor {
    widened { body($0, end.wide) } ?? body(self, end)
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
    if let result = to(common).widened({
      $0.addcmul(first.to(common).wide, second.to(common).wide, value: value)
    }) {
      return result.named("addcmul")
    }
    guard common.isIntegral else {
      // In PyTorch's order, which decides what is rounded.
      let factor = value == 1 ? first.to(common) : first.to(common) * value
      return (to(common) + factor * second.to(common)).named("addcmul")
    }
    let product = first.to(common) * second.to(common)
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
    let (x, first, second) = (to(common), first.to(common), second.to(common))
    if let result = x.widened({ $0.addcdiv(first.wide, second.wide, value: value) }) {
      return result.named("addcdiv")
    }
    let result = noGrad { x + (value == 1 ? first : first * value) / second }
    return .record("addcdiv", [x, first, second], result.array) { _ in
      let (dividend, divisor) = (first.saved, second.saved)
      return [
        { $0 },
        { $0 * (value / divisor()) },
        { -$0 * (dividend() * value / (divisor() * divisor())) },
      ]
    }
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

  /// The derivative of ``lgamma()``. Equivalent to `torch.digamma`.
  public final func digamma() -> Tensor {
    let x = dtype.isIntegral ? to(.float32) : self
    return .record("digamma", [x], x.array.mapped(SpecialFunctions.digamma)) { _ in
      let saved = x.saved
      return [{ $0 * saved().polygamma(1) }]
    }
  }

  /// The derivative of ``digamma()`` of an order, which is positive.
  private final func polygamma(_ order: Int) -> Tensor {
    let result = array.mapped {
      order == 1 ? SpecialFunctions.trigamma($0) : SpecialFunctions.polygamma(order, $0)
    }
    return .record("polygamma", [self], result) { _ in
      let saved = self.saved
      return [{ $0 * saved().polygamma(order + 1) }]
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
