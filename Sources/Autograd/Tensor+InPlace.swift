// swift-format-ignore-file: AlwaysUseLowerCamelCase

import Arrays
import Files
import Kernels

// The names are PyTorch's: a method that changes its tensor ends with an underscore.
extension Tensor {
  /// Replaces elements and graph by those of what `compute` makes of this tensor.
  ///
  /// - Parameters:
  ///   - operation: The operation that sentences name.
  ///   - compute: Receives this tensor as it was.
  /// - Returns: This tensor.
  @discardableResult
  final func changed(_ operation: StaticString, _ compute: (Tensor) -> Tensor) -> Self {
    let result = computed(operation, compute)
    guard device != .meta else { return self }
    putElements(result.array, for: operation)
    countChange()
    return self
  }

  /// What `compute` makes of this tensor, whose graph and that of whose views become those of that.
  private final func computed(
    _ operation: StaticString, _ compute: (Tensor) -> Tensor
  ) -> Tensor {
    requireChangeable(operation, isRecorded: true)
    let before = Tensor(
      array: array, device: device, node: GradMode.isEnabled ? node : nil, requiresGrad: false)
    let result = compute(before)
    require(
      result.shape == shape,
      "\(operation): output with shape \(shape) doesn't match the broadcast shape \(result.shape)")
    require(
      result.dtype == dtype
        || (dtype != .bool && (result.dtype.isIntegral || !dtype.isIntegral)
          && (dtype.isComplex || !result.dtype.isComplex)),
      "\(operation): result type \(result.dtype) can't be cast to the desired output type \(dtype) "
        + "of shape \(shape)")
    let fitting = result.to(dtype)
    guard GradMode.isEnabled else { return fitting }
    requireChangeable(operation, isRecorded: fitting.requiresGrad)
    rebaseViews(on: fitting)
    if array.isPart, fitting.node !== node { _ = fitting.named("AsStridedBackward0") }
    setNode(fitting.node)
    return fitting
  }

  /// Adds another tensor to this one, in place. Equivalent to `torch.Tensor.add_`.
  ///
  /// Here and in the other methods that change a tensor, this object is changed, as in PyTorch, so
  /// every variable that holds it sees the change, as do its views and what it is a view of, and
  /// gradients follow it. As in PyTorch, a leaf that requires a gradient, or a view of one, can be
  /// changed only in ``noGrad(_:)`` or through ``data``, a view that has elements more than once, such
  /// as an expanded one, cannot, and neither shape nor type changes.
  ///
  /// - Parameters:
  ///   - other: The tensor to add, which broadcasts to this one's shape.
  ///   - alpha: A factor for `other`.
  /// - Returns: This tensor.
  @discardableResult
  public final func add_(_ other: Tensor, alpha: Double = 1) -> Self {
    changed("add_") { alpha == 1 ? $0 + other : $0.add(other, alpha: alpha) }
  }

  /// Adds a number to each element, in place. Equivalent to `torch.Tensor.add_`.
  ///
  /// - Parameter number: The number; only a whole one goes into integers.
  /// - Returns: This tensor.
  @discardableResult
  public final func add_(_ number: some TensorNumber) -> Self {
    changed("add_") { $0 + number }
  }

  /// Subtracts another tensor from this one, in place. Equivalent to `torch.Tensor.sub_`.
  ///
  /// - Parameters:
  ///   - other: The tensor to subtract, which broadcasts to this one's shape.
  ///   - alpha: A factor for `other`.
  /// - Returns: This tensor.
  @discardableResult
  public final func sub_(_ other: Tensor, alpha: Double = 1) -> Self {
    changed("sub_") { alpha == 1 ? $0 - other : $0.sub(other, alpha: alpha) }
  }

  /// Subtracts a number from each element, in place. Equivalent to `torch.Tensor.sub_`.
  ///
  /// - Parameter number: The number; only a whole one goes into integers.
  /// - Returns: This tensor.
  @discardableResult
  public final func sub_(_ number: some TensorNumber) -> Self {
    changed("sub_") { $0 - number }
  }

  /// Multiplies this tensor by another, in place. Equivalent to `torch.Tensor.mul_`.
  ///
  /// - Parameter other: The factor, which broadcasts to this one's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func mul_(_ other: Tensor) -> Self { changed("mul_") { $0 * other } }

  /// Multiplies each element by a number, in place. Equivalent to `torch.Tensor.mul_`.
  ///
  /// - Parameter number: The number; only a whole one goes into integers.
  /// - Returns: This tensor.
  @discardableResult
  public final func mul_(_ number: some TensorNumber) -> Self {
    changed("mul_") { $0 * number }
  }

  /// Divides this tensor by another, in place. Equivalent to `torch.Tensor.div_`.
  ///
  /// - Parameter other: The divisor, which broadcasts to this one's shape.
  /// - Returns: This tensor.
  @discardableResult
  public final func div_(_ other: Tensor) -> Self { changed("div_") { $0 / other } }

  /// Divides each element by a number, in place. Equivalent to `torch.Tensor.div_`.
  ///
  /// - Parameter number: The divisor.
  /// - Returns: This tensor.
  /// - Precondition: The elements are floating-point numbers.
  @discardableResult
  public final func div_(_ number: some TensorNumber) -> Self {
    changed("div_") { $0 / number }
  }

  /// Raises each element to a power, in place. Equivalent to `torch.Tensor.pow_`.
  ///
  /// - Parameter exponent: The exponent; only a whole one goes with integers.
  /// - Returns: This tensor.
  @discardableResult
  public final func pow_(_ exponent: some TensorNumber) -> Self {
    changed("pow_") { $0 ** exponent }
  }

  /// Sets every element to a number, in place. Equivalent to `torch.Tensor.fill_`.
  ///
  /// - Parameter number: The number, converted to this tensor's type; one beyond its range traps.
  /// - Returns: This tensor.
  @discardableResult
  public final func fill_(_ number: some TensorNumber) -> Self {
    filled("fill_", number.filling(dtype, for: "fill_").expanded(to: shape).copied())
  }

  /// Sets every element to zero, in place. Equivalent to `torch.Tensor.zero_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func zero_() -> Self { fill_(0) }

  /// Sets every element to that of another tensor, in place. Equivalent to `torch.Tensor.copy_`.
  ///
  /// - Parameter source: The new elements, which broadcast to this tensor's shape and are converted
  ///   to its type.
  /// - Returns: This tensor.
  @discardableResult
  public final func copy_(_ source: Tensor) -> Self {
    changed("copy_") { before in
      source.array.requireReal(for: before.dtype, "copy_")
      let values = source.array.cast(to: before.dtype).expanded(to: before.shape).copied()
      return .record("copy", [before, source], values) { _ in [{ $0.zeros }, { $0 }] }
    }
  }

  /// Limits each element to a range, in place. Equivalent to `torch.Tensor.clamp_`.
  ///
  /// - Parameters:
  ///   - min: The lower limit.
  ///   - max: The upper limit.
  /// - Returns: This tensor.
  /// - Precondition: The elements are floating-point numbers; for integers the limits are too.
  @discardableResult
  public final func clamp_(min: Double = -.infinity, max: Double = .infinity) -> Self {
    changed("clamp_") { $0.clamp(min: min, max: max) }
  }
  /// Limits each element to a range, in place. Equivalent to `torch.Tensor.clamp_`.
  ///
  /// - Parameters:
  ///   - min: The lower limit.
  ///   - max: The upper limit.
  /// - Returns: This tensor.
  @discardableResult
  public final func clamp_(min: Int, max: Int) -> Self {
    changed("clamp_") { $0.clamp(min: min, max: max) }
  }
  /// Limits each element to `min` and above, in place. Equivalent to `torch.Tensor.clamp_`.
  ///
  /// - Parameter min: The lower limit.
  /// - Returns: This tensor.
  @discardableResult
  public final func clamp_(min: Int) -> Self { changed("clamp_") { $0.clamp(min: min) } }
  /// Limits each element to `max` and below, in place. Equivalent to `torch.Tensor.clamp_`.
  ///
  /// - Parameter max: The upper limit.
  /// - Returns: This tensor.
  @discardableResult
  public final func clamp_(max: Int) -> Self { changed("clamp_") { $0.clamp(max: max) } }
  /// Limits each element to bounds given by tensors, in place. Equivalent to `torch.Tensor.clamp_`.
  ///
  /// - Parameters:
  ///   - min: The lower limits, if any, which broadcast.
  ///   - max: The upper limits, if any, which broadcast.
  /// - Returns: This tensor.
  @discardableResult
  public final func clamp_(min: Tensor?, max: Tensor? = nil) -> Self {
    changed("clamp_") { $0.clamp(min: min, max: max) }
  }

  /// Sets the elements where `mask` is true to a number, in place. Equivalent to
  /// `torch.Tensor.masked_fill_`.
  ///
  /// - Parameters:
  ///   - mask: A mask of type `bool`, which broadcasts.
  ///   - value: The number, converted to this tensor's type; one beyond its range traps.
  /// - Returns: This tensor.
  @discardableResult
  public final func maskedFill_(_ mask: Tensor, _ value: Double) -> Self {
    changed("maskedFill_") { $0.maskedFill(mask, value) }
  }

  /// Moves each element towards that of another tensor, in place. Equivalent to
  /// `torch.Tensor.lerp_`.
  ///
  /// - Parameters:
  ///   - end: The tensor to move towards.
  ///   - weight: The share of the way.
  /// - Returns: This tensor.
  @discardableResult
  public final func lerp_(_ end: Tensor, _ weight: Double) -> Self {
    changed("lerp_") { $0.lerp(end, weight) }
  }

  /// Sets every element to a uniformly distributed random number, in place. Equivalent to
  /// `torch.Tensor.uniform_`.
  ///
  /// - Parameters:
  ///   - low: The lower bound, inclusive.
  ///   - high: The upper bound, exclusive.
  ///   - generator: The source of the numbers.
  /// - Returns: This tensor.
  @discardableResult
  public final func uniform_(
    _ low: Double = 0, _ high: Double = 1, generator: Generator = .current
  ) -> Self {
    let values = generator.uniform(shape, from: low, to: high, dtype: dtype)
    return filled("uniform_", values)
  }

  /// Sets every element to a normally distributed random number, in place. Equivalent to
  /// `torch.Tensor.normal_`.
  ///
  /// - Parameters:
  ///   - mean: The mean of the distribution.
  ///   - std: The standard deviation of the distribution.
  ///   - generator: The source of the numbers.
  /// - Returns: This tensor.
  @discardableResult
  public final func normal_(
    _ mean: Double = 0, _ std: Double = 1, generator: Generator = .current
  ) -> Self {
    let values = generator.normal(shape, mean: mean, std: std, dtype: dtype)
    return filled("normal_", values)
  }

  /// Sets the elements to others, which do not depend on those before.
  private final func filled(_ operation: StaticString, _ values: NDArray) -> Self {
    changed(operation) { before in .record(operation, [before], values) { _ in [{ $0.zeros }] } }
  }

  /// Takes this tensor out of the graph: it becomes a leaf that requires no gradient. Equivalent to
  /// `torch.Tensor.detach_`.
  ///
  /// - Returns: This tensor.
  @discardableResult
  public final func detach_() -> Self {
    setNode(nil)
    requiresGrad = false
    return self
  }

  /// Freezes or unfreezes this tensor. Equivalent to `torch.Tensor.requires_grad_`.
  ///
  /// - Parameter mode: False for a tensor that no gradient flows to.
  /// - Returns: This tensor.
  /// - Precondition: As for ``requiresGrad``.
  @discardableResult
  public final func requiresGrad_(_ mode: Bool = true) -> Self {
    requiresGrad = mode
    return self
  }
}
