import Arrays
import Files
import Kernels

extension Tensor {
  /// Normalizes each channel to mean 0 and variance 1, then scales and shifts. Equivalent to
  /// `torch.nn.functional.batch_norm`.
  ///
  /// Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing
  /// internal covariate shift" (2015).
  ///
  /// - Parameters:
  ///   - runningMean: (channels,). Used if not `training`, otherwise moved towards the batch's
  ///     mean.
  ///   - runningVar: (channels,). The same for the unbiased variance.
  ///   - weight: The scale, (channels,).
  ///   - bias: The shift, (channels,).
  ///   - training: Whether the batch's own mean and biased variance are used.
  ///   - momentum: The weight of the batch in the running statistics.
  ///   - eps: Added to the variance.
  /// - Returns: This tensor's shape, which is (batch, channels, …).
  /// - Precondition: The shapes fit. In training each channel has more than one element; otherwise
  ///   both running statistics are given.
  public final func batchNorm(
    runningMean: Buffer?, runningVar: Buffer?, weight: Tensor? = nil, bias: Tensor? = nil,
    training: Bool = false, momentum: Double = 0.1, eps: Double = 1e-5
  ) -> Tensor {
    // Of nothing PyTorch takes any.
    if elementCount > 0 {
      requireAffine("batchNorm", runningMean, runningVar, weight, bias)
      let vectors: [Tensor] = [runningMean, runningVar, weight, bias].compactMap { $0 }
      for vector in vectors.dropFirst() { vectors[0].requireOneType("batchNorm", vector) }
    }
    return normalizedByBatch(runningMean, runningVar, weight, bias, training, momentum, eps)
  }

  /// ``batchNorm(runningMean:runningVar:weight:bias:training:momentum:eps:)`` of operands whose types fit, also
  /// of one that has been widened beside statistics that have not.
  private final func normalizedByBatch(
    _ runningMean: Buffer?, _ runningVar: Buffer?, _ weight: Tensor?, _ bias: Tensor?,
    _ training: Bool, _ momentum: Double, _ eps: Double
  ) -> Tensor {
    if let result = widened({
      $0.normalizedByBatch(
        runningMean, runningVar, weight?.wide, bias?.wide, training, momentum, eps)
    }) {
      return result
    }
    // As in PyTorch, which then looks at nothing else.
    if shape == [0] { return .record("batchNorm", [self], array) { _ in [{ $0 }] } }
    require(rank >= 2, "batchNorm: shape \(shape) is not (batch, channels, …)")
    requireLoops("batchNorm")
    let channels = ChannelNormalization(shape)
    for vector in [runningMean, runningVar, weight, bias] {
      require(
        vector.map { $0.shape == [shape[1]] } ?? true,
        "batchNorm: shape \(vector?.shape ?? .scalar) does not fit the channels of shape \(shape)")
    }
    guard training else {
      guard let runningMean, let runningVar else {
        trap("batchNorm: evaluation of shape \(shape) needs running statistics")
      }
      return evaluatedBatchNorm(channels, runningMean, runningVar, weight, bias, eps)
    }
    // Of nothing there are no statistics to move towards.
    if channels.count == 0 {
      let inputs = [self] + [weight, bias].compactMap(\.self)
      let zeros = inputs.dropFirst().map(\.zeros)
      return .recordJointly("batchNorm", inputs, array) { _ in { grad, _ in [grad] + zeros } }
    }
    require(
      channels.count > 1,
      "batchNorm: expected more than 1 value per channel when training, got input shape \(shape)")
    let (mean, variance) = channels.moments(array)
    let unbiased = Double(channels.count) / Double(channels.count - 1)
    runningMean?.move(towards: mean, by: momentum)
    runningVar?.move(towards: variance.map { $0 * unbiased }, by: momentum)
    return trainedBatchNorm(channels, mean, variance, weight, bias, eps)
  }

  private final func evaluatedBatchNorm(
    _ channels: ChannelNormalization, _ mean: Tensor, _ variance: Tensor, _ weight: Tensor?,
    _ bias: Tensor?, _ eps: Double
  ) -> Tensor {
    let means = mean.array.asDoubles()
    let rstd = variance.array.asDoubles().map { 1 / ($0 + eps).squareRoot() }
    let scale = zip(weight?.array.asDoubles() ?? rstd.map { _ in 1 }, rstd).map(*)
    let shift = bias?.array.asDoubles() ?? rstd.map { _ in 0 }
    let result = channels.scaled(array, mean: means, scale: scale, shift: shift)
    let column = channelShape
    return .record("batchNorm", [self] + [weight, bias].compactMap(\.self), result) { _ in
      let x = self.saved
      let w = weight?.saved
      func vector(_ values: [Double]) -> Tensor {
        Tensor(NDArray(values, shape: column)).to(x().dtype)
      }
      var rules: [(Tensor) -> Tensor?] = [
        { grad in
          let scaled = grad * vector(rstd)
          return w.map { scaled * $0().reshaped(column) } ?? scaled
        }
      ]
      if weight != nil {
        rules.append { grad in
          (grad * (x() - vector(means)) * vector(rstd)).sum(otherAxes(column))
        }
      }
      if bias != nil { rules.append { $0.sum(otherAxes(column)) } }
      return rules
    }
  }

  private final func trainedBatchNorm(
    _ channels: ChannelNormalization, _ mean: [Double], _ variance: [Double], _ weight: Tensor?,
    _ bias: Tensor?, _ eps: Double
  ) -> Tensor {
    let rstd = variance.map { 1 / ($0 + eps).squareRoot() }
    let scale = zip(weight?.array.asDoubles() ?? rstd.map { _ in 1 }, rstd).map(*)
    let shift = bias?.array.asDoubles() ?? rstd.map { _ in 0 }
    let result = channels.scaled(array, mean: mean, scale: scale, shift: shift)
    let column = channelShape
    let dtype = dtype
    let inputs = [self] + [weight, bias].compactMap(\.self)
    return .recordJointly("batchNorm", inputs, result) { _ in
      let x = self.saved
      let w = weight?.saved
      let (hasWeight, hasBias) = (weight != nil, bias != nil)
      return { grad, needs in
        var gradients: [Tensor?]
        if GradMode.isEnabled {
          gradients = Tensor.batchNormGradients(grad, x(), w?(), column, eps)
        } else {
          let (sums, products) = channels.gradientSums(grad.array, x().array, mean: mean)
          var input: Tensor?
          if needs[0] {
            let count = Double(channels.count)
            let b = scale.indices.map { -scale[$0] * rstd[$0] * rstd[$0] * products[$0] / count }
            let constant = scale.indices.map { -scale[$0] * sums[$0] / count }
            input = Tensor(
              channels.gradient(
                grad.array, x().array, mean: mean, a: scale, b: b, constant: constant))
          }
          gradients = [
            input, Tensor(NDArray(zip(products, rstd).map(*)).cast(to: dtype)),
            Tensor(NDArray(sums).cast(to: dtype)),
          ]
        }
        if !hasWeight { gradients.remove(at: 1) }
        if !hasBias { gradients.removeLast() }
        return gradients
      }
    }
  }

  /// The gradients of batch normalisation for input, weight and bias, in tensor operations.
  private static func batchNormGradients(
    _ grad: Tensor, _ x: Tensor, _ weight: Tensor?, _ column: Shape, _ eps: Double
  ) -> [Tensor?] {
    let axes = otherAxes(column)
    let centred = x - x.mean(axes, keepDims: true)
    let rstd = (centred.square().mean(axes, keepDims: true) + eps).rsqrt()
    let normalized = centred * rstd
    let scaled = weight.map { grad * $0.reshaped(column) } ?? grad
    let input =
      rstd
      * (scaled - scaled.mean(axes, keepDims: true)
        - normalized * (scaled * normalized).mean(axes, keepDims: true))
    return [input, (grad * normalized).sum(axes), grad.sum(axes)]
  }

  /// The shape in which a vector over channels broadcasts against this tensor.
  private final var channelShape: Shape {
    Shape(shape.indices.map { $0 == 1 ? shape[1] : 1 })
  }

  /// Normalizes over the last dimensions to mean 0 and variance 1, then scales and shifts.
  /// Equivalent to `torch.nn.functional.layer_norm`.
  ///
  /// Ba, Kiros and Hinton, "Layer normalization" (2016).
  ///
  /// - Parameters:
  ///   - normalizedShape: The last lengths of this tensor's shape, over which statistics are taken.
  ///   - weight: The scale, of that shape.
  ///   - bias: The shift, of that shape.
  ///   - eps: Added to the variance.
  /// - Precondition: This tensor's shape ends in `normalizedShape`.
  public final func layerNorm(
    _ normalizedShape: Shape, weight: Tensor? = nil, bias: Tensor? = nil, eps: Double = 1e-5
  ) -> Tensor {
    require(
      Array(shape.dimensions.suffix(normalizedShape.rank)) == normalizedShape.dimensions
        && normalizedShape.rank > 0 && normalizedShape.rank <= rank,
      "layerNorm: shape \(shape) does not end in \(normalizedShape)")
    for vector in [weight, bias] {
      require(
        vector.map { $0.shape == normalizedShape } ?? true,
        "layerNorm: Expected weight and bias to be of same shape as normalizedShape, but got "
          + "\(vector?.shape ?? .scalar) and normalizedShape = \(normalizedShape)")
    }
    requireAffine("layerNorm", weight, bias)
    if let result = widened({
      $0.layerNorm(normalizedShape, weight: weight?.wide, bias: bias?.wide, eps: eps)
    }) {
      return result
    }
    requireLoops("layerNorm")
    let n = normalizedShape.elementCount
    let (array, mean, rstd) = array.layerNormalized(
      rowLength: n, weight: weight?.array, bias: bias?.array, eps: eps)
    let inputs = [self] + [weight, bias].compactMap(\.self)
    return .recordJointly("layerNorm", inputs, array) { _ in
      let x = self.saved
      let w = weight?.saved
      let hasBias = bias != nil
      return { grad, needs in
        var gradients: [Tensor?]
        if GradMode.isEnabled {
          gradients = Tensor.layerNormGradients(grad, x(), w?(), normalizedShape, eps)
        } else {
          let raw = x().array.layerNormGradient(
            grad.array, rowLength: n, weight: w?().array, mean: mean, rstd: rstd,
            needsWeight: w != nil && needs[1], needsBias: hasBias && needs[needs.count - 1])
          gradients = [
            Tensor(raw.input), raw.weight.map { Tensor($0.reshaped(to: normalizedShape)) },
            raw.bias.map { Tensor($0.reshaped(to: normalizedShape)) },
          ]
        }
        if w == nil { gradients.remove(at: 1) }
        if !hasBias { gradients.removeLast() }
        return gradients
      }
    }
  }

  private static func layerNormGradients(
    _ grad: Tensor, _ x: Tensor, _ weight: Tensor?, _ normalizedShape: Shape, _ eps: Double
  ) -> [Tensor?] {
    let axes = Array(x.rank - normalizedShape.rank..<x.rank)
    let leading = Array(0..<x.rank - normalizedShape.rank)
    let centred = x - x.mean(axes, keepDims: true)
    let rstd = (centred.square().mean(axes, keepDims: true) + eps).rsqrt()
    let normalized = centred * rstd
    let scaled = weight.map { grad * $0 } ?? grad
    let input =
      rstd
      * (scaled - scaled.mean(axes, keepDims: true)
        - normalized * (scaled * normalized).mean(axes, keepDims: true))
    return [
      input, leading.isEmpty ? grad * normalized : (grad * normalized).sum(leading),
      leading.isEmpty ? grad : grad.sum(leading),
    ]
  }
}

/// All dimensions but that of channels.
private func otherAxes(_ column: Shape) -> [Int] { column.indices.filter { $0 != 1 } }

extension Buffer {
  /// Moves running statistics a part of the way to those of a batch.
  func move(towards values: [Double], by momentum: Double) {
    guard device != .meta else { return }
    let moved = zip(array.asDoubles(), values).map { $0 * (1 - momentum) + $1 * momentum }
    replace(NDArray(moved, shape: shape).cast(to: dtype))
  }
}

extension NDArray {
  /// The elements in double precision.
  fileprivate func asDoubles() -> [Double] { cast(to: .float64).elements(as: Double.self) }
}
