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
  ///   - dtype: The type of an element. For integers the start and the step are cut off to whole
  ///     numbers; for `int64` the end is, too, before the elements are counted, as in PyTorch. A step
  ///     that is then 0 traps for `int64`.
  public static func arange(
    _ start: Double, _ end: Double, _ step: Double = 1, dtype: DType = .float32
  ) -> Tensor {
    require(
      step != 0 && (step > 0 ? start <= end : start >= end) && (end - start).isFinite,
      "arange: upper bound and lower bound inconsistent with step sign: \(start), \(end), \(step)")
    let count = Int(((end - start) / step).rounded(.up))
    if dtype.isIntegral, dtype != .bool {
      return wholeNumbers(from: start, to: end, step, count, dtype).onCurrentDevice
    }
    return Tensor((0..<count).map { start + Double($0) * step }, dtype: dtype).onCurrentDevice
  }

  private static func wholeNumbers(
    from start: Double, to end: Double, _ step: Double, _ count: Int, _ dtype: DType
  ) -> Tensor {
    func whole(_ value: Double) -> Int {
      NDArray.requireFits(value, .int64, for: "arange")
      return Int(value)
    }
    let (first, last, distance) = (whole(start), whole(end), whole(step))
    guard dtype == .int64 else {
      return Tensor((0..<count).map { first &+ $0 &* distance }).to(dtype)
    }
    require(distance != 0, "arange: step \(step) is zero as \(dtype), from \(start) to \(end)")
    return Tensor(Array(Swift.stride(from: first, to: last, by: distance)))
  }

  /// Numbers at equal distances from `start` to `end`, both included. Equivalent to
  /// `torch.linspace`.
  ///
  /// - Parameters:
  ///   - start: The first number.
  ///   - end: The last number.
  ///   - steps: How many; not negative.
  ///   - dtype: The type of an element. For integers both ends are cut off to whole numbers, and
  ///     then the numbers between.
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
    if dtype.isIntegral, dtype != .bool {
      NDArray.requireFits(start, dtype, for: "linspace")
      NDArray.requireFits(end, dtype, for: "linspace")
      let (first, last) = (start.rounded(.towardZero), end.rounded(.towardZero))
      let step = (last - first) / Double(steps - 1)
      let numbers = (0..<steps).map { index -> Int in
        let isNearStart = index < steps / 2
        let value =
          isNearStart ? first + step * Double(index) : last - step * Double(steps - index - 1)
        return Int(value)
      }
      return Tensor(numbers).to(dtype).onCurrentDevice
    }
    return (dtype == .float64 ? numbers(Double.self) : numbers(Float.self)).to(dtype)
      .onCurrentDevice
  }

  final var onCurrentDevice: Tensor { Device.current == .meta ? to(.meta) : self }
}
