import Arrays
import Files
import Kernels

extension Tensor {
  /// Normalizes groups of channels of each sample to mean 0 and variance 1, then scales and shifts.
  /// Equivalent to `torch.nn.functional.group_norm`.
  ///
  /// Wu and He, "Group normalization" (2018).
  ///
  /// - Parameters:
  ///   - groups: The number of groups, a divisor of the number of channels.
  ///   - weight: The scale, (channels,).
  ///   - bias: The shift, (channels,).
  ///   - eps: Added to the variance.
  /// - Precondition: This tensor is (batch, channels, …), and the shapes fit.
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
    requireAffine("groupNorm", weight, bias)
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

  /// Normalizes each channel of each sample to mean 0 and variance 1, then scales and shifts.
  /// Equivalent to `torch.nn.functional.instance_norm`.
  ///
  /// Ulyanov, Vedaldi and Lempitsky, "Instance normalization: the missing ingredient for fast
  /// stylization" (2016).
  ///
  /// - Parameters:
  ///   - runningMean: (channels,). Moved towards the mean over samples; used in place of the
  ///     sample's own if not `useInputStats`.
  ///   - runningVar: (channels,). The same for the unbiased variance.
  ///   - weight: The scale, (channels,).
  ///   - bias: The shift, (channels,).
  ///   - useInputStats: Whether each sample's own mean and biased variance are used.
  ///   - momentum: The weight of the new statistics in the running ones.
  ///   - eps: Added to the variance.
  /// - Precondition: This tensor is (batch, channels, …); with `useInputStats`, each channel has
  ///   more than one element per sample.
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
        Swift.stride(from: channel, to: values.count, by: channels).reduce(0) { $0 + values[$1] }
          / Double(samples)
      }
    }
    runningMean.move(towards: average(mean), by: momentum)
    runningVar.move(towards: average(variance.map { $0 * unbiased }), by: momentum)
  }

  /// Divides by the root mean square over the last dimensions, then scales. Equivalent to
  /// `torch.nn.functional.rms_norm`.
  ///
  /// Zhang and Sennrich, "Root mean square layer normalization" (2019).
  ///
  /// - Parameters:
  ///   - normalizedShape: The last lengths of this tensor's shape, over which the mean is taken.
  ///   - weight: The scale, of that shape.
  ///   - eps: Added to the mean square; if nil the machine epsilon of the type, of `float32` for
  ///     narrower ones.
  /// - Precondition: This tensor's shape ends in `normalizedShape`.
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
    return weight.map { (scaled * $0).to(dtype) } ?? scaled
  }

  /// x / (k + alpha · m)^beta, where m is the mean square over neighboring channels. Equivalent to
  /// `torch.nn.functional.local_response_norm`.
  ///
  /// Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural
  /// networks" (2012).
  ///
  /// - Parameters:
  ///   - size: The number of neighboring channels, those beyond the ends being zero.
  ///   - alpha: The factor of the mean square.
  ///   - beta: The exponent.
  ///   - k: The constant.
  /// - Precondition: This tensor is (batch, channels, …, at least one length), and `size` is
  ///   positive.
  public final func localResponseNorm(
    _ size: Int, alpha: Double = 1e-4, beta: Double = 0.75, k: Double = 1
  ) -> Tensor {
    require(
      rank >= 3 && size > 0,
      "localResponseNorm: shape \(shape) is not (batch, channels, …), or the size \(size) not "
        + "positive")
    guard elementCount > 0 else { return self }
    // PyTorch's mean of a line is one of planes, that of a plane one of volumes, which autocast widens.
    let plain = square()
    let wide = rank > 3 ? Autocast.raised { $0(plain) } : nil
    let squares = (wide ?? plain).padded(1, before: size / 2, after: (size - 1) / 2)
    let windows = squares.unfolded(1, size: size, step: 1)
    // Of integers PyTorch cuts the means off.
    let mean =
      dtype.isIntegral ? windows.sum([-1]).floorDivide(Tensor(Int64(size))) : windows.mean([-1])
    return self / (mean * alpha + k).pow(beta)
  }
}
