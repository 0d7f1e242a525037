import Arrays
import Files
import Kernels

/// What lies beyond the edges of an image that is sampled.
public enum GridPadding: String, Sendable {
  /// Zeros.
  case zeros
  /// The elements at the edge.
  case border
}

extension Tensor {
  /// Images sampled at the points of a grid. Equivalent to `torch.nn.functional.grid_sample` with the
  /// modes `bilinear` and `nearest`, on planes.
  ///
  /// - Parameters:
  ///   - grid: (batch, height, width, 2): for each point of the result x and y in this tensor, from −1
  ///     at the left and upper edge to 1 at the right and lower one.
  ///   - mode: `.bilinear` or `.nearest`; others trap.
  ///   - paddingMode: What lies beyond the edges.
  ///   - alignCorners: Whether −1 and 1 are the centres of the elements at the corners rather than
  ///     their outer edges.
  /// - Returns: (batch, channels, height, width) with the grid's height and width. Where the grid is NaN,
  ///   so is the result of `.bilinear` and `.zeros`; that of `.nearest` is zero. With `.border` NaN
  ///   counts as −1.
  /// - Precondition: This tensor is (batch, channels, height, width), not empty, of the grid's type.
  public final func gridSample(
    _ grid: Tensor, mode: InterpolationMode = .bilinear, paddingMode: GridPadding = .zeros,
    alignCorners: Bool = false
  ) -> Tensor {
    if let result = Autocast.raised({ wide in
      wide(self).gridSample(
        wide(grid), mode: mode, paddingMode: paddingMode, alignCorners: alignCorners)
    }) {
      return result
    }
    require(
      rank == 4 && grid.rank == 4 && grid.shape[3] == 2 && grid.shape[0] == shape[0]
        && elementCount > 0 && grid.dtype == dtype,
      "gridSample: \(dtype) of shape \(shape) and a grid of \(grid.dtype) and shape \(grid.shape) "
        + "are not (batch, channels, height, width) and (batch, height, width, 2)")
    require(
      mode == .bilinear || mode == .nearest,
      "gridSample: mode \(mode.rawValue) is not supported for shape \(shape)")
    func places(_ index: Int, _ length: Int) -> Tensor {
      let plain = grid.select(3, index).reshaped([shape[0], -1])
      let scaled =
        alignCorners
        ? (plain + 1) / 2 * Double(length - 1) : ((plain + 1) * Double(length) - 1) / 2
      guard paddingMode == .border else { return scaled }
      let last = Double(length - 1)
      let fixed = noGrad { scaled.clamp(min: 0, max: last).nanToNum() }
      // As in PyTorch, a point at the edge itself is one beyond it: no gradient moves it.
      return .where((scaled .> 0) .& (scaled .< last), scaled, fixed)
    }
    let (x, y) = (places(0, shape[3]), places(1, shape[2]))
    let flat = reshaped([shape[0], shape[1], shape[2] * shape[3]])
    /// The elements at whole positions, zero where there are none.
    func picked(_ column: Tensor, _ row: Tensor, _ weight: Tensor?) -> Tensor {
      let isInside =
        (column .>= 0) .& (column .<= Double(shape[3] - 1)) .& (row .>= 0)
        .& (row .<= Double(shape[2] - 1))
      let index = noGrad {
        // In integers: a floating-point type does not hold the number of every element.
        func whole(_ place: Tensor) -> Tensor { place.kept(where: isInside).to(.int64) }
        return (whole(row) * shape[3] + whole(column))
          .unsqueezed(1).expanded([shape[0], shape[1], column.shape[1]])
      }
      let elements = flat.gather(2, index).kept(where: isInside.unsqueezed(1))
      return weight.map { elements * $0.unsqueezed(1) } ?? elements
    }
    let result: Tensor
    if mode == .nearest {
      let (column, row) = noGrad { (x.round(), y.round()) }
      let elements = picked(column, row, nil)
      // No small step of a point reaches another element, so that its gradient is zero.
      let (points, type) = (grid.shape, grid.dtype)
      result = .record("gridSample", [elements, grid], elements.array) { _ in
        [{ $0 }, { _ in Tensor(NDArray(zeros: points, dtype: type)) }]
      }
    } else {
      let (left, top) = noGrad { (x.floor(), y.floor()) }
      let (right, bottom) = noGrad { (left + 1, top + 1) }
      result =
        picked(left, top, (right - x) * (bottom - y))
        + picked(right, top, (x - left) * (bottom - y))
        + picked(left, bottom, (right - x) * (y - top))
        + picked(right, bottom, (x - left) * (y - top))
    }
    return result.reshaped([shape[0], shape[1], grid.shape[1], grid.shape[2]])
      .named("GridSampler2DBackward0")
  }
}
