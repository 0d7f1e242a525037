import Arrays
import Files
import Kernels

// Lines are planes of one row.
extension Tensor {
  /// Convolution in one dimension. Equivalent to `torch.nn.functional.conv1d`.
  ///
  /// - Parameters:
  ///   - weight: (filters, channels / groups, kernel).
  ///   - bias: (filters,).
  ///   - stride: The distance between positions of the window.
  ///   - padding: The number of zeros before and after each line.
  ///   - dilation: The distance between elements of the window.
  ///   - groups: The number of groups into which channels and filters are divided.
  /// - Returns: (batch, filters, ⌊(length + 2 · padding − dilation · (kernel − 1) − 1) / stride⌋ +
  ///   1) for this tensor of shape (batch, channels, length), without the batch if this has none.
  /// - Precondition: The shapes fit.
  public final func conv1d(
    _ weight: Tensor, _ bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1
  ) -> Tensor {
    if let result = Autocast.lowered({ low in
      low(self).conv1d(
        low(weight), bias.map(low), stride: stride, padding: padding, dilation: dilation,
        groups: groups)
    }) {
      return result
    }
    requireLines("conv1d", weight)
    require(
      groups > 0 && shape[rank - 2] == weight.shape[1] * groups && weight.shape[0] % groups == 0,
      "conv1d: shape \(shape) does not fit a weight of shape \(weight.shape) in \(groups) groups")
    requireBias("conv1d", bias)
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
  ///   - bias: (filters,).
  ///   - stride: The distance between positions of the window in the result.
  ///   - padding: The number of elements cut off at both ends of the result.
  ///   - outputPadding: By how much the result is longer, where a convolution maps several lengths
  ///     to the length of this tensor; less than `stride` or `dilation`.
  ///   - groups: The number of groups into which channels and filters are divided.
  ///   - dilation: The distance between elements of the window.
  /// - Returns: (batch, filters, (length − 1) · stride − 2 · padding + dilation · (kernel − 1) +
  ///   outputPadding + 1) for this tensor of shape (batch, channels, length), without the batch if
  ///   this has none.
  /// - Precondition: The shapes fit.
  public final func convTranspose1d(
    _ weight: Tensor, _ bias: Tensor? = nil, stride: Int = 1, padding: Int = 0,
    outputPadding: Int = 0, groups: Int = 1, dilation: Int = 1
  ) -> Tensor {
    if let result = Autocast.lowered({ low in
      low(self).convTranspose1d(
        low(weight), bias.map(low), stride: stride, padding: padding, outputPadding: outputPadding,
        groups: groups, dilation: dilation)
    }) {
      return result
    }
    requireLines("convTranspose1d", weight)
    require(
      groups > 0 && shape[rank - 2] == weight.shape[0] && weight.shape[0] % groups == 0,
      "convTranspose1d: shape \(shape) does not fit a weight of shape \(weight.shape) in \(groups) "
        + "groups")
    return unsqueezed(-2).convTranspose2d(
      weight.unsqueezed(2), bias, stride: (1, stride), padding: (0, padding),
      outputPadding: (0, outputPadding), groups: groups, dilation: (1, dilation)
    ).squeezed([-2])
  }

  private final func requireLines(_ operation: StaticString) {
    require(
      rank == 2 || rank == 3,
      "\(operation): shape \(shape) is not (batch, channels, length) or (channels, length)")
  }

  private final func requireLines(_ operation: StaticString, _ weight: Tensor) {
    require(
      (rank == 2 || rank == 3) && weight.rank == 3,
      "\(operation): shape \(shape) does not fit a weight of shape \(weight.shape)")
  }

  /// The maximum in each position of a window along lines. Equivalent to
  /// `torch.nn.functional.max_pool1d`.
  ///
  /// - Parameters:
  ///   - kernelSize: The length of the window.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - padding: How far the window reaches beyond both ends, at most half its length.
  ///   - dilation: The distance between elements of the window.
  ///   - ceilMode: Whether a last window may extend beyond the end.
  /// - Returns: (batch, channels, positions) for this tensor of shape (batch, channels, length), or
  ///   without the batch.
  public final func maxPool1d(
    _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1,
    ceilMode: Bool = false
  ) -> Tensor {
    maxPool1dWithIndices(
      kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode
    ).values
  }

  /// The maximum in each position of a window along lines, and where it was. Equivalent to
  /// `torch.nn.functional.max_pool1d` with `return_indices=True`.
  ///
  /// - Parameters:
  ///   - kernelSize: The length of the window.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - padding: How far the window reaches beyond both ends, at most half its length.
  ///   - dilation: The distance between elements of the window.
  ///   - ceilMode: Whether a last window may extend beyond the end.
  /// - Returns: The maxima, and the index of each in its line, as `int64`.
  public final func maxPool1dWithIndices(
    _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1,
    ceilMode: Bool = false
  ) -> (values: Tensor, indices: Tensor) {
    requireLines("maxPool1d")
    let (values, indices) = unsqueezed(-2).maxPool2dWithIndices(
      (1, kernelSize), stride: (1, stride ?? kernelSize), padding: (0, padding),
      dilation: (1, dilation), ceilMode: ceilMode)
    return (values.squeezed([-2]), indices.squeezed([-2]))
  }

  /// The mean in each position of a window along lines. Equivalent to
  /// `torch.nn.functional.avg_pool1d`.
  ///
  /// - Parameters:
  ///   - kernelSize: The length of the window.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - padding: The number of zeros before and after each line, at most half of `kernelSize`.
  ///   - ceilMode: Whether a last window may extend beyond the end.
  ///   - countIncludePad: Whether zeros of the padding count in the mean.
  /// - Returns: (batch, channels, positions) for this tensor of shape (batch, channels, length), or
  ///   without the batch.
  public final func avgPool1d(
    _ kernelSize: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false,
    countIncludePad: Bool = true
  ) -> Tensor {
    requireLines("avgPool1d")
    return unsqueezed(-2).avgPool2d(
      (1, kernelSize), stride: (1, stride ?? kernelSize), padding: (0, padding),
      ceilMode: ceilMode, countIncludePad: countIncludePad
    ).squeezed([-2])
  }

  /// The maximum of each of `outputSize` sections of a line. Equivalent to
  /// `torch.nn.functional.adaptive_max_pool1d`.
  ///
  /// - Parameter outputSize: The number of sections, which is the length of the output.
  public final func adaptiveMaxPool1d(_ outputSize: Int) -> Tensor {
    adaptiveMaxPool1dWithIndices(outputSize).values
  }

  /// The maximum of each of `outputSize` sections of a line, and where it was. Equivalent to
  /// `torch.nn.functional.adaptive_max_pool1d` with `return_indices=True`.
  ///
  /// - Parameter outputSize: The number of sections, which is the length of the output.
  /// - Returns: The maxima, and the index of each in its line, as `int64`.
  public final func adaptiveMaxPool1dWithIndices(
    _ outputSize: Int
  ) -> (values: Tensor, indices: Tensor) {
    requireLines("adaptiveMaxPool1d")
    let (values, indices) = unsqueezed(-2).adaptiveMaxPool2dWithIndices((1, outputSize))
    return (values.squeezed([-2]), indices.squeezed([-2]))
  }

  /// The mean of each of `outputSize` sections of a line. Equivalent to
  /// `torch.nn.functional.adaptive_avg_pool1d`.
  ///
  /// - Parameter outputSize: The number of sections, which is the length of the output.
  public final func adaptiveAvgPool1d(_ outputSize: Int) -> Tensor {
    requireLines("adaptiveAvgPool1d")
    return unsqueezed(-2).adaptiveAvgPool2d((1, outputSize)).squeezed([-2])
  }
}
