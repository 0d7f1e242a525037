import Arrays
import CKernels
import Files

extension CKWindow {
  /// The positions of a window on planes of `height` × `width`.
  ///
  /// - Precondition: There is at least one position; `operation` names who asked in the message.
  package init(
    height: Int, width: Int, kernel: (Int, Int), stride: (Int, Int), padding: (Int, Int) = (0, 0),
    dilation: (Int, Int) = (1, 1), ceilMode: Bool = false, for operation: StaticString
  ) {
    require(
      stride.0 > 0 && stride.1 > 0 && dilation.0 > 0 && dilation.1 > 0 && kernel.0 > 0
        && kernel.1 > 0 && padding.0 >= 0 && padding.1 >= 0,
      "\(operation): kernel \(kernel), stride \(stride) and dilation \(dilation) must be positive "
        + "and padding \(padding) not negative")
    let outHeight = CKWindow.positions(
      height, kernel.0, stride.0, padding.0, dilation.0, ceilMode)
    let outWidth = CKWindow.positions(width, kernel.1, stride.1, padding.1, dilation.1, ceilMode)
    require(
      outHeight > 0 && outWidth > 0,
      "\(operation): a plane of \((height, width)) with padding \(padding) is smaller than the "
        + "kernel \(kernel) with dilation \(dilation)")
    self.init(
      height: height, width: width, kernel_height: kernel.0, kernel_width: kernel.1,
      stride_height: stride.0, stride_width: stride.1, pad_height: padding.0,
      pad_width: padding.1, dilation_height: dilation.0, dilation_width: dilation.1,
      out_height: outHeight, out_width: outWidth)
  }

  /// A window for parts of a plane whose sizes differ by one at most.
  package init(height: Int, width: Int, adaptingTo outputSize: (Int, Int)) {
    self.init(
      height: height, width: width, kernel_height: 1, kernel_width: 1, stride_height: 1,
      stride_width: 1, pad_height: 0, pad_width: 0, dilation_height: 1, dilation_width: 1,
      out_height: outputSize.0, out_width: outputSize.1)
  }

  private static func positions(
    _ length: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int, _ ceil: Bool
  ) -> Int {
    let room = length + 2 * padding - dilation * (kernel - 1) - 1
    guard room >= 0 else { return 0 }
    var count = (room + (ceil ? stride - 1 : 0)) / stride + 1
    // A last window that begins in the padding after the plane is dropped.
    if ceil, (count - 1) * stride >= length + padding { count -= 1 }
    return count
  }

  package var inArea: Int { height * width }
  package var outArea: Int { out_height * out_width }
  package var kernelArea: Int { kernel_height * kernel_width }

  /// Whether the columns of a convolution are the planes themselves.
  var isPointwise: Bool {
    // With an output padding there are fewer positions than places, even for a kernel of one element.
    kernelArea == 1 && stride_height == 1 && stride_width == 1 && pad_height == 0 && pad_width == 0
      && out_height == height && out_width == width
  }
}
