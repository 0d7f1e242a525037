import Arrays
import CKernels
import Files

/// Attention without gradients: the scores of some queries at a time stay in the cache until the values
/// are weighted by them, and are never written as a whole. They are scaled after the product, as by PyTorch's
/// own kernel for this.
package struct Attention {
  private let query, key, value: NDArray
  private let mask: NDArray?
  private let scale: Double
  private let isCausal: Bool
  /// The dimensions before the last two.
  private let stack: Shape

  /// The bytes of scores that are kept at a time, and the fewest queries, with which products still pay.
  private static let scoreBytes = 128 << 10
  private static let leastHeight = 64

  /// Attention of operands that fit each other, or nil if the general way is needed: for other types than
  /// `float32` and `float64`, for a mask that would make the result larger, and where nothing is to be summed.
  ///
  /// - Parameters:
  ///   - query: (…, queries, features).
  ///   - key: (…, keys, features).
  ///   - value: (…, keys, value features).
  ///   - mask: Of `bool`, false for keys that are hidden, or of the queries' type, to be added to the scores;
  ///     broadcast to (…, queries, keys).
  ///   - scale: What the scores are multiplied by.
  ///   - isCausal: Whether query i sees only the keys up to i.
  package init?(
    _ query: NDArray, _ key: NDArray, _ value: NDArray, mask: NDArray?, scale: Double,
    isCausal: Bool
  ) {
    let dtype = query.dtype
    guard dtype == .float32 || dtype == .float64, key.dtype == dtype, value.dtype == dtype,
      query.rank >= 2, key.rank >= 2, value.rank >= 2
    else { return nil }
    let queries = query.shape[query.rank - 2]
    let keys = key.shape[key.rank - 2]
    var stack = Shape.scalar
    for operand in [query, key, value] {
      stack = Shape.broadcast(
        stack, Shape(operand.shape.dimensions.dropLast(2)), for: "scaledDotProductAttention")
    }
    guard stack.elementCount > 0, queries > 0, keys > 0, query.shape[query.rank - 1] > 0,
      query.shape[query.rank - 1] == key.shape[key.rank - 1], value.shape[value.rank - 2] == keys,
      value.shape[value.rank - 1] > 0
    else { return nil }
    if let mask {
      let scores = Shape(stack.dimensions + [queries, keys])
      guard mask.dtype == .bool || mask.dtype == dtype, mask.rank <= scores.rank,
        zip(mask.shape.dimensions.reversed(), scores.dimensions.reversed())
          .allSatisfy({ $0 == $1 || $0 == 1 })
      else { return nil }
      self.mask = mask.expanded(to: scores)
    } else {
      self.mask = nil
    }
    (self.query, self.key, self.value) = (query, key, value)
    (self.scale, self.isCausal, self.stack) = (scale, isCausal, stack)
  }

  /// The values weighted by the softmax of the scores, (…, queries, value features). A query that sees no key
  /// gives zeros.
  package func output() -> NDArray {
    let queries = query.shape[query.rank - 2]
    let keys = key.shape[key.rank - 2]
    let features = value.shape[value.rank - 1]
    let dtype = query.dtype
    let result = NDArray(
      uninitialized: Shape(stack.dimensions + [queries, features]), dtype: dtype)
    let height = Swift.min(
      queries, Swift.max(Self.leastHeight, Self.scoreBytes / (keys * dtype.itemSize)))
    let blocks = (queries + height - 1) / height
    let work = height * keys * (query.shape[query.rank - 1] + features)
    let operands = Operands(self)
    withExtendedLifetime((self, operands, result)) {
      let output = result.freshPointer
      Threads.split(stack.elementCount * blocks, grain: Swift.max(1, (1 << 18) / work)) { part in
        let scores = Storage(uninitializedByteCount: height * keys * dtype.itemSize)
        scores.withMutableBytes { bytes in
          bytes.withUnsafeMutableBytes { bytes in
            guard let scores = bytes.baseAddress else { return }
            for index in part {
              let first = index % blocks * height
              let rows = first..<Swift.min(first + height, queries)
              weigh(operands, index / blocks, rows, keys, scores)
              operands.mix(
                index / blocks, scores, rows.count, keys, features,
                into: output + (index / blocks * queries + first) * features * dtype.itemSize)
            }
          }
        }
      }
    }
    return result
  }

  /// The weights of some queries of one matrix of the stack.
  private func weigh(
    _ operands: Operands, _ index: Int, _ rows: Range<Int>, _ keys: Int,
    _ scores: UnsafeMutableRawPointer
  ) {
    let dtype = query.dtype
    operands.score(index, rows, keys, query.shape[query.rank - 1], into: scores)
    var allowed: UnsafePointer<UInt8>?
    var added: UnsafeRawPointer?
    var (rowStride, columnStride) = (0, 0)
    if let mask {
      rowStride = mask.layout.strides[mask.rank - 2]
      columnStride = mask.layout.strides[mask.rank - 1]
      let start = operands.maskStarts[index] + rows.lowerBound * rowStride
      let place = mask.pointer + start * mask.dtype.itemSize
      if mask.dtype == .bool {
        allowed = place.assumingMemoryBound(to: UInt8.self)
      } else {
        added = place
      }
    }
    ck_masked_softmax(
      dtype.loops, scores, rows.count, keys, scale, isCausal ? rows.lowerBound + 1 : -1, allowed,
      added, rowStride, columnStride)
  }

  /// The operands as BLAS takes them, and where each matrix of the stack begins.
  private struct Operands {
    private let dtype: DType
    private let query, key, value: (array: NDArray, isTransposed: Bool, leading: Int)
    private let queryStarts, keyStarts, valueStarts: [Int]
    let maskStarts: [Int]

    init(_ attention: Attention) {
      dtype = attention.query.dtype
      query = attention.query.asMatrices()
      key = attention.key.transposed().asMatrices()
      value = attention.value.asMatrices()
      queryStarts = query.array.matrixStarts(attention.stack)
      keyStarts = key.array.matrixStarts(attention.stack)
      valueStarts = value.array.matrixStarts(attention.stack)
      maskStarts = attention.mask?.matrixStarts(attention.stack) ?? []
    }

    /// The products of some queries with all keys.
    func score(
      _ index: Int, _ rows: Range<Int>, _ keys: Int, _ features: Int,
      into scores: UnsafeMutableRawPointer
    ) {
      let step = query.isTransposed ? 1 : query.leading
      let start = queryStarts[index] + rows.lowerBound * step
      Product.multiply(
        dtype, rows: rows.count, columns: keys, inner: features,
        Matrix(
          pointer: query.array.pointer + start * dtype.itemSize, isTransposed: query.isTransposed,
          leading: query.leading),
        Matrix(
          pointer: key.array.pointer + keyStarts[index] * dtype.itemSize,
          isTransposed: key.isTransposed, leading: key.leading), into: scores, leading: keys)
    }

    /// The values weighted.
    func mix(
      _ index: Int, _ weights: UnsafeMutableRawPointer, _ rows: Int, _ keys: Int, _ features: Int,
      into output: UnsafeMutableRawPointer
    ) {
      Product.multiply(
        dtype, rows: rows, columns: features, inner: keys,
        Matrix(pointer: UnsafeRawPointer(weights), isTransposed: false, leading: keys),
        Matrix(
          pointer: value.array.pointer + valueStarts[index] * dtype.itemSize,
          isTransposed: value.isTransposed, leading: value.leading), into: output,
        leading: features)
    }
  }
}
