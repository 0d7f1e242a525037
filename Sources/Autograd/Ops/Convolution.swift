import Arrays
import CKernels
import Files
import Kernels

extension Tensor {
  /// Convolution in two dimensions. Equivalent to `torch.nn.functional.conv2d`.
  ///
  /// Each side of the result has ⌊(n + 2 · padding − dilation · (kernel − 1) − 1) / stride⌋ + 1
  /// elements for n of the input.
  ///
  /// - Parameters:
  ///   - weight: (filters, channels / groups, kernel height, kernel width), of this tensor's type.
  ///   - bias: (filters,).
  ///   - stride: The distance between positions of the window in rows and columns.
  ///   - padding: The number of zeros above and below, and to the left and right of each plane.
  ///   - dilation: The distance between elements of the window.
  ///   - groups: The number of groups into which channels and filters are divided.
  /// - Returns: (batch, filters, out height, out width) for this tensor of shape (batch, channels,
  ///   height, width), without the batch if this has none.
  /// - Precondition: The shapes fit, and the type is `float16`, `bfloat16`, `float32` or `float64`.
  public final func conv2d(
    _ weight: Tensor, _ bias: Tensor? = nil, stride: (Int, Int) = (1, 1),
    padding: (Int, Int) = (0, 0), dilation: (Int, Int) = (1, 1), groups: Int = 1
  ) -> Tensor {
    if let result = Autocast.lowered({ low in
      low(self).conv2d(
        low(weight), bias.map(low), stride: stride, padding: padding, dilation: dilation,
        groups: groups)
    }) {
      return result
    }
    if rank == 3 {
      return unsqueezed(0).conv2d(
        weight, bias, stride: stride, padding: padding, dilation: dilation, groups: groups
      ).squeezed([0])
    }
    require(
      rank == 4 && weight.rank == 4 && groups > 0 && shape[1] == weight.shape[1] * groups
        && weight.shape[0] % groups == 0,
      "conv2d: shape \(shape) does not fit a weight of shape \(weight.shape) in \(groups) groups")
    require(
      bias.map { $0.shape == [weight.shape[0]] } ?? true,
      "conv2d: a bias of shape \(bias?.shape ?? .scalar) does not fit a weight of shape \(weight.shape)"
    )
    requireBias("conv2d", bias)
    if dtype.isIntegral && weight.dtype == dtype {
      // Exact as long as sums are below 2⁵³, as products of matrices of integers are.
      let bias = bias?.to(.float64)
      return to(.float64).conv2d(
        weight.to(.float64), bias, stride: stride, padding: padding, dilation: dilation,
        groups: groups
      ).to(dtype)
    }
    if weight.dtype == dtype,
      let result = widened({
        $0.conv2d(
          weight.wide, bias?.wide, stride: stride, padding: padding, dilation: dilation,
          groups: groups)
      })
    {
      return result
    }
    requireSameType("conv2d", weight)
    let window = CKWindow(
      height: shape[2], width: shape[3], kernel: (weight.shape[2], weight.shape[3]),
      stride: stride, padding: padding, dilation: dilation, for: "conv2d")
    let convolution = Convolution(
      window: window, batch: shape[0], channels: shape[1], filters: weight.shape[0],
      groups: groups)
    return .convolution(convolution, self, weight, bias)
  }

  /// The transpose of ``conv2d(_:_:stride:padding:dilation:groups:)``, also called deconvolution.
  /// Equivalent to `torch.nn.functional.conv_transpose2d`.
  ///
  /// Each side of the result has (n − 1) · stride − 2 · padding + dilation · (kernel − 1) +
  /// outputPadding + 1 elements for n of the input.
  ///
  /// - Parameters:
  ///   - weight: (channels, filters / groups, kernel height, kernel width), of this tensor's type.
  ///   - bias: (filters,).
  ///   - stride: The distance between positions of the window in the result.
  ///   - padding: The number of rows and columns cut off on both sides of the result.
  ///   - outputPadding: By how much the result is larger, where a convolution maps several sizes to
  ///     the size of this tensor; less than `stride` or `dilation`.
  ///   - groups: The number of groups into which channels and filters are divided.
  ///   - dilation: The distance between elements of the window.
  /// - Returns: (batch, filters, out height, out width) for this tensor of shape (batch, channels,
  ///   height, width), without the batch if this has none.
  /// - Precondition: The shapes fit, and the type is `float16`, `bfloat16`, `float32` or `float64`.
  public final func convTranspose2d(
    _ weight: Tensor, _ bias: Tensor? = nil, stride: (Int, Int) = (1, 1),
    padding: (Int, Int) = (0, 0), outputPadding: (Int, Int) = (0, 0), groups: Int = 1,
    dilation: (Int, Int) = (1, 1)
  ) -> Tensor {
    if let result = Autocast.lowered({ low in
      low(self).convTranspose2d(
        low(weight), bias.map(low), stride: stride, padding: padding, outputPadding: outputPadding,
        groups: groups, dilation: dilation)
    }) {
      return result
    }
    if rank == 3 {
      return unsqueezed(0).convTranspose2d(
        weight, bias, stride: stride, padding: padding, outputPadding: outputPadding,
        groups: groups, dilation: dilation
      ).squeezed([0])
    }
    require(
      rank == 4 && weight.rank == 4 && groups > 0 && shape[1] == weight.shape[0]
        && weight.shape[0] % groups == 0,
      "convTranspose2d: shape \(shape) does not fit a weight of shape \(weight.shape) in \(groups) groups"
    )
    if dtype == .float16 || dtype == .bfloat16 { requireBias("convTranspose2d", bias) }
    if dtype.isIntegral && weight.dtype == dtype {
      let bias = bias?.to(.float64)
      return to(.float64).convTranspose2d(
        weight.to(.float64), bias, stride: stride, padding: padding, outputPadding: outputPadding,
        groups: groups, dilation: dilation
      ).to(dtype)
    }
    if weight.dtype == dtype,
      let result = widened({
        $0.convTranspose2d(
          weight.wide, bias?.wide, stride: stride, padding: padding,
          outputPadding: outputPadding, groups: groups, dilation: dilation)
      })
    {
      return result
    }
    requireSameType("convTranspose2d", weight)
    let height =
      (shape[2] - 1) * stride.0 - 2 * padding.0 + dilation.0 * (weight.shape[2] - 1)
      + outputPadding.0 + 1
    let width =
      (shape[3] - 1) * stride.1 - 2 * padding.1 + dilation.1 * (weight.shape[3] - 1)
      + outputPadding.1 + 1
    require(
      height > 0 && width > 0,
      "convTranspose2d: shape \(shape) with padding \(padding) leaves nothing")
    require(
      outputPadding.0 >= 0 && outputPadding.1 >= 0
        && outputPadding.0 < Swift.max(stride.0, dilation.0)
        && outputPadding.1 < Swift.max(stride.1, dilation.1),
      "convTranspose2d: output padding must be smaller than either stride or dilation, but got "
        + "\(outputPadding), \(stride) and \(dilation)")
    var window = CKWindow(
      height: height, width: width, kernel: (weight.shape[2], weight.shape[3]), stride: stride,
      padding: padding, dilation: dilation, for: "convTranspose2d")
    // Where the output padding exceeds the stride the window would fit in further positions.
    (window.out_height, window.out_width) = (shape[2], shape[3])
    let convolution = Convolution(
      window: window, batch: shape[0], channels: weight.shape[1] * groups,
      filters: weight.shape[0], groups: groups)
    let result = Tensor.convolutionInput(convolution, self, weight)
    guard let bias else { return result }
    require(
      bias.shape == [result.shape[1]],
      "convTranspose2d: a bias of shape \(bias.shape) does not fit a weight of shape "
        + "\(weight.shape) in \(groups) groups")
    return result + bias.to(dtype).reshaped([bias.elementCount, 1, 1])
  }

  // A convolution, its gradient for the input and its gradient for the weight are each linear in
  // two of input, weight and output, so the gradients of each are the two others.

  private static func convolution(
    _ c: Convolution, _ x: Tensor, _ weight: Tensor, _ bias: Tensor?
  ) -> Tensor {
    let array = c.forward(x.array, weight.array, bias?.array)
    return record("conv2d", [x, weight] + (bias.map { [$0] } ?? []), array) { _ in
      let (input, kernel) = (x.saved, weight.saved)
      var rules: [(Tensor) -> Tensor?] = [
        { .convolutionInput(c, $0, kernel()) }, { .convolutionWeight(c, $0, input()) },
      ]
      if bias != nil { rules.append { $0.sum([0, 2, 3]) } }
      return rules
    }
  }

  private static func convolutionInput(
    _ c: Convolution, _ gradient: Tensor, _ weight: Tensor
  ) -> Tensor {
    record("conv2dInput", [gradient, weight], c.inputGradient(gradient.array, weight.array)) { _ in
      let (output, kernel) = (gradient.saved, weight.saved)
      return [{ .convolution(c, $0, kernel(), nil) }, { .convolutionWeight(c, output(), $0) }]
    }
  }

  private static func convolutionWeight(
    _ c: Convolution, _ gradient: Tensor, _ x: Tensor
  ) -> Tensor {
    record("conv2dWeight", [gradient, x], c.weightGradient(gradient.array, x.array)) { _ in
      let (output, input) = (gradient.saved, x.saved)
      return [{ .convolution(c, input(), $0, nil) }, { .convolutionInput(c, output(), $0) }]
    }
  }
}
