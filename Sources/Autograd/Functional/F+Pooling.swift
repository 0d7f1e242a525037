import Arrays

// Lengths are a number for every dimension, or a tuple of one for each. As in PyTorch the stride may follow the
// kernel's size without a label.

extension F {
  /// See ``Tensor/maxPool1d(_:stride:padding:dilation:ceilMode:)``.
  public static func maxPool1d(
    _ x: Tensor, _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1,
    ceilMode: Bool = false
  ) -> Tensor {
    x.maxPool1d(
      kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }
  /// See ``Tensor/maxPool1d(_:stride:padding:dilation:ceilMode:)``.
  public static func maxPool1d(
    _ x: Tensor, _ kernelSize: Int, _ stride: Int, padding: Int = 0, dilation: Int = 1,
    ceilMode: Bool = false
  ) -> Tensor {
    x.maxPool1d(
      kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }
  /// See ``Tensor/maxPool2d(_:stride:padding:dilation:ceilMode:)``.
  public static func maxPool2d(
    _ x: Tensor, _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1,
    ceilMode: Bool = false
  ) -> Tensor {
    x.maxPool2d(
      (kernelSize, kernelSize), stride: stride.map { ($0, $0) }, padding: (padding, padding),
      dilation: (dilation, dilation), ceilMode: ceilMode)
  }
  /// See ``Tensor/maxPool2d(_:stride:padding:dilation:ceilMode:)``.
  public static func maxPool2d(
    _ x: Tensor, _ kernelSize: Int, _ stride: Int, padding: Int = 0, dilation: Int = 1,
    ceilMode: Bool = false
  ) -> Tensor {
    x.maxPool2d(
      (kernelSize, kernelSize), stride: (stride, stride), padding: (padding, padding),
      dilation: (dilation, dilation), ceilMode: ceilMode)
  }
  /// See ``Tensor/maxPool2d(_:stride:padding:dilation:ceilMode:)``.
  @_disfavoredOverload
  public static func maxPool2d(
    _ x: Tensor, _ kernelSize: (Int, Int), stride: (Int, Int)? = nil, padding: (Int, Int) = (0, 0),
    dilation: (Int, Int) = (1, 1), ceilMode: Bool = false
  ) -> Tensor {
    x.maxPool2d(
      kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }
  /// See ``Tensor/maxPool3d(_:stride:padding:dilation:ceilMode:)``.
  public static func maxPool3d(
    _ x: Tensor, _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1,
    ceilMode: Bool = false
  ) -> Tensor {
    x.maxPool3d(
      (kernelSize, kernelSize, kernelSize), stride: stride.map { ($0, $0, $0) },
      padding: (padding, padding, padding), dilation: (dilation, dilation, dilation),
      ceilMode: ceilMode)
  }
  /// See ``Tensor/maxPool3d(_:stride:padding:dilation:ceilMode:)``.
  public static func maxPool3d(
    _ x: Tensor, _ kernelSize: Int, _ stride: Int, padding: Int = 0, dilation: Int = 1,
    ceilMode: Bool = false
  ) -> Tensor {
    x.maxPool3d(
      (kernelSize, kernelSize, kernelSize), stride: (stride, stride, stride),
      padding: (padding, padding, padding), dilation: (dilation, dilation, dilation),
      ceilMode: ceilMode)
  }
  /// See ``Tensor/maxPool3d(_:stride:padding:dilation:ceilMode:)``.
  @_disfavoredOverload
  public static func maxPool3d(
    _ x: Tensor, _ kernelSize: (Int, Int, Int), stride: (Int, Int, Int)? = nil,
    padding: (Int, Int, Int) = (0, 0, 0), dilation: (Int, Int, Int) = (1, 1, 1),
    ceilMode: Bool = false
  ) -> Tensor {
    x.maxPool3d(
      kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }
  /// See ``Tensor/avgPool1d(_:stride:padding:ceilMode:countIncludePad:)``.
  public static func avgPool1d(
    _ x: Tensor, _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false,
    countIncludePad: Bool = true
  ) -> Tensor {
    x.avgPool1d(
      kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
      countIncludePad: countIncludePad)
  }
  /// See ``Tensor/avgPool1d(_:stride:padding:ceilMode:countIncludePad:)``.
  public static func avgPool1d(
    _ x: Tensor, _ kernelSize: Int, _ stride: Int, padding: Int = 0, ceilMode: Bool = false,
    countIncludePad: Bool = true
  ) -> Tensor {
    x.avgPool1d(
      kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
      countIncludePad: countIncludePad)
  }
  /// See ``Tensor/avgPool2d(_:stride:padding:ceilMode:countIncludePad:divisorOverride:)``.
  public static func avgPool2d(
    _ x: Tensor, _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false,
    countIncludePad: Bool = true, divisorOverride: Int? = nil
  ) -> Tensor {
    x.avgPool2d(
      (kernelSize, kernelSize), stride: stride.map { ($0, $0) }, padding: (padding, padding),
      ceilMode: ceilMode, countIncludePad: countIncludePad, divisorOverride: divisorOverride)
  }
  /// See ``Tensor/avgPool2d(_:stride:padding:ceilMode:countIncludePad:divisorOverride:)``.
  public static func avgPool2d(
    _ x: Tensor, _ kernelSize: Int, _ stride: Int, padding: Int = 0, ceilMode: Bool = false,
    countIncludePad: Bool = true, divisorOverride: Int? = nil
  ) -> Tensor {
    x.avgPool2d(
      (kernelSize, kernelSize), stride: (stride, stride), padding: (padding, padding),
      ceilMode: ceilMode, countIncludePad: countIncludePad, divisorOverride: divisorOverride)
  }
  /// See ``Tensor/avgPool2d(_:stride:padding:ceilMode:countIncludePad:divisorOverride:)``.
  @_disfavoredOverload
  public static func avgPool2d(
    _ x: Tensor, _ kernelSize: (Int, Int), stride: (Int, Int)? = nil, padding: (Int, Int) = (0, 0),
    ceilMode: Bool = false, countIncludePad: Bool = true, divisorOverride: Int? = nil
  ) -> Tensor {
    x.avgPool2d(
      kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
      countIncludePad: countIncludePad, divisorOverride: divisorOverride)
  }
  /// See ``Tensor/avgPool3d(_:stride:padding:ceilMode:countIncludePad:divisorOverride:)``.
  public static func avgPool3d(
    _ x: Tensor, _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false,
    countIncludePad: Bool = true, divisorOverride: Int? = nil
  ) -> Tensor {
    x.avgPool3d(
      (kernelSize, kernelSize, kernelSize), stride: stride.map { ($0, $0, $0) },
      padding: (padding, padding, padding), ceilMode: ceilMode, countIncludePad: countIncludePad,
      divisorOverride: divisorOverride)
  }
  /// See ``Tensor/avgPool3d(_:stride:padding:ceilMode:countIncludePad:divisorOverride:)``.
  public static func avgPool3d(
    _ x: Tensor, _ kernelSize: Int, _ stride: Int, padding: Int = 0, ceilMode: Bool = false,
    countIncludePad: Bool = true, divisorOverride: Int? = nil
  ) -> Tensor {
    x.avgPool3d(
      (kernelSize, kernelSize, kernelSize), stride: (stride, stride, stride),
      padding: (padding, padding, padding), ceilMode: ceilMode, countIncludePad: countIncludePad,
      divisorOverride: divisorOverride)
  }
  /// See ``Tensor/avgPool3d(_:stride:padding:ceilMode:countIncludePad:divisorOverride:)``.
  @_disfavoredOverload
  public static func avgPool3d(
    _ x: Tensor, _ kernelSize: (Int, Int, Int), stride: (Int, Int, Int)? = nil,
    padding: (Int, Int, Int) = (0, 0, 0), ceilMode: Bool = false, countIncludePad: Bool = true,
    divisorOverride: Int? = nil
  ) -> Tensor {
    x.avgPool3d(
      kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
      countIncludePad: countIncludePad, divisorOverride: divisorOverride)
  }
  /// See ``Tensor/adaptiveAvgPool1d(_:)``.
  public static func adaptiveAvgPool1d(_ x: Tensor, _ outputSize: Int) -> Tensor {
    x.adaptiveAvgPool1d(outputSize)
  }
  /// See ``Tensor/adaptiveMaxPool1d(_:)``.
  public static func adaptiveMaxPool1d(_ x: Tensor, _ outputSize: Int) -> Tensor {
    x.adaptiveMaxPool1d(outputSize)
  }
  /// See ``Tensor/adaptiveAvgPool2d(_:)``.
  public static func adaptiveAvgPool2d(_ x: Tensor, _ outputSize: Int) -> Tensor {
    x.adaptiveAvgPool2d((outputSize, outputSize))
  }
  /// See ``Tensor/adaptiveAvgPool2d(_:)``: nil keeps a length.
  public static func adaptiveAvgPool2d(_ x: Tensor, _ outputSize: (Int?, Int?)) -> Tensor {
    x.adaptiveAvgPool2d(outputSize)
  }
  /// See ``Tensor/adaptiveMaxPool2d(_:)``.
  public static func adaptiveMaxPool2d(_ x: Tensor, _ outputSize: Int) -> Tensor {
    x.adaptiveMaxPool2d((outputSize, outputSize))
  }
  /// See ``Tensor/adaptiveMaxPool2d(_:)``: nil keeps a length.
  public static func adaptiveMaxPool2d(_ x: Tensor, _ outputSize: (Int?, Int?)) -> Tensor {
    x.adaptiveMaxPool2d(outputSize)
  }
  /// See ``Tensor/adaptiveAvgPool3d(_:)``.
  public static func adaptiveAvgPool3d(_ x: Tensor, _ outputSize: Int) -> Tensor {
    x.adaptiveAvgPool3d((outputSize, outputSize, outputSize))
  }
  /// See ``Tensor/adaptiveAvgPool3d(_:)``: nil keeps a length.
  public static func adaptiveAvgPool3d(_ x: Tensor, _ outputSize: (Int?, Int?, Int?)) -> Tensor {
    x.adaptiveAvgPool3d(outputSize)
  }
  /// See ``Tensor/adaptiveMaxPool3d(_:)``.
  public static func adaptiveMaxPool3d(_ x: Tensor, _ outputSize: Int) -> Tensor {
    x.adaptiveMaxPool3d((outputSize, outputSize, outputSize))
  }
  /// See ``Tensor/adaptiveMaxPool3d(_:)``: nil keeps a length.
  public static func adaptiveMaxPool3d(_ x: Tensor, _ outputSize: (Int?, Int?, Int?)) -> Tensor {
    x.adaptiveMaxPool3d(outputSize)
  }
  /// See ``Tensor/lpPool1d(_:_:stride:ceilMode:)``.
  public static func lpPool1d(
    _ x: Tensor, _ normType: Double, _ kernelSize: Int, stride: Int? = nil, ceilMode: Bool = false
  ) -> Tensor {
    x.lpPool1d(normType, kernelSize, stride: stride, ceilMode: ceilMode)
  }
  /// See ``Tensor/lpPool2d(_:_:stride:ceilMode:)``.
  public static func lpPool2d(
    _ x: Tensor, _ normType: Double, _ kernelSize: Int, stride: Int? = nil, ceilMode: Bool = false
  ) -> Tensor {
    x.lpPool2d(
      normType, (kernelSize, kernelSize), stride: stride.map { ($0, $0) }, ceilMode: ceilMode)
  }
  /// See ``Tensor/lpPool3d(_:_:stride:ceilMode:)``.
  public static func lpPool3d(
    _ x: Tensor, _ normType: Double, _ kernelSize: Int, stride: Int? = nil, ceilMode: Bool = false
  ) -> Tensor {
    x.lpPool3d(
      normType, (kernelSize, kernelSize, kernelSize), stride: stride.map { ($0, $0, $0) },
      ceilMode: ceilMode)
  }
}
