import Arrays
import Files
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
    if let result = widened({
      $0.groupNorm(groups, weight: weight?.wide, bias: bias?.wide, eps: eps)
    }) {
      return result
    }
    let length = shape.dimensions.dropFirst().reduce(1, *) / groups
    let normalized = reshaped([shape[0], groups, length]).layerNorm([length], eps: eps)
      .reshaped(shape)
    let column = Shape(shape.indices.map { $0 == 1 ? channels : 1 })
    let scaled = weight.map { normalized * $0.reshaped(column) } ?? normalized
    return bias.map { scaled + $0.reshaped(column) } ?? scaled
  }

  /// Normalisation of each channel of each sample, then scale and shift. Equivalent to
  /// `torch.nn.functional.instance_norm`.
  ///
  /// - Parameters:
  ///   - runningMean: (channels,). Moved towards the mean over samples, or used in the place of the
  ///     sample's if not `useInputStats`.
  ///   - runningVar: (channels,). The same for the variance, of which the unbiased is kept.
  ///   - weight: (channels,).
  ///   - bias: (channels,).
  ///   - useInputStats: Whether each sample's own mean and biased variance normalise it.
  ///   - momentum: The weight of the samples in the running statistics.
  public final func instanceNorm(
    runningMean: Buffer? = nil, runningVar: Buffer? = nil, weight: Tensor? = nil,
    bias: Tensor? = nil, useInputStats: Bool = true, momentum: Double = 0.1, eps: Double = 1e-5
  ) -> Tensor {
    guard useInputStats else {
      return batchNorm(
        runningMean: runningMean, runningVar: runningVar, weight: weight, bias: bias, eps: eps)
    }
    require(
      rank >= 3 && shape.dimensions.dropFirst(2).reduce(1, *) > 1,
      "instanceNorm: expected more than 1 spatial element when training, got input shape \(shape)")
    if let runningMean, let runningVar {
      moveInstanceStatistics(runningMean, runningVar, momentum)
    }
    return groupNorm(shape[1], weight: weight, bias: bias, eps: eps)
  }

  private final func moveInstanceStatistics(
    _ runningMean: Buffer, _ runningVar: Buffer, _ momentum: Double
  ) {
    let (samples, channels) = (shape[0], shape[1])
    require(
      runningMean.shape == [channels] && runningVar.shape == [channels],
      "instanceNorm: running statistics of shape \(runningMean.shape) do not fit the channels of "
        + "shape \(shape)")
    let rows = Shape([1, samples * channels] + shape.dimensions.dropFirst(2))
    let instances = ChannelNormalization(rows)
    let (mean, variance) = instances.moments(
      array.cast(to: dtype.computeType).reshaped(to: rows))
    let unbiased = Double(instances.count) / Double(instances.count - 1)
    func average(_ values: [Double]) -> [Double] {
      (0..<channels).map { channel in
        stride(from: channel, to: values.count, by: channels).reduce(0) { $0 + values[$1] }
          / Double(samples)
      }
    }
    runningMean.move(towards: average(mean), by: momentum)
    runningVar.move(towards: average(variance.map { $0 * unbiased }), by: momentum)
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
    if let result = widened({
      $0.rmsNorm(normalizedShape, weight: weight?.wide, eps: eps)
    }) {
      return result
    }
    let axes = Array(rank - normalizedShape.rank..<rank)
    let ulp = dtype == .float64 ? Double.ulpOfOne : Double(Float.ulpOfOne)
    let scaled = self * (square().mean(axes, keepDims: true) + (eps ?? ulp)).rsqrt()
    return weight.map { scaled * $0 } ?? scaled
  }

  /// Division of each element by a power of the mean square over neighbouring channels. Equivalent
  /// to `torch.nn.functional.local_response_norm`.
  ///
  /// - Parameters:
  ///   - size: How many channels count; those beyond the edges are zero.
  ///   - alpha: What the mean is multiplied by.
  ///   - beta: The power.
  ///   - k: What is added.
  /// - Precondition: This tensor is (batch, channels, …).
  public final func localResponseNorm(
    _ size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1
  ) -> Tensor {
    require(
      rank >= 3 && size > 0,
      "localResponseNorm: shape \(shape) is not (batch, channels, …), or the size \(size) not "
        + "positive")
    let squares = square().padded(1, before: size / 2, after: (size - 1) / 2)
    let mean = squares.unfolded(1, size: size, step: 1).mean([-1])
    return self / (mean * alpha + k).pow(beta)
  }
}
