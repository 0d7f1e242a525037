import Arrays

// Lengths are a number for every dimension, or a tuple of one for each.

extension F {
  /// See ``Tensor/conv1d(_:_:stride:padding:dilation:groups:)``.
  public static func conv1d(
    _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: Int = 1, padding: Int = 0,
    dilation: Int = 1, groups: Int = 1
  ) -> Tensor {
    x.conv1d(
      weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }
  /// See ``Tensor/conv2d(_:_:stride:padding:dilation:groups:)``.
  public static func conv2d(
    _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: Int = 1, padding: Int = 0,
    dilation: Int = 1, groups: Int = 1
  ) -> Tensor {
    x.conv2d(
      weight, bias, stride: (stride, stride), padding: (padding, padding),
      dilation: (dilation, dilation), groups: groups)
  }
  /// See ``Tensor/conv2d(_:_:stride:padding:dilation:groups:)``.
  @_disfavoredOverload
  public static func conv2d(
    _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: (Int, Int) = (1, 1),
    padding: (Int, Int) = (0, 0), dilation: (Int, Int) = (1, 1), groups: Int = 1
  ) -> Tensor {
    x.conv2d(
      weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }
  /// See ``Tensor/conv3d(_:_:stride:padding:dilation:groups:)``.
  public static func conv3d(
    _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: Int = 1, padding: Int = 0,
    dilation: Int = 1, groups: Int = 1
  ) -> Tensor {
    x.conv3d(
      weight, bias, stride: (stride, stride, stride), padding: (padding, padding, padding),
      dilation: (dilation, dilation, dilation), groups: groups)
  }
  /// See ``Tensor/conv3d(_:_:stride:padding:dilation:groups:)``.
  @_disfavoredOverload
  public static func conv3d(
    _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: (Int, Int, Int) = (1, 1, 1),
    padding: (Int, Int, Int) = (0, 0, 0), dilation: (Int, Int, Int) = (1, 1, 1), groups: Int = 1
  ) -> Tensor {
    x.conv3d(
      weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }
  /// See ``Tensor/convTranspose1d(_:_:stride:padding:outputPadding:groups:dilation:)``.
  public static func convTranspose1d(
    _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: Int = 1, padding: Int = 0,
    outputPadding: Int = 0, groups: Int = 1, dilation: Int = 1
  ) -> Tensor {
    x.convTranspose1d(
      weight, bias, stride: stride, padding: padding, outputPadding: outputPadding, groups: groups,
      dilation: dilation)
  }
  /// See ``Tensor/convTranspose2d(_:_:stride:padding:outputPadding:groups:dilation:)``.
  public static func convTranspose2d(
    _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: Int = 1, padding: Int = 0,
    outputPadding: Int = 0, groups: Int = 1, dilation: Int = 1
  ) -> Tensor {
    x.convTranspose2d(
      weight, bias, stride: (stride, stride), padding: (padding, padding),
      outputPadding: (outputPadding, outputPadding), groups: groups,
      dilation: (dilation, dilation))
  }
  /// See ``Tensor/convTranspose2d(_:_:stride:padding:outputPadding:groups:dilation:)``.
  @_disfavoredOverload
  public static func convTranspose2d(
    _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: (Int, Int) = (1, 1),
    padding: (Int, Int) = (0, 0), outputPadding: (Int, Int) = (0, 0), groups: Int = 1,
    dilation: (Int, Int) = (1, 1)
  ) -> Tensor {
    x.convTranspose2d(
      weight, bias, stride: stride, padding: padding, outputPadding: outputPadding, groups: groups,
      dilation: dilation)
  }
  /// See ``Tensor/convTranspose3d(_:_:stride:padding:outputPadding:groups:dilation:)``.
  public static func convTranspose3d(
    _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: Int = 1, padding: Int = 0,
    outputPadding: Int = 0, groups: Int = 1, dilation: Int = 1
  ) -> Tensor {
    x.convTranspose3d(
      weight, bias, stride: (stride, stride, stride), padding: (padding, padding, padding),
      outputPadding: (outputPadding, outputPadding, outputPadding), groups: groups,
      dilation: (dilation, dilation, dilation))
  }
  /// See ``Tensor/convTranspose3d(_:_:stride:padding:outputPadding:groups:dilation:)``.
  @_disfavoredOverload
  public static func convTranspose3d(
    _ x: Tensor, _ weight: Tensor, _ bias: Tensor? = nil, stride: (Int, Int, Int) = (1, 1, 1),
    padding: (Int, Int, Int) = (0, 0, 0), outputPadding: (Int, Int, Int) = (0, 0, 0),
    groups: Int = 1,
    dilation: (Int, Int, Int) = (1, 1, 1)
  ) -> Tensor {
    x.convTranspose3d(
      weight, bias, stride: stride, padding: padding, outputPadding: outputPadding, groups: groups,
      dilation: dilation)
  }
  /// See ``Tensor/unfolded(_:dilation:padding:stride:)``.
  public static func unfold(
    _ x: Tensor, _ kernelSize: Int, dilation: Int = 1, padding: Int = 0, stride: Int = 1
  ) -> Tensor {
    x.unfolded(
      (kernelSize, kernelSize), dilation: (dilation, dilation), padding: (padding, padding),
      stride: (stride, stride))
  }
  /// See ``Tensor/unfolded(_:dilation:padding:stride:)``.
  @_disfavoredOverload
  public static func unfold(
    _ x: Tensor, _ kernelSize: (Int, Int), dilation: (Int, Int) = (1, 1),
    padding: (Int, Int) = (0, 0), stride: (Int, Int) = (1, 1)
  ) -> Tensor {
    x.unfolded(kernelSize, dilation: dilation, padding: padding, stride: stride)
  }
  /// See ``Tensor/folded(_:_:dilation:padding:stride:)``.
  public static func fold(
    _ x: Tensor, _ outputSize: (Int, Int), _ kernelSize: Int, dilation: Int = 1, padding: Int = 0,
    stride: Int = 1
  ) -> Tensor {
    x.folded(
      outputSize, (kernelSize, kernelSize), dilation: (dilation, dilation),
      padding: (padding, padding), stride: (stride, stride))
  }
  /// See ``Tensor/folded(_:_:dilation:padding:stride:)``.
  @_disfavoredOverload
  public static func fold(
    _ x: Tensor, _ outputSize: (Int, Int), _ kernelSize: (Int, Int), dilation: (Int, Int) = (1, 1),
    padding: (Int, Int) = (0, 0), stride: (Int, Int) = (1, 1)
  ) -> Tensor {
    x.folded(outputSize, kernelSize, dilation: dilation, padding: padding, stride: stride)
  }
}
