import Arrays
import Files
import Kernels

extension Tensor {
  /// A tensor of zeros. Equivalent to `torch.zeros`.
  ///
  /// - Parameters:
  ///   - length: The length along the first dimension.
  ///   - lengths: Those along the others.
  ///   - dtype: The type of an element.
  public static func zeros(_ length: Int, _ lengths: Int..., dtype: DType = .float32) -> Tensor {
    zeros(Shape([length] + lengths), dtype: dtype)
  }
  /// A tensor of ones. Equivalent to `torch.ones`.
  ///
  /// - Parameters:
  ///   - length: The length along the first dimension.
  ///   - lengths: Those along the others.
  ///   - dtype: The type of an element.
  public static func ones(_ length: Int, _ lengths: Int..., dtype: DType = .float32) -> Tensor {
    ones(Shape([length] + lengths), dtype: dtype)
  }
  /// Random numbers, uniformly distributed over 0..<1. Equivalent to `torch.rand`.
  ///
  /// - Parameters:
  ///   - length: The length along the first dimension.
  ///   - lengths: Those along the others.
  ///   - dtype: The type of an element.
  public static func rand(_ length: Int, _ lengths: Int..., dtype: DType = .float32) -> Tensor {
    rand(Shape([length] + lengths), dtype: dtype)
  }
  /// Random numbers from the standard normal distribution. Equivalent to `torch.randn`.
  ///
  /// - Parameters:
  ///   - length: The length along the first dimension.
  ///   - lengths: Those along the others.
  ///   - dtype: The type of an element.
  public static func randn(_ length: Int, _ lengths: Int..., dtype: DType = .float32) -> Tensor {
    randn(Shape([length] + lengths), dtype: dtype)
  }
  /// A tensor whose elements nobody has set, which are zeros here. Equivalent to `torch.empty`.
  ///
  /// - Parameters:
  ///   - shape: The length along each dimension.
  ///   - dtype: The type of an element.
  public static func empty(_ shape: Shape, dtype: DType = .float32) -> Tensor {
    zeros(shape, dtype: dtype)
  }
  /// A tensor filled with a whole number, of `int64` unless told. Equivalent to `torch.full`.
  ///
  /// - Parameters:
  ///   - shape: The length along each dimension.
  ///   - value: The value of every element.
  ///   - dtype: The type of an element.
  public static func full(_ shape: Shape, _ value: Int, dtype: DType = .int64) -> Tensor {
    // A double holds it exactly.
    if dtype != .int64 || value.magnitude < 1 << 53 {
      return full(shape, Double(value), dtype: dtype)
    }
    return zeros(shape, dtype: .int64).fill_(value)
  }

  /// Zeros of a tensor's shape and type. Equivalent to `torch.zeros_like`.
  ///
  /// - Parameters:
  ///   - other: The tensor.
  ///   - dtype: The type of an element; the tensor's if nil.
  public static func zeros(like other: Tensor, dtype: DType? = nil) -> Tensor {
    other.like(dtype) { zeros($0, dtype: $1) }
  }
  /// Zeros of a tensor's shape and type. Equivalent to `torch.zeros_like`.
  ///
  /// - Parameters:
  ///   - other: The tensor.
  ///   - dtype: The type of an element; the tensor's if nil.
  public static func zerosLike(_ other: Tensor, dtype: DType? = nil) -> Tensor {
    zeros(like: other, dtype: dtype)
  }
  /// Ones of a tensor's shape and type. Equivalent to `torch.ones_like`.
  ///
  /// - Parameters:
  ///   - other: The tensor.
  ///   - dtype: The type of an element; the tensor's if nil.
  public static func ones(like other: Tensor, dtype: DType? = nil) -> Tensor {
    other.like(dtype) { ones($0, dtype: $1) }
  }
  /// Ones of a tensor's shape and type. Equivalent to `torch.ones_like`.
  ///
  /// - Parameters:
  ///   - other: The tensor.
  ///   - dtype: The type of an element; the tensor's if nil.
  public static func onesLike(_ other: Tensor, dtype: DType? = nil) -> Tensor {
    ones(like: other, dtype: dtype)
  }
  /// One number in a tensor's shape and type. Equivalent to `torch.full_like`.
  ///
  /// - Parameters:
  ///   - other: The tensor.
  ///   - value: The value of every element.
  ///   - dtype: The type of an element; the tensor's if nil.
  public static func full(like other: Tensor, _ value: Double, dtype: DType? = nil) -> Tensor {
    other.like(dtype) { full($0, value, dtype: $1) }
  }
  /// Uniform random numbers of a tensor's shape and type. Equivalent to `torch.rand_like`.
  ///
  /// - Parameter other: The tensor.
  public static func rand(like other: Tensor) -> Tensor {
    other.like(nil) { rand($0, dtype: $1) }
  }
  /// Uniform random numbers of a tensor's shape and type. Equivalent to `torch.rand_like`.
  ///
  /// - Parameter other: The tensor.
  public static func randLike(_ other: Tensor) -> Tensor { rand(like: other) }
  /// Normal random numbers of a tensor's shape and type. Equivalent to `torch.randn_like`.
  ///
  /// - Parameter other: The tensor.
  public static func randn(like other: Tensor) -> Tensor {
    other.like(nil) { randn($0, dtype: $1) }
  }
  /// Normal random numbers of a tensor's shape and type. Equivalent to `torch.randn_like`.
  ///
  /// - Parameter other: The tensor.
  public static func randnLike(_ other: Tensor) -> Tensor { randn(like: other) }

  /// Made on this tensor's device.
  private final func like(_ dtype: DType?, _ make: (Shape, DType) -> Tensor) -> Tensor {
    Device.with(device) { make(shape, dtype ?? self.dtype) }
  }

  /// The integers from `start` to `end`, which is not included. Equivalent to `torch.arange`.
  ///
  /// - Parameters:
  ///   - start: The first integer.
  ///   - end: The end, not included.
  ///   - step: The distance between them, not 0 and towards `end`.
  ///   - dtype: The type of an element.
  public static func arange(
    _ start: Int, _ end: Int, _ step: Int = 1, dtype: DType = .int64
  ) -> Tensor {
    require(step != 0, "arange: step must be nonzero, from \(start) to \(end)")
    require(
      step > 0 ? start <= end : start >= end,
      "arange: upper bound and lower bound inconsistent with step sign: \(start), \(end), \(step)")
    return Tensor(Array(Swift.stride(from: start, to: end, by: step))).to(dtype).onCurrentDevice
  }
  /// Numbers from `start` to `end`, which is not included. Equivalent to `torch.arange`.
  ///
  /// - Parameters:
  ///   - start: The first number.
  ///   - end: The end, not included.
  ///   - step: The distance between them, not 0 and towards `end`.
  ///   - dtype: The type of an element.
  public static func arange(
    _ start: Double, _ end: Double, _ step: Double = 1, dtype: DType = .float32
  ) -> Tensor {
    require(
      step != 0 && (step > 0 ? start <= end : start >= end) && (end - start).isFinite,
      "arange: upper bound and lower bound inconsistent with step sign: \(start), \(end), \(step)")
    let count = Int(((end - start) / step).rounded(.up))
    return Tensor((0..<count).map { start + Double($0) * step }, dtype: dtype).onCurrentDevice
  }
  /// Numbers at equal distances from `start` to `end`, both included. Equivalent to
  /// `torch.linspace`.
  ///
  /// - Parameters:
  ///   - start: The first number.
  ///   - end: The last number.
  ///   - steps: How many; not negative.
  ///   - dtype: The type of an element.
  public static func linspace(
    _ start: Double, _ end: Double, _ steps: Int, dtype: DType = .float32
  ) -> Tensor {
    require(steps >= 0, "linspace: number of steps \(steps) must be non-negative")
    // As PyTorch does, in the type of the result and from the nearer end.
    func numbers<T: BinaryFloatingPoint & NDArrayElement>(_ type: T.Type) -> Tensor {
      let (first, last) = (T(start), T(end))
      let step = steps > 1 ? (last - first) / T(steps - 1) : 0
      return Tensor(
        NDArray(
          (0..<steps).map {
            $0 < steps / 2 ? first + step * T($0) : last - step * T(steps - $0 - 1)
          }))
    }
    guard steps != 1 else { return Tensor([start], dtype: dtype).onCurrentDevice }
    return (dtype == .float64 ? numbers(Double.self) : numbers(Float.self)).to(dtype)
      .onCurrentDevice
  }

  private final var onCurrentDevice: Tensor { Device.current == .meta ? to(.meta) : self }

  /// Random integers from `low` to `high`, which is not included, as PyTorch draws them. Equivalent
  /// to `torch.randint`.
  ///
  /// - Parameters:
  ///   - low: The least integer.
  ///   - high: The end, not included.
  ///   - shape: The length along each dimension.
  ///   - dtype: The type of an element.
  ///   - generator: The source of the numbers.
  /// - Precondition: The type holds the integers; a floating-point type may round them, as in PyTorch.
  public static func randint(
    _ low: Int, _ high: Int, _ shape: Shape, dtype: DType = .int64,
    generator: Generator = .current
  ) -> Tensor {
    require(low < high, "randint: expects low < high, not \(low) and \(high)")
    let (first, end) = dtype.rounded(low, high)
    require(
      first < end, "randint: between \(low) and \(high) there is no number of \(dtype)")
    require(
      dtype.draws(first) && dtype.draws(end - 1),
      "randint: from \(low) to \(high), which is not included, is out of bounds for \(dtype)")
    let span = UInt64(bitPattern: Int64(end)) &- UInt64(bitPattern: Int64(first))
    let numbers = (0..<shape.elementCount).map { _ in
      // As in PyTorch, so that the remainders are nearly of equal probability.
      let drawn = span >= 1 << 28 ? generator.nextUInt64() : UInt64(generator.nextUInt32())
      return first &+ Int(truncatingIfNeeded: drawn % span)
    }
    return Tensor(numbers, shape: shape).to(dtype).onCurrentDevice
  }
  /// Random integers from 0 to `high`, which is not included. Equivalent to `torch.randint`.
  ///
  /// - Parameters:
  ///   - high: The end, not included.
  ///   - shape: The length along each dimension.
  ///   - dtype: The type of an element.
  public static func randint(_ high: Int, _ shape: Shape, dtype: DType = .int64) -> Tensor {
    randint(0, high, shape, dtype: dtype)
  }
  /// Normally distributed random numbers. Equivalent to `torch.normal`.
  ///
  /// - Parameters:
  ///   - mean: The mean of the distribution.
  ///   - std: The standard deviation of the distribution.
  ///   - shape: The length along each dimension.
  ///   - generator: The source of the numbers.
  public static func normal(
    _ mean: Double, _ std: Double, _ shape: Shape, generator: Generator = .current
  ) -> Tensor {
    Tensor(generator.normal(shape, mean: mean, std: std, dtype: .float32)).onCurrentDevice
  }
  /// Ones with the probabilities in a tensor, zeros otherwise. Equivalent to `torch.bernoulli`.
  ///
  /// One number is drawn for each element, with the generator's ``Generator/uniform(_:from:to:dtype:)``,
  /// so that after a seed the numbers are not PyTorch's.
  ///
  /// - Parameters:
  ///   - probabilities: Numbers from 0 to 1; others trap.
  ///   - generator: The source of the numbers.
  public static func bernoulli(
    _ probabilities: Tensor, generator: Generator = .current
  ) -> Tensor {
    require(
      [Double](probabilities).allSatisfy { (0...1).contains($0) },
      "bernoulli: expected p_in >= 0 && p_in <= 1 for shape \(probabilities.shape)")
    let drawn = Tensor(generator.uniform(probabilities.shape, from: 0, to: 1, dtype: .float64))
    return noGrad { (drawn .< probabilities.to(.float64)).to(probabilities.dtype) }
  }
  /// Indices drawn with the weights in each row of a tensor. Equivalent to `torch.multinomial`.
  ///
  /// Rows need not sum to one. After a seed the indices are not PyTorch's.
  ///
  /// - Parameters:
  ///   - weights: (n,) or (rows, n), not negative, with something to draw from in each row.
  ///   - count: How many are drawn from each row.
  ///   - replacement: Whether an index may be drawn again.
  ///   - generator: The source of the numbers.
  /// - Returns: (count,) or (rows, count), of `int64`.
  public static func multinomial(
    _ weights: Tensor, _ count: Int, replacement: Bool = false, generator: Generator = .current
  ) -> Tensor {
    require(
      (1...2).contains(weights.rank) && weights.dtype.isFloatingPoint && count > 0,
      "multinomial: \(count) of \(weights.dtype) weights of shape \(weights.shape)")
    let rows = weights.rank == 1 ? [weights] : weights.unbind(0)
    let drawn = rows.map { drawIndices([Double]($0), count, replacement, generator) }
    return weights.rank == 1 ? Tensor(drawn[0]) : Tensor(drawn)
  }
  /// Indices drawn with the weights in each row. Equivalent to `torch.Tensor.multinomial`.
  ///
  /// - Parameters:
  ///   - count: How many are drawn from each row.
  ///   - replacement: Whether an index may be drawn again.
  public final func multinomial(_ count: Int, replacement: Bool = false) -> Tensor {
    .multinomial(self, count, replacement: replacement)
  }

  private static func drawIndices(
    _ weights: [Double], _ count: Int, _ replacement: Bool, _ generator: Generator
  ) -> [Int] {
    require(
      weights.allSatisfy { $0 >= 0 && $0.isFinite } && weights.contains { $0 > 0 },
      "multinomial: probability tensor contains either `inf`, `nan` or element < 0, or only zeros")
    require(
      replacement || count <= weights.count { $0 > 0 },
      "multinomial: cannot draw \(count) of \(weights.count { $0 > 0 }) without replacement")
    var weights = weights
    let numbers = generator.uniform([count], from: 0, to: 1, dtype: .float64)
    return numbers.elements(as: Double.self).map { number in
      var rest = number * weights.reduce(0, +)
      let last = weights.lastIndex { $0 > 0 } ?? 0
      let index =
        weights.firstIndex { weight in
          rest -= weight
          return rest < 0 && weight > 0
        } ?? last
      if !replacement { weights[index] = 0 }
      return index
    }
  }
}
