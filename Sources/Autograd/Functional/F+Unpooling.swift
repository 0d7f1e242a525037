// The inverses of maximum pooling. Lengths are a number for every dimension, or a tuple of one for each. As in
// PyTorch the stride may follow the kernel's size without a label.

extension F {
  /// See ``Tensor/maxUnpool1d(_:_:stride:padding:outputSize:)``.
  public static func maxUnpool1d(
    _ x: Tensor, _ indices: Tensor, _ kernelSize: Int, stride: Int? = nil, padding: Int = 0,
    outputSize: Int? = nil
  ) -> Tensor {
    x.maxUnpool1d(indices, kernelSize, stride: stride, padding: padding, outputSize: outputSize)
  }
  /// See ``Tensor/maxUnpool1d(_:_:stride:padding:outputSize:)``.
  public static func maxUnpool1d(
    _ x: Tensor, _ indices: Tensor, _ kernelSize: Int, _ stride: Int, padding: Int = 0,
    outputSize: Int? = nil
  ) -> Tensor {
    x.maxUnpool1d(indices, kernelSize, stride: stride, padding: padding, outputSize: outputSize)
  }
  /// See ``Tensor/maxUnpool2d(_:_:stride:padding:outputSize:)``.
  public static func maxUnpool2d(
    _ x: Tensor, _ indices: Tensor, _ kernelSize: Int, stride: Int? = nil, padding: Int = 0,
    outputSize: (Int, Int)? = nil
  ) -> Tensor {
    x.maxUnpool2d(
      indices, (kernelSize, kernelSize), stride: stride.map { ($0, $0) },
      padding: (padding, padding),
      outputSize: outputSize)
  }
  /// See ``Tensor/maxUnpool2d(_:_:stride:padding:outputSize:)``.
  public static func maxUnpool2d(
    _ x: Tensor, _ indices: Tensor, _ kernelSize: Int, _ stride: Int, padding: Int = 0,
    outputSize: (Int, Int)? = nil
  ) -> Tensor {
    x.maxUnpool2d(
      indices, (kernelSize, kernelSize), stride: (stride, stride), padding: (padding, padding),
      outputSize: outputSize)
  }
  /// See ``Tensor/maxUnpool2d(_:_:stride:padding:outputSize:)``.
  @_disfavoredOverload
  public static func maxUnpool2d(
    _ x: Tensor, _ indices: Tensor, _ kernelSize: (Int, Int), stride: (Int, Int)? = nil,
    padding: (Int, Int) = (0, 0), outputSize: (Int, Int)? = nil
  ) -> Tensor {
    x.maxUnpool2d(indices, kernelSize, stride: stride, padding: padding, outputSize: outputSize)
  }
  /// See ``Tensor/maxUnpool3d(_:_:stride:padding:outputSize:)``.
  public static func maxUnpool3d(
    _ x: Tensor, _ indices: Tensor, _ kernelSize: Int, stride: Int? = nil, padding: Int = 0,
    outputSize: (Int, Int, Int)? = nil
  ) -> Tensor {
    x.maxUnpool3d(
      indices, (kernelSize, kernelSize, kernelSize), stride: stride.map { ($0, $0, $0) },
      padding: (padding, padding, padding), outputSize: outputSize)
  }
  /// See ``Tensor/maxUnpool3d(_:_:stride:padding:outputSize:)``.
  public static func maxUnpool3d(
    _ x: Tensor, _ indices: Tensor, _ kernelSize: Int, _ stride: Int, padding: Int = 0,
    outputSize: (Int, Int, Int)? = nil
  ) -> Tensor {
    x.maxUnpool3d(
      indices, (kernelSize, kernelSize, kernelSize), stride: (stride, stride, stride),
      padding: (padding, padding, padding), outputSize: outputSize)
  }
  /// See ``Tensor/maxUnpool3d(_:_:stride:padding:outputSize:)``.
  @_disfavoredOverload
  public static func maxUnpool3d(
    _ x: Tensor, _ indices: Tensor, _ kernelSize: (Int, Int, Int), stride: (Int, Int, Int)? = nil,
    padding: (Int, Int, Int) = (0, 0, 0), outputSize: (Int, Int, Int)? = nil
  ) -> Tensor {
    x.maxUnpool3d(indices, kernelSize, stride: stride, padding: padding, outputSize: outputSize)
  }
}
