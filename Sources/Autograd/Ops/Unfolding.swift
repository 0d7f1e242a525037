import Arrays
import Files
import Kernels

extension Tensor {
  /// All windows along a dimension, each as a new last dimension, without copying. Equivalent to
  /// `torch.Tensor.unfold`.
  ///
  /// Overlapping windows share elements.
  ///
  /// - Parameters:
  ///   - axis: The dimension, which then counts the windows.
  ///   - size: The length of a window.
  ///   - step: The distance between the starts of consecutive windows.
  /// - Precondition: A window fits into the dimension and `step` is positive.
  public final func unfolded(_ axis: Int, size: Int, step: Int) -> Tensor {
    guard rank > 0 else { return reshaped([1]).unfolded(axis, size: size, step: step).select(0, 0) }
    let position = shape.normalizedAxis(axis, for: "unfold")
    let length = shape[position]
    return .record(
      "unfold", [self], array.unfolded(axis: position, size: size, step: step), isView: true
    ) { _ in
      let starts = Swift.stride(from: 0, through: length - size, by: step)
      let places = NDArray(starts.flatMap { Array($0..<$0 + size) })
      return [
        { grad in
          var order = Array(0..<grad.rank - 1)
          order.insert(grad.rank - 1, at: position + 1)
          return grad.permuted(order).flattened(from: position, through: position + 1)
            .indexAdded(position, places, length)
        }
      ]
    }
  }

  /// The elements in each position of a window on planes, as columns. Equivalent to
  /// `torch.nn.functional.unfold`.
  ///
  /// - Parameters:
  ///   - kernelSize: Height and width of the window.
  ///   - dilation: The distance between elements of the window.
  ///   - padding: The number of zeros on each side of a plane.
  ///   - stride: The distance between positions of the window in rows and columns.
  /// - Returns: (batch, channels · kernel area, positions) for this tensor of shape (batch,
  ///   channels, height, width), without the batch if this has none.
  /// - Precondition: The window fits into the padded plane.
  public final func unfolded(
    _ kernelSize: (Int, Int), dilation: (Int, Int) = (1, 1), padding: (Int, Int) = (0, 0),
    stride: (Int, Int) = (1, 1)
  ) -> Tensor {
    if rank == 3 {
      return unsqueezed(0).unfolded(
        kernelSize, dilation: dilation, padding: padding, stride: stride
      ).squeezed([0])
    }
    require(
      rank == 4, "unfold: shape \(shape) is not (batch, channels, height, width)")
    let grid = WindowGrid(
      (shape[2], shape[3]), kernelSize, dilation, padding, stride, for: "unfold")
    let planes = padded(padding, mode: .zeros).flattened(from: 2)
    return planes.indexSelect(2, Tensor(grid.places))
      .reshaped([shape[0], shape[1] * grid.area, grid.count])
  }

  /// Columns added up at the positions of their windows on planes. Equivalent to
  /// `torch.nn.functional.fold`.
  ///
  /// This is the transpose of ``unfolded(_:dilation:padding:stride:)``: elements of overlapping
  /// windows are summed.
  ///
  /// - Parameters:
  ///   - outputSize: Height and width of the planes.
  ///   - kernelSize: Height and width of the window.
  ///   - dilation: The distance between elements of the window.
  ///   - padding: The number of elements on each side of a plane that are cut off.
  ///   - stride: The distance between positions of the window in rows and columns.
  /// - Returns: (batch, channels, height, width) for this tensor of shape (batch, channels · kernel
  ///   area, positions), without the batch if this has none.
  /// - Precondition: The shape fits the window.
  public final func folded(
    _ outputSize: (Int, Int), _ kernelSize: (Int, Int), dilation: (Int, Int) = (1, 1),
    padding: (Int, Int) = (0, 0), stride: (Int, Int) = (1, 1)
  ) -> Tensor {
    if rank == 2 {
      return unsqueezed(0).folded(
        outputSize, kernelSize, dilation: dilation, padding: padding, stride: stride
      ).squeezed([0])
    }
    let grid = WindowGrid(outputSize, kernelSize, dilation, padding, stride, for: "fold")
    require(
      rank == 3 && shape[1] % grid.area == 0 && shape[2] == grid.count,
      "fold: shape \(shape) is not that of \(grid.count) windows of \(kernelSize) on planes of "
        + "\(outputSize)")
    let channels = shape[1] / grid.area
    return reshaped([shape[0], channels, grid.area * grid.count])
      .indexAdded(2, NDArray(grid.places), grid.height * grid.width)
      .reshaped([shape[0], channels, grid.height, grid.width])
      .sliced(2, padding.0..<grid.height - padding.0)
      .sliced(3, padding.1..<grid.width - padding.1)
  }
}

/// The places of the elements in each position of a window, in a padded plane.
private struct WindowGrid {
  /// The height of the padded plane.
  let height: Int
  /// The width of the padded plane.
  let width: Int
  /// The number of elements of the window.
  let area: Int
  /// The number of positions.
  let count: Int
  /// Rows for the window's elements, columns for its positions.
  let places: [Int]

  init(
    _ plane: (Int, Int), _ kernel: (Int, Int), _ dilation: (Int, Int), _ padding: (Int, Int),
    _ stride: (Int, Int), for operation: StaticString
  ) {
    require(
      [kernel, dilation, stride].allSatisfy { $0.0 > 0 && $0.1 > 0 } && padding.0 >= 0
        && padding.1 >= 0,
      "\(operation): kernel \(kernel), stride \(stride) and dilation \(dilation) must be positive "
        + "and padding \(padding) not negative")
    let (height, width) = (plane.0 + 2 * padding.0, plane.1 + 2 * padding.1)
    let reach = (dilation.0 * (kernel.0 - 1) + 1, dilation.1 * (kernel.1 - 1) + 1)
    require(
      reach.0 <= height && reach.1 <= width,
      "\(operation): a plane of \(plane) with padding \(padding) is smaller than the kernel "
        + "\(kernel) with dilation \(dilation)")
    let rows = Array(Swift.stride(from: 0, through: height - reach.0, by: stride.0))
    let columns = Array(Swift.stride(from: 0, through: width - reach.1, by: stride.1))
    let positions = rows.flatMap { row in columns.map { row * width + $0 } }
    let elements = (0..<kernel.0).flatMap { row in
      (0..<kernel.1).map { row * dilation.0 * width + $0 * dilation.1 }
    }
    self.height = height
    self.width = width
    area = elements.count
    count = positions.count
    places = elements.flatMap { element in positions.map { $0 + element } }
  }
}
