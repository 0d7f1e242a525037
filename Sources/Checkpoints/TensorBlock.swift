import Arrays
import Synchronization

/// A run of a tensor's elements, small enough that several threads share the work evenly.
package struct TensorBlock: Sendable {
  /// The tensor's number, as the caller counts.
  package let tensor: Int
  /// The tensor's place in the list from which the blocks were made.
  package let listed: Int
  /// The elements, counted in row-major order.
  package let range: Range<Int>

  /// How many bytes one thread takes at a time.
  private static let byteCount = 8 << 20

  /// The blocks of a list of tensors, in order; tensors without elements have none.
  package static func blocks(of arrays: [(tensor: Int, array: NDArray)]) -> [TensorBlock] {
    arrays.enumerated().flatMap { listed, element in
      let (tensor, array) = element
      let length = max(Self.byteCount / array.dtype.itemSize, 1)
      return stride(from: 0, to: array.elementCount, by: length).map { start in
        TensorBlock(
          tensor: tensor, listed: listed, range: start..<min(start + length, array.elementCount))
      }
    }
  }

  /// Blocks in runs that a thread takes at a time: many small ones, or a large one.
  ///
  /// - Parameter dtype: The type of a tensor's elements.
  package static func units(
    of blocks: [TensorBlock], as dtype: (_ tensor: Int) -> DType
  ) -> [Range<Int>] {
    var units: [Range<Int>] = []
    var start = 0
    var byteCount = 0
    for (number, block) in blocks.enumerated() {
      byteCount += block.range.count * dtype(block.tensor).itemSize
      if byteCount >= unitByteCount {
        units.append(start..<number + 1)
        start = number + 1
        byteCount = 0
      }
    }
    return start < blocks.count ? units + [start..<blocks.count] : units
  }

  /// Small enough that ten thousand small tensors still keep several threads busy.
  private static let unitByteCount = 1 << 18
}

/// The digests of tensors that are read in blocks, on several threads, in any order.
package final class DigestCollector: Sendable {
  private let parts: Mutex<[RunningDigest]>
  private let blocks: [TensorBlock]

  package init(_ blocks: [TensorBlock]) {
    self.blocks = blocks
    parts = Mutex([RunningDigest](repeating: RunningDigest(), count: blocks.count))
  }

  /// Records the digest of one block's bytes alone.
  package func record(_ part: RunningDigest, forBlock index: Int) {
    parts.withLock { $0[index] = part }
  }

  /// The digests of the tensors, in the order of `arrays`, once all blocks are recorded.
  ///
  /// - Parameter dtype: The type in which a tensor's blocks were recorded, if not its own.
  package func digests(
    of arrays: [(tensor: Int, array: NDArray)], as dtype: (Int) -> DType? = { _ in nil }
  ) -> [(tensor: Int, digest: Digest)] {
    let parts = parts.withLock { $0 }
    var next = 0
    return arrays.map { tensor, array in
      let dtype = dtype(tensor) ?? array.dtype
      var sum = RunningDigest(dtype: dtype, shape: array.shape)
      while next < blocks.count, blocks[next].tensor == tensor {
        sum.append(parts[next], byteCount: blocks[next].range.count * dtype.itemSize)
        next += 1
      }
      return (tensor, sum.digest)
    }
  }
}
