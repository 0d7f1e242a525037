import Arrays

/// How a tensor is cut into chunks of about a mebibyte, each a run of elements in row-major order.
package struct ChunkGrid {
  /// The shape of a chunk.
  package let chunkShape: [Int]
  /// The bytes of a chunk.
  package let chunkByteCount: Int
  /// The number of chunks.
  package let count: Int

  /// The dimension that is cut: chunks have length 1 before it and all of what is after it.
  private let axis: Int
  private let shape: Shape
  private let innerCount: Int

  private static let wantedByteCount = 1 << 20

  /// The grid of a tensor of this shape.
  package init(_ shape: Shape, itemSize: Int) {
    var chunk = [Int](repeating: 1, count: shape.rank)
    var byteCount = itemSize
    for axis in stride(from: shape.rank - 1, through: 0, by: -1) {
      let length = max(shape[axis], 1)
      chunk[axis] = min(length, max(Self.wantedByteCount / byteCount, 1))
      if chunk[axis] < length {
        // Of equal length, so that the last one is hardly filled up with zeros.
        let count = (length + chunk[axis] - 1) / chunk[axis]
        chunk[axis] = (length + count - 1) / count
      }
      byteCount *= chunk[axis]
      if chunk[axis] < length { break }
    }
    self.shape = shape
    chunkShape = chunk
    chunkByteCount = byteCount
    axis = chunk.firstIndex { $0 != 1 } ?? max(shape.rank - 1, 0)
    innerCount = chunk[(axis + 1)...].reduce(1, *)
    count = zip(shape.dimensions, chunk).reduce(1) { $0 * (($1.0 + $1.1 - 1) / $1.1) }
  }

  /// The elements of a chunk, counted in row-major order. The last chunk along a dimension has
  /// fewer than others, and is filled up with zeros.
  package func elements(ofChunk number: Int) -> Range<Int> {
    let perRow = (shape[axis] + chunkShape[axis] - 1) / chunkShape[axis]
    let (row, place) = number.quotientAndRemainder(dividingBy: perRow)
    let first = place * chunkShape[axis]
    let start = (row * shape[axis] + first) * innerCount
    return start..<(start + min(chunkShape[axis], shape[axis] - first) * innerCount)
  }
}
