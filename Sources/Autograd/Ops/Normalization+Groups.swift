import Arrays
import Kernels

extension Tensor {
  /// Normalisation of groups of channels of each sample, then scale and shift. Equivalent to
  /// `torch.nn.functional.group_norm`.
  ///
  /// - Parameters:
  ///   - groups: The number of groups, into which channels divide.
  ///   - weight: (channels,).
  ///   - bias: (channels,).
  public final func groupNorm(
    _ groups: Int, weight: Tensor? = nil, bias: Tensor? = nil, eps: Double = 1e-5
  ) -> Tensor {
    require(
      rank >= 2 && groups > 0 && shape[1] % groups == 0,
      "groupNorm: the channels of shape \(shape) do not divide into \(groups) groups")
    let channels = shape[1]
    for vector in [weight, bias].compactMap(\.self) {
      require(
        vector.shape == [channels],
        "groupNorm: a weight or bias of shape \(vector.shape) does not fit shape \(shape)")
    }
    let length = shape.dimensions.dropFirst().reduce(1, *) / groups
    let normalized = reshaped([shape[0], groups, length]).layerNorm([length], eps: eps)
      .reshaped(shape)
    let column = Shape(shape.indices.map { $0 == 1 ? channels : 1 })
    let scaled = weight.map { normalized * $0.reshaped(column) } ?? normalized
    return bias.map { scaled + $0.reshaped(column) } ?? scaled
  }

  /// Normalisation of each channel of each sample, then scale and shift. Equivalent to
  /// `torch.nn.functional.instance_norm` without running statistics.
  public final func instanceNorm(
    weight: Tensor? = nil, bias: Tensor? = nil, eps: Double = 1e-5
  ) -> Tensor {
    require(
      rank >= 3 && shape.dimensions.dropFirst(2).reduce(1, *) > 1,
      "instanceNorm: shape \(shape) does not have more than one element for each channel")
    return groupNorm(shape[1], weight: weight, bias: bias, eps: eps)
  }

  /// Division by the root of the mean square over the last dimensions, then scale. Equivalent to
  /// `torch.nn.functional.rms_norm`.
  ///
  /// - Parameters:
  ///   - normalizedShape: The last lengths of this tensor's shape.
  ///   - weight: Of that shape.
  ///   - eps: What is added to the mean; the type's distance from 1 to the next number if nil.
  public final func rmsNorm(
    _ normalizedShape: Shape, weight: Tensor? = nil, eps: Double? = nil
  ) -> Tensor {
    require(
      normalizedShape.rank > 0
        && Array(shape.dimensions.suffix(normalizedShape.rank)) == normalizedShape.dimensions,
      "rmsNorm: shape \(shape) does not end in \(normalizedShape)")
    let axes = Array(rank - normalizedShape.rank..<rank)
    let ulp = dtype == .float64 ? Double.ulpOfOne : Double(Float.ulpOfOne)
    let scaled = self * (square().mean(axes, keepDims: true) + (eps ?? ulp)).rsqrt()
    return weight.map { scaled * $0 } ?? scaled
  }
}
