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
  ///
  /// - Parameters:
  ///   - shape: The length along each dimension.
  ///   - dtype: The type of an element.
  public static func zeros(_ shape: Shape, dtype: DType = .float32) -> Tensor {
    make(shape, dtype) { NDArray(zeros: shape, dtype: dtype) }
  }

  /// A tensor of ones. Equivalent to `torch.ones`.
  ///
  /// - Parameters:
  ///   - shape: The length along each dimension.
  ///   - dtype: The type of an element.
  public static func ones(_ shape: Shape, dtype: DType = .float32) -> Tensor {
    full(shape, 1, dtype: dtype)
  }

  /// A tensor filled with one value. Equivalent to `torch.full`, whose type depends on the value;
  /// here it is `float32` unless given.
  ///
  /// - Parameters:
  ///   - shape: The length along each dimension.
  ///   - value: The value of every element, converted to `dtype`; one beyond the type's range traps.
  ///   - dtype: The type of an element.
  public static func full(_ shape: Shape, _ value: Double, dtype: DType = .float32) -> Tensor {
    NDArray.requireFits(value, dtype, for: "full")
    return make(shape, dtype) { NDArray(filling: shape, with: value, dtype: dtype) }
  }

  /// The integers `0..<count`, in order. Equivalent to `torch.arange(count)`.
  ///
  /// - Parameters:
  ///   - count: The number of integers.
  ///   - dtype: The type of an element.
  /// - Returns: (count,).
  public static func arange(_ count: Int, dtype: DType = .int64) -> Tensor {
    make([count], dtype) { NDArray(Array(0..<count)).cast(to: dtype) }
  }

  /// The identity matrix. Equivalent to `torch.eye`.
  ///
  /// - Parameters:
  ///   - count: The number of rows and columns.
  ///   - dtype: The type of an element.
  /// - Returns: (count, count).
  public static func eye(_ count: Int, dtype: DType = .float32) -> Tensor {
    (arange(count).unsqueezed(1) .== arange(count)).to(dtype)
  }

  /// Random numbers, uniformly distributed over 0..<1. Equivalent to `torch.rand`.
  ///
  /// - Parameters:
  ///   - shape: The length along each dimension.
  ///   - dtype: The type of an element.
  ///   - generator: The source of the numbers.
  public static func rand(
    _ shape: Shape, dtype: DType = .float32, generator: Generator = .current
  ) -> Tensor {
    make(shape, dtype) { generator.uniform(shape, dtype: dtype) }
  }

  /// Random numbers from the standard normal distribution. Equivalent to `torch.randn`.
  ///
  /// - Parameters:
  ///   - shape: The length along each dimension.
  ///   - dtype: The type of an element.
  ///   - generator: The source of the numbers.
  public static func randn(
    _ shape: Shape, dtype: DType = .float32, generator: Generator = .current
  ) -> Tensor {
    make(shape, dtype) { generator.normal(shape, dtype: dtype) }
  }

  /// The integers `0..<count` in random order, as `int64`. Equivalent to `torch.randperm`.
  ///
  /// - Parameters:
  ///   - count: The number of integers.
  ///   - generator: The source of the order.
  public static func randperm(_ count: Int, generator: Generator = .current) -> Tensor {
    make([count], .int64) { NDArray(generator.permutation(count)) }
  }
}
