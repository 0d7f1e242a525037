import Arrays
import CKernels

/// A product of matrices by our own kernel, whose right factor comes in tiles when they are needed.
///
/// A tile is laid out in panels as wide as the registers of the processor, and used for all rows while it is
/// in the caches. Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008), has the
/// order of the loops.
struct PackedProduct {
  let dtype: DType
  /// The sizes of the product, and of what is summed over.
  let rows: Int
  let columns: Int
  let inner: Int

  /// The bytes of a tile of the right factor, and of the block of the left one that goes over it: together
  /// they fit the second cache of a processor.
  private static let tileBytes = 160 << 10
  private static let blockBytes = 128 << 10
  /// The most rows of a tile: a panel of so many stays in the first cache.
  private static let greatestDepth = 320
  /// The most rows that the kernel takes at once.
  private static let kernelRows = 12

  /// Lays out the elements of some rows and columns of the right factor as `ck_pack` does.
  typealias Packing = (
    _ rows: Range<Int>, _ columns: Range<Int>, _ tile: UnsafeMutableRawPointer
  ) -> Void

  /// c = a · b, or a · b + c.
  ///
  /// - Parameters:
  ///   - a: (rows, inner), the rows one after the other.
  ///   - adds: Whether to add to what is in `c`.
  ///   - c: (rows, columns), the rows `leading` elements apart.
  ///   - pack: Lays out a part of b, (inner, columns).
  func multiply(
    _ a: UnsafeRawPointer, adds: Bool, into c: UnsafeMutableRawPointer, leading: Int,
    _ pack: Packing
  ) {
    let size = dtype.itemSize
    let lanes = RepeatedFactor.panelBytes / size
    let depth = Self.evenStep(inner, atMost: Self.greatestDepth)
    let width = Swift.max(1, Self.tileBytes / (depth * lanes * size)) * lanes
    let height = Swift.max(
      Self.kernelRows, Self.blockBytes / (depth * size) / Self.kernelRows * Self.kernelRows)
    let tileCount = Swift.min(width, (columns + lanes - 1) / lanes * lanes) * depth * size
    let memory = Storage(uninitializedByteCount: tileCount)
    memory.withMutableBytes { bytes in
      bytes.withUnsafeMutableBytes { bytes in
        guard let tile = bytes.baseAddress else { return }
        for column in stride(from: 0, to: columns, by: width) {
          let range = column..<Swift.min(column + width, columns)
          for row in stride(from: 0, to: inner, by: depth) {
            let summed = row..<Swift.min(row + depth, inner)
            pack(summed, range, tile)
            for top in stride(from: 0, to: rows, by: height) {
              let out = c + (top * leading + column) * size
              ck_packed_product(
                dtype.loops, a + (top * inner + row) * size, inner, tile,
                adds || row > 0 ? UnsafeRawPointer(out) : nil, leading, out, leading,
                Swift.min(height, rows - top), summed.count, 0, (range.count + lanes - 1) / lanes,
                range.count, RepeatedFactor.hasManyRegisters)
            }
          }
        }
      }
    }
  }

  /// A length divided into equal steps, none longer than `limit`.
  private static func evenStep(_ length: Int, atMost limit: Int) -> Int {
    let count = Swift.max(1, (length + limit - 1) / limit)
    return Swift.max(1, (length + count - 1) / count)
  }
}
