import Arrays
import Files
import Kernels

// After the same seed the masks are PyTorch's.
extension Tensor {
  /// Zeroes each element with a given probability, and scales the others by 1 / (1 −
  /// `probability`). Equivalent to `torch.nn.functional.dropout`.
  ///
  /// After the same seed the mask is PyTorch's, which draws it in the order of the elements in
  /// storage: for a transposed tensor, that of the tensor it is a view of.
  ///
  /// - Parameters:
  ///   - probability: The probability of a zero, from 0 to 1; anything else traps.
  ///   - training: If false, the tensor is returned unchanged.
  ///   - generator: The source of the mask.
  public final func dropout(
    _ probability: Double = 0.5, training: Bool = true, generator: Generator = .current
  ) -> Tensor {
    dropout(probability, training, generator, shape)
  }

  /// Zeroes whole channels with a given probability, and scales the others by 1 / (1 −
  /// `probability`). Equivalent to `torch.nn.functional.dropout2d`, and to `dropout1d` and
  /// `dropout3d` for batches.
  ///
  /// - Parameters:
  ///   - probability: The probability of a zero, from 0 to 1; anything else traps.
  ///   - training: If false, the tensor is returned unchanged.
  ///   - generator: The source of the mask.
  /// - Precondition: This tensor is (batch, channels, …).
  public final func featureDropout(
    _ probability: Double = 0.5, training: Bool = true, generator: Generator = .current
  ) -> Tensor {
    requireProbability("featureDropout", probability)
    guard training, probability > 0 else { return self }
    return dropout(probability, training, generator, channelShape("featureDropout"))
  }

  /// Dropout that keeps mean and variance, for networks with ``selu()``. Equivalent to
  /// `torch.nn.functional.alpha_dropout`.
  ///
  /// Dropped elements become the limit of ``selu()`` for large negative numbers; then all elements
  /// are scaled and shifted.
  ///
  /// - Parameters:
  ///   - probability: The probability of dropping an element, from 0 to 1; anything else traps.
  ///   - training: If false, the tensor is returned unchanged.
  ///   - generator: The source of the mask.
  public final func alphaDropout(
    _ probability: Double = 0.5, training: Bool = true, generator: Generator = .current
  ) -> Tensor {
    alphaDropout(probability, training, generator, shape)
  }

  /// ``alphaDropout(_:training:generator:)`` of whole channels. Equivalent to
  /// `torch.nn.functional.feature_alpha_dropout`.
  ///
  /// - Parameters:
  ///   - probability: The probability of dropping a channel, from 0 to 1; anything else traps.
  ///   - training: If false, the tensor is returned unchanged.
  ///   - generator: The source of the mask.
  /// - Precondition: This tensor is (batch, channels, …).
  public final func featureAlphaDropout(
    _ probability: Double = 0.5, training: Bool = true, generator: Generator = .current
  ) -> Tensor {
    requireProbability("featureAlphaDropout", probability)
    guard training, probability > 0 else { return self }
    return alphaDropout(probability, training, generator, channelShape("featureAlphaDropout"))
  }

  private final func channelShape(_ operation: StaticString) -> Shape {
    require(rank >= 2, "\(operation): shape \(shape) is not (batch, channels, …)")
    return Shape(shape.indices.map { $0 < 2 ? shape[$0] : 1 })
  }

  private final func dropout(
    _ probability: Double, _ training: Bool, _ generator: Generator, _ maskShape: Shape
  ) -> Tensor {
    requireProbability("dropout", probability)
    guard training, probability > 0 else { return self }
    requireFloatingPoint("dropout")
    guard probability < 1 else { return self * 0 }
    // PyTorch divides in the type of the input.
    let scale = dtype == .float64 ? 1 / (1 - probability) : Double(1 / Float(1 - probability))
    return self * mask(maskShape, 1 - probability, scale, generator)
  }

  private final func alphaDropout(
    _ probability: Double, _ training: Bool, _ generator: Generator, _ maskShape: Shape
  ) -> Tensor {
    requireProbability("alphaDropout", probability)
    guard training, probability > 0 else { return self }
    requireFloatingPoint("alphaDropout")
    guard probability < 1 else { return self * 0 }
    // The negative of the limit, the product of both constants of ``selu()``.
    let alpha = 1.7580993408473766
    let scale = 1 / ((alpha * alpha * probability + 1) * (1 - probability)).squareRoot()
    let mask = mask(maskShape, 1 - probability, 1, generator)
    let shift = (mask - 1) * (alpha * scale) + alpha * scale * probability
    return self * (mask * scale) + shift
  }

  private final func requireFloatingPoint(_ operation: StaticString) {
    require(
      dtype.isFloatingPoint || dtype.isComplex,
      "\(operation): \(dtype) of shape \(shape) cannot hold the result: only floating-point numbers can"
    )
  }

  final func requireProbability(_ operation: StaticString, _ probability: Double) {
    require(
      (0...1).contains(probability),
      "\(operation): probability must be between 0 and 1, not \(probability)")
  }

  /// A value with some probability, zero otherwise.
  private final func mask(
    _ maskShape: Shape, _ probability: Double, _ value: Double, _ generator: Generator
  ) -> Tensor {
    // PyTorch fills a full mask in the storage order of its input, and one of channels in its own.
    let order = maskShape == shape ? array.layout.storageOrder : Array(shape.indices)
    let mask = generator.bernoulli(
      Shape(order.map { maskShape[$0] }), probability: probability, value: value, dtype: dtype)
    var inverse = order
    for (to, from) in order.enumerated() { inverse[from] = to }
    return Tensor(mask.permuted(inverse))
  }

  /// A leaky ReLU with random slopes. Equivalent to `torch.nn.functional.rrelu`.
  ///
  /// In training each element that is not positive is multiplied by its own random slope, otherwise
  /// by the mean of the bounds.
  ///
  /// - Parameters:
  ///   - lower: The minimum slope.
  ///   - upper: The maximum slope, at least `lower`; anything less traps.
  ///   - training: Whether slopes are random.
  ///   - generator: The source of the slopes, in PyTorch's order.
  public final func rrelu(
    lower: Double = 1 / 8, upper: Double = 1 / 3, training: Bool = false,
    generator: Generator = .current
  ) -> Tensor {
    require(
      lower <= upper, "rrelu: the slopes \(lower) and \(upper) for shape \(shape) are reversed")
    requireFloatingPoint("rrelu")
    guard training, device != .meta else { return leakyRelu(negativeSlope: (lower + upper) / 2) }
    // PyTorch draws a number, in double precision, for each element that is not positive only.
    let places = noGrad { (flattened() .<= 0).nonzero().select(1, 0) }
    let drawn = generator.uniform(places.shape, from: lower, to: upper, dtype: .float64)
    let slopes = Tensor.ones([elementCount], dtype: dtype)
      .scattered(0, places, Tensor(drawn.cast(to: dtype)))
    return self * slopes.reshaped(shape)
  }
}

extension Layout {
  /// The dimensions from the outermost in storage to the innermost; as they are if there are gaps
  /// between the elements in any order.
  fileprivate var storageOrder: [Int] {
    let own = Array(shape.indices)
    guard !isContiguous else { return own }
    let order = own.sorted { strides[$0] > strides[$1] }
    return permuted(order).isContiguous ? order : own
  }
}
