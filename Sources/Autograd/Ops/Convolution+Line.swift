import Arrays
import Files
import Kernels

// Lines are planes of one row.
extension Tensor {
  /// Convolution of lines. Equivalent to `torch.nn.functional.conv1d`.
  ///
  /// - Parameters:
  ///   - weight: (filters, channels / groups, kernel).
  ///   - bias: (filters,).
  /// - Returns: (batch, filters, out length) for this tensor of shape (batch, channels, length),
  ///   without the batch if this has none.
  public final func conv1d(
    _ weight: Tensor, _ bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1
  ) -> Tensor {
    requireLines("conv1d", weight)
    return unsqueezed(-2).conv2d(
      weight.unsqueezed(2), bias, stride: (1, stride), padding: (0, padding),
      dilation: (1, dilation), groups: groups
    ).squeezed([-2])
  }

  /// The transpose of ``conv1d(_:_:stride:padding:dilation:groups:)``. Equivalent to
  /// `torch.nn.functional.conv_transpose1d`.
  ///
  /// - Parameters:
  ///   - weight: (channels, filters / groups, kernel).
  ///   - outputPadding: How much longer the result is, where several lengths of it would have been
  ///     convolved to this length.
  /// - Returns: (batch, filters, out length) for this tensor of shape (batch, channels, length),
  ///   without the batch if this has none.
  public final func convTranspose1d(
    _ weight: Tensor, _ bias: Tensor? = nil, stride: Int = 1, padding: Int = 0,
    outputPadding: Int = 0, groups: Int = 1, dilation: Int = 1
  ) -> Tensor {
    requireLines("convTranspose1d", weight)
    return unsqueezed(-2).convTranspose2d(
      weight.unsqueezed(2), bias, stride: (1, stride), padding: (0, padding),
      outputPadding: (0, outputPadding), groups: groups, dilation: (1, dilation)
    ).squeezed([-2])
  }

  private final func requireLines(_ operation: StaticString, _ weight: Tensor) {
    require(
      (rank == 2 || rank == 3) && weight.rank == 3,
      "\(operation): shape \(shape) does not fit a weight of shape \(weight.shape)")
  }

  /// The greatest element under each position of a window on lines. Equivalent to
  /// `torch.nn.functional.max_pool1d`.
  public final func maxPool1d(
    _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1,
    ceilMode: Bool = false
  ) -> Tensor {
    unsqueezed(-2).maxPool2d(
      (1, kernelSize), stride: (1, stride ?? kernelSize), padding: (0, padding),
      dilation: (1, dilation), ceilMode: ceilMode
    ).squeezed([-2])
  }

  /// The mean under each position of a window on lines. Equivalent to
  /// `torch.nn.functional.avg_pool1d`.
  public final func avgPool1d(
    _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false,
    countIncludePad: Bool = true
  ) -> Tensor {
    unsqueezed(-2).avgPool2d(
      (1, kernelSize), stride: (1, stride ?? kernelSize), padding: (0, padding),
      ceilMode: ceilMode, countIncludePad: countIncludePad
    ).squeezed([-2])
  }

  /// The greatest element of each of as many parts of a line as the output has elements. Equivalent
  /// to `torch.nn.functional.adaptive_max_pool1d`.
  public final func adaptiveMaxPool1d(_ outputSize: Int) -> Tensor {
    unsqueezed(-2).adaptiveMaxPool2d((1, outputSize)).squeezed([-2])
  }

  /// The mean over each of as many parts of a line as the output has elements. Equivalent to
  /// `torch.nn.functional.adaptive_avg_pool1d`.
  public final func adaptiveAvgPool1d(_ outputSize: Int) -> Tensor {
    unsqueezed(-2).adaptiveAvgPool2d((1, outputSize)).squeezed([-2])
  }
}
