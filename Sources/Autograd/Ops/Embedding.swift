// swift-format-ignore-file: AlwaysUseLowerCamelCase

import Arrays
import Files
import Kernels

extension Tensor {
  /// The rows of a table at the indices in this tensor. Equivalent to
  /// `torch.nn.functional.embedding` with dense gradients.
  ///
  /// - Parameters:
  ///   - weight: The table, (count, features).
  ///   - paddingIndex: A row whose gradient is zero.
  ///   - maxNorm: The largest norm that a row may have. Longer ones among those that are asked for are
  ///     shortened first, in the table itself, as ``embeddingRenorm_(_:maxNorm:normType:)`` does.
  ///   - normType: The order of that norm.
  ///   - scaleGradByFreq: Whether the gradient of a row is divided by how often it is asked for here.
  /// - Returns: (…, features) for this tensor of integers of shape (…).
  /// - Precondition: Every index is in `0..<count`.
  public final func embedding(
    _ weight: Tensor, paddingIndex: Int? = nil, maxNorm: Double? = nil, normType: Double = 2,
    scaleGradByFreq: Bool = false
  ) -> Tensor {
    require(
      weight.rank == 2, "embedding: a table of shape \(weight.shape) does not have two dimensions")
    if let maxNorm {
      noGrad { _ = weight.embeddingRenorm_(self, maxNorm: maxNorm, normType: normType) }
    }
    let indices = array.checkedIndices(weight.shape[0], for: "embedding")
    let rows = weight.array.selected(indices, axis: 0)
      .reshaped(to: Shape(shape.dimensions + [weight.shape[1]]))
    let (count, features) = (weight.shape[0], weight.shape[1])
    return .record("embedding", [weight], rows) { _ in
      [
        { grad in
          var flat = grad.reshaped([indices.elementCount, features])
          if scaleGradByFreq { flat = flat * Self.shares(of: indices, dtype: grad.dtype) }
          let sum = flat.indexAdded(0, indices, count)
          guard let paddingIndex else { return sum }
          let mask = Tensor.arange(count) .== Double(paddingIndex)
          return sum.maskedFill(mask.unsqueezed(1), 0)
        }
      ]
    }
  }

  /// For each index one divided by how often it occurs, (count, 1).
  private static func shares(of indices: NDArray, dtype: DType) -> Tensor {
    let numbers = indices.withElements(as: Int64.self) { Array($0) }
    let counts = numbers.reduce(into: [Int64: Int]()) { $0[$1, default: 0] += 1 }
    let shares = numbers.map { 1 / Double(counts[$0, default: 1]) }
    return Tensor(shares, shape: [numbers.count, 1], dtype: .float64).to(dtype)
  }

  /// Shortens the rows of this table that are asked for and longer than allowed, in place. Equivalent to
  /// `torch.embedding_renorm_`: a row whose norm n exceeds the largest is multiplied by
  /// largest / (n + 1e-7).
  ///
  /// - Parameters:
  ///   - indices: Integers of any shape; other rows stay.
  ///   - maxNorm: The largest norm.
  ///   - normType: The order of the norm.
  /// - Returns: This tensor, (count, features).
  /// - Precondition: Every index is in `0..<count`, and this tensor may be changed: see
  ///   ``add_(_:alpha:)``.
  @discardableResult
  public final func embeddingRenorm_(
    _ indices: Tensor, maxNorm: Double, normType: Double = 2
  ) -> Self {
    require(
      rank == 2, "embeddingRenorm_: a table of shape \(shape) does not have two dimensions")
    requireChangeable("embeddingRenorm_", isRecorded: false)
    let numbers = indices.array.checkedIndices(shape[0], for: "embeddingRenorm_")
      .withElements(as: Int64.self) { Set($0) }
    guard device != .meta else { return self }
    noGrad {
      let longest = numbers.sorted().compactMap { number -> (Int, Double)? in
        let norm = self[Int(number)].norm(order: normType).item()
        return norm > maxNorm ? (Int(number), norm) : nil
      }
      for (row, norm) in longest { self[row].mul_(maxNorm / (norm + 1e-7)) }
    }
    return self
  }
}
