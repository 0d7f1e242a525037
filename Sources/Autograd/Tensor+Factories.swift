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
}
