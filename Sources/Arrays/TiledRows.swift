/// Whole rows of a layout whose neighbours are closer together in storage than the elements of one
/// row do, as those of a transposed matrix.
///
/// Gathered row by row, such elements cost a line of the cache each. In tiles of some rows by some
/// columns the lines that are read and those that are written are used whole.
struct TiledRows {
  /// The elements that are gathered, counted in row-major order: whole rows.
  let elements: Range<Int>

  private let layout: Layout
  private let columnCount: Int
  private let rowsPerPlane: Int

  /// Elements of four bytes fill a line of the cache.
  private static let tileLength = 16

  /// The whole rows in a range; nil if there are fewer than two, or if tiles would not help.
  init?(_ range: Range<Int>, of layout: Layout) {
    let rank = layout.shape.rank
    guard rank >= 2, layout.strides[rank - 2] != 0,
      layout.strides[rank - 2].magnitude < layout.strides[rank - 1].magnitude
    else { return nil }
    columnCount = layout.shape[rank - 1]
    rowsPerPlane = layout.shape[rank - 2]
    let first = (range.lowerBound + columnCount - 1) / columnCount
    let last = range.upperBound / columnCount
    guard last - first >= 2, columnCount >= 2 else { return nil }
    elements = first * columnCount..<last * columnCount
    self.layout = layout
  }

  /// Copies the elements, one after the other.
  ///
  /// Unsafe: the caller has checked that all elements of the layout are in the source, and that there
  /// is room for these.
  func gather<T>(from source: UnsafePointer<T>, into destination: UnsafeMutablePointer<T>) {
    var row = elements.lowerBound / columnCount
    let end = elements.upperBound / columnCount
    var target = unsafe destination
    while row < end {
      let (plane, start) = row.quotientAndRemainder(dividingBy: rowsPerPlane)
      let count = min(rowsPerPlane - start, end - row)
      unsafe copyTiles(source + position(ofPlane: plane, row: start), target, rowCount: count)
      unsafe target += count * columnCount
      row += count
    }
  }

  /// Where in the storage a row begins.
  private func position(ofPlane plane: Int, row: Int) -> Int {
    let rank = layout.shape.rank
    var position = layout.offset + row * layout.strides[rank - 2]
    var rest = plane
    for axis in stride(from: rank - 3, through: 0, by: -1) {
      position += rest % layout.shape[axis] * layout.strides[axis]
      rest /= layout.shape[axis]
    }
    return position
  }

  private func copyTiles<T>(
    _ source: UnsafePointer<T>, _ destination: UnsafeMutablePointer<T>, rowCount: Int
  ) {
    let rowStride = layout.strides[layout.shape.rank - 2]
    let columnStride = layout.strides[layout.shape.rank - 1]
    for firstColumn in stride(from: 0, to: columnCount, by: Self.tileLength) {
      let columnEnd = min(firstColumn + Self.tileLength, columnCount)
      for firstRow in stride(from: 0, to: rowCount, by: Self.tileLength) {
        let rowEnd = min(firstRow + Self.tileLength, rowCount)
        for column in firstColumn..<columnEnd {
          for row in firstRow..<rowEnd {
            unsafe destination[row * columnCount + column] =
              source[row * rowStride + column * columnStride]
          }
        }
      }
    }
  }
}
