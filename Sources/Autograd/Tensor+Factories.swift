import Arrays
import Kernels

extension Tensor {
  private static func make(_ shape: Shape, _ dtype: DType, _ array: () -> NDArray) -> Tensor {
    let device = Device.current
    return Tensor(
      array: device == .meta ? .placeholder(shape, dtype) : array(), device: device, node: nil,
      requiresGrad: false)
  }

  /// A tensor of zeros. Equivalent to `torch.zeros`.
  public static func zeros(_ shape: Shape, dtype: DType = .float32) -> Tensor {
    make(shape, dtype) { NDArray(zeros: shape, dtype: dtype) }
  }

  /// A tensor of ones. Equivalent to `torch.ones`.
  public static func ones(_ shape: Shape, dtype: DType = .float32) -> Tensor {
    full(shape, 1, dtype: dtype)
  }

  /// A tensor of one value. Equivalent to `torch.full`.
  public static func full(_ shape: Shape, _ value: Double, dtype: DType = .float32) -> Tensor {
    make(shape, dtype) { NDArray(filling: shape, with: value, dtype: dtype) }
  }

  /// The integers below `count`. Equivalent to `torch.arange`.
  public static func arange(_ count: Int, dtype: DType = .int64) -> Tensor {
    make([count], dtype) { NDArray(Array(0..<count)).cast(to: dtype) }
  }

  /// The identity matrix. Equivalent to `torch.eye`.
  public static func eye(_ count: Int, dtype: DType = .float32) -> Tensor {
    (arange(count).unsqueezed(1) .== arange(count)).to(dtype)
  }

  /// Random numbers from 0 up to but not 1. Equivalent to `torch.rand`.
  public static func rand(
    _ shape: Shape, dtype: DType = .float32, generator: Generator = .current
  ) -> Tensor {
    make(shape, dtype) { generator.uniform(shape, dtype: dtype) }
  }

  /// Normally distributed random numbers. Equivalent to `torch.randn`.
  public static func randn(
    _ shape: Shape, dtype: DType = .float32, generator: Generator = .current
  ) -> Tensor {
    make(shape, dtype) { generator.normal(shape, dtype: dtype) }
  }

  /// The integers below `count` in random order. Equivalent to `torch.randperm`.
  public static func randperm(_ count: Int, generator: Generator = .current) -> Tensor {
    make([count], .int64) { NDArray(generator.permutation(count)) }
  }

  /// This tensor with each element zero with this probability, the others scaled up to keep the
  /// mean. Equivalent to `torch.nn.functional.dropout`.
  ///
  /// After the same seed the mask is PyTorch's, which draws it in the order in which the elements lie:
  /// for a transposed tensor, that of the one that it is a view of.
  ///
  /// - Parameter probability: From 0 to 1.
  public final func dropout(
    _ probability: Double = 0.5, training: Bool = true, generator: Generator = .current
  ) -> Tensor {
    dropout(probability, training, generator, shape)
  }

  /// This tensor with each channel zero with this probability, the others scaled up to keep the
  /// mean. Equivalent to `torch.nn.functional.dropout2d`, and to `dropout1d` for batches.
  ///
  /// - Parameter probability: From 0 to 1.
  /// - Precondition: This tensor is (batch, channels, …).
  public final func featureDropout(
    _ probability: Double = 0.5, training: Bool = true, generator: Generator = .current
  ) -> Tensor {
    require(rank >= 2, "featureDropout: shape \(shape) is not (batch, channels, …)")
    let channels = Shape(shape.indices.map { $0 < 2 ? shape[$0] : 1 })
    return dropout(probability, training, generator, channels)
  }

  private final func dropout(
    _ probability: Double, _ training: Bool, _ generator: Generator, _ maskShape: Shape
  ) -> Tensor {
    require(
      (0...1).contains(probability),
      "dropout: probability must be between 0 and 1, not \(probability)")
    guard training, probability > 0 else { return self }
    guard probability < 1 else { return self * 0 }
    // PyTorch divides in the type of the input.
    let scale = dtype == .float64 ? 1 / (1 - probability) : Double(1 / Float(1 - probability))
    // PyTorch fills a full mask as its input lies, and one of channels in the order of its own.
    let order = maskShape == shape ? array.layout.storageOrder : Array(shape.indices)
    let mask = generator.bernoulli(
      Shape(order.map { maskShape[$0] }), probability: 1 - probability, value: scale, dtype: dtype)
    var inverse = order
    for (to, from) in order.enumerated() { inverse[from] = to }
    return self * Tensor(mask.permuted(inverse))
  }
}

extension Layout {
  /// The dimensions from the outermost in storage to the innermost; as they are if the elements do
  /// not lie without gaps in any order.
  fileprivate var storageOrder: [Int] {
    let own = Array(shape.indices)
    guard !isContiguous else { return own }
    let order = own.sorted { strides[$0] > strides[$1] }
    return permuted(order).isContiguous ? order : own
  }
}
