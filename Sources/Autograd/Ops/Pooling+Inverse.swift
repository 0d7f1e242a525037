import Arrays
import Files

// The inverses of maximum pooling: each maximum at the place where it was, and zeros between. Types and shapes
// are checked before anything is written, and so are all indices.

extension Tensor {
  /// Maxima at the places of lines where they were, and zeros between. Equivalent to
  /// `torch.nn.functional.max_unpool1d`.
  ///
  /// - Parameters:
  ///   - indices: The place of each element in its line, as `int64`, as
  ///     ``maxPool1dWithIndices(_:stride:padding:dilation:ceilMode:)`` gives it. Of several elements with one
  ///     place the last one remains.
  ///   - kernelSize: The length of the window of that pooling.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - padding: How far the window reached beyond both ends.
  ///   - outputSize: The length of the lines, less than a stride away from the usual one; that one, which is
  ///     (length − 1) · stride + kernelSize − 2 · padding, if nil.
  /// - Returns: (batch, channels, length), or without the batch.
  /// - Precondition: The indices have the shape of this tensor, and each is in its line.
  public final func maxUnpool1d(
    _ indices: Tensor, _ kernelSize: Int, stride: Int? = nil, padding: Int = 0,
    outputSize: Int? = nil
  ) -> Tensor {
    maxUnpooled(
      "maxUnpool1d", indices,
      [Unpooling(kernelSize, stride ?? kernelSize, padding, outputSize)])
  }

  /// Maxima at the places of planes where they were, and zeros between. Equivalent to
  /// `torch.nn.functional.max_unpool2d`.
  ///
  /// - Parameters:
  ///   - indices: The row-major place of each element in its plane, as `int64`, as
  ///     ``maxPool2dWithIndices(_:stride:padding:dilation:ceilMode:)`` gives it. Of several elements with one
  ///     place the last one remains.
  ///   - kernelSize: Height and width of the window of that pooling.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - padding: How far the window reached beyond each side.
  ///   - outputSize: Height and width of the planes, less than a stride away from the usual ones; these, which
  ///     are (length − 1) · stride + kernelSize − 2 · padding, if nil.
  /// - Returns: (batch, channels, height, width), or without the batch.
  /// - Precondition: The indices have the shape of this tensor, and each is in its plane.
  public final func maxUnpool2d(
    _ indices: Tensor, _ kernelSize: (Int, Int), stride: (Int, Int)? = nil,
    padding: (Int, Int) = (0, 0),
    outputSize: (Int, Int)? = nil
  ) -> Tensor {
    let stride = stride ?? kernelSize
    return maxUnpooled(
      "maxUnpool2d", indices,
      [
        Unpooling(kernelSize.0, stride.0, padding.0, outputSize?.0),
        Unpooling(kernelSize.1, stride.1, padding.1, outputSize?.1),
      ])
  }

  /// Maxima at the places of volumes where they were, and zeros between. Equivalent to
  /// `torch.nn.functional.max_unpool3d`.
  ///
  /// - Parameters:
  ///   - indices: The row-major place of each element in its volume, as `int64`, as
  ///     ``maxPool3dWithIndices(_:stride:padding:dilation:ceilMode:)`` gives it. Of several elements with one
  ///     place the last one remains.
  ///   - kernelSize: Depth, height and width of the window of that pooling.
  ///   - stride: The distance between positions of the window; `kernelSize` if nil.
  ///   - padding: How far the window reached beyond each side.
  ///   - outputSize: Depth, height and width of the volumes, less than a stride away from the usual ones; these,
  ///     which are (length − 1) · stride + kernelSize − 2 · padding, if nil.
  /// - Returns: (batch, channels, depth, height, width), or without the batch.
  /// - Precondition: The indices have the shape of this tensor, and each is in its volume.
  public final func maxUnpool3d(
    _ indices: Tensor, _ kernelSize: (Int, Int, Int), stride: (Int, Int, Int)? = nil,
    padding: (Int, Int, Int) = (0, 0, 0), outputSize: (Int, Int, Int)? = nil
  ) -> Tensor {
    let stride = stride ?? kernelSize
    return maxUnpooled(
      "maxUnpool3d", indices,
      [
        Unpooling(kernelSize.0, stride.0, padding.0, outputSize?.0),
        Unpooling(kernelSize.1, stride.1, padding.1, outputSize?.1),
        Unpooling(kernelSize.2, stride.2, padding.2, outputSize?.2),
      ])
  }

  /// Places the elements in zeros whose last dimensions are those of `directions`.
  private final func maxUnpooled(
    _ operation: StaticString, _ indices: Tensor, _ directions: [Unpooling]
  ) -> Tensor {
    let count = directions.count
    require(
      rank == count + 1 || rank == count + 2,
      "\(operation): shape \(shape) does not have channels and \(count) further dimensions, or a batch of such"
    )
    require(indices.dtype == .int64, "\(operation): the indices are of \(indices.dtype), not int64")
    require(
      indices.shape == shape,
      "\(operation): the indices have shape \(indices.shape), and the elements \(shape)")
    let lengths = zip(directions, shape.dimensions.suffix(count)).map { direction, length in
      direction.length(of: length, operation)
    }
    let before = Array(shape.dimensions.dropLast(count))
    let empty = Tensor.zeros(Shape(before + lengths), dtype: dtype).flattened(from: before.count)
    return empty.scattered(
      -1, indices.flattened(from: before.count), flattened(from: before.count)
    ).unflattened(before.count, lengths)
  }
}

/// How the lengths in one direction come back from those of a pooling.
private struct Unpooling {
  private let kernelSize: Int
  private let stride: Int
  private let padding: Int
  private let outputSize: Int?

  init(_ kernelSize: Int, _ stride: Int, _ padding: Int, _ outputSize: Int?) {
    (self.kernelSize, self.stride, self.padding) = (kernelSize, stride, padding)
    self.outputSize = outputSize
  }

  /// The length before a pooling that made `length` of it.
  func length(of length: Int, _ operation: StaticString) -> Int {
    require(
      kernelSize > 0 && stride > 0 && padding >= 0,
      "\(operation): kernelSize \(kernelSize), stride \(stride) and padding \(padding) are not positive"
    )
    let (steps, isBeyond) = (length - 1).multipliedReportingOverflow(by: stride)
    require(!isBeyond, "\(operation): stride \(stride) is too large for a length of \(length)")
    let (usual, isFurther) = steps.addingReportingOverflow(kernelSize - 2 * padding)
    require(
      !isFurther && (outputSize ?? usual) >= 0,
      "\(operation): a length of \(length) does not come of kernelSize \(kernelSize) and padding \(padding)"
    )
    guard let outputSize else { return usual }
    require(
      outputSize > usual - stride && outputSize < usual + stride,
      "\(operation): an output of \(outputSize) is not between \(usual - stride) and \(usual + stride)"
    )
    return outputSize
  }
}
