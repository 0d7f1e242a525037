import Arrays
import Files
import Kernels

/// What the rows of a bag become.
public enum EmbeddingBagMode: String, Sendable {
  /// Their sum.
  case sum
  /// Their mean; zeros for an empty bag.
  case mean
  /// The maximum of each feature; zeros for an empty bag.
  case max
}

extension Tensor {
  /// Sums, means or maxima of rows of a table at the indices in this tensor. Equivalent to
  /// `torch.nn.functional.embedding_bag` with dense gradients.
  ///
  /// - Parameters:
  ///   - weight: The table, (count, features).
  ///   - offsets: Where each bag begins in a list of indices, in ascending order from 0: (bags,), or
  ///     (bags + 1,) with `includeLastOffset`. None for indices in two dimensions.
  ///   - maxNorm: The largest norm that a row may have. Longer ones among those that are asked for are
  ///     shortened first, in the table itself, as ``embeddingRenorm_(_:maxNorm:normType:)`` does.
  ///   - normType: The order of that norm.
  ///   - scaleGradByFreq: Whether the gradient of a row is divided by how often it is asked for here; not
  ///     with maxima. PyTorch 2.13 divides that of some rows by the count of others on the processor.
  ///   - mode: What the rows of a bag become.
  ///   - perSampleWeights: A factor for each index, of this tensor's shape and the table's type. For sums
  ///     only.
  ///   - includeLastOffset: Whether the last of `offsets` says where the last bag ends.
  ///   - paddingIndex: A row that counts in no bag, and gets no gradient; from the end if negative.
  /// - Returns: (bags, features) for this tensor of integers of shape (bags, length), or (count,) with
  ///   `offsets`.
  /// - Precondition: Every index is in `0..<count`.
  public final func embeddingBag(
    _ weight: Tensor, offsets: Tensor? = nil, maxNorm: Double? = nil, normType: Double = 2,
    scaleGradByFreq: Bool = false, mode: EmbeddingBagMode = .mean,
    perSampleWeights: Tensor? = nil, includeLastOffset: Bool = false, paddingIndex: Int? = nil
  ) -> Tensor {
    require(
      weight.rank == 2,
      "embeddingBag: a table of shape \(weight.shape) does not have two dimensions")
    require(
      !scaleGradByFreq || mode != .max,
      "embeddingBag: max mode does not support scaling the gradient by the frequency")
    let padding = paddingIndex.map { $0 < 0 ? $0 + weight.shape[0] : $0 }
    require(
      padding.map { (0..<weight.shape[0]).contains($0) } ?? true,
      "embeddingBag: padding index \(paddingIndex ?? 0) is not among \(weight.shape[0]) rows")
    if let factors = perSampleWeights {
      require(
        mode == .sum, "embeddingBag: perSampleWeights are for sums only, not for \(mode.rawValue)")
      require(
        factors.shape == shape && factors.dtype == weight.dtype,
        "embeddingBag: perSampleWeights of shape \(factors.shape) and type \(factors.dtype) have to be "
          + "of the input's, \(shape), and of the table's, \(weight.dtype)")
    }
    let starts = bagStarts(offsets, includeLastOffset)
    let bags = Bags(starts: starts, numbers: padding.map { ([Int](flattened()), $0) })
    let places = Tensor(bags.places)
    var rows = flattened().indexSelect(0, places).embedding(
      weight, maxNorm: maxNorm, normType: normType, scaleGradByFreq: scaleGradByFreq)
    if let perSampleWeights {
      rows = rows * perSampleWeights.flattened().indexSelect(0, places).unsqueezed(1)
    }
    return bags.reduced(rows, mode)
  }

  /// Where each bag begins, and where the last one ends.
  private func bagStarts(_ offsets: Tensor?, _ includeLastOffset: Bool) -> [Int] {
    guard let offsets else {
      require(
        rank == 2, "embeddingBag: input of shape \(shape) has to be 2D, or 1D with offsets")
      return (0...shape[0]).map { $0 * shape[1] }
    }
    require(
      rank == 1 && offsets.rank == 1,
      "embeddingBag: input of shape \(shape) and offsets of \(offsets.shape) have to be 1D")
    offsets.array.requireIntegers("offsets", for: "embeddingBag")
    let starts = [Int](offsets)
    require(
      starts.first ?? 0 == 0 && zip(starts, starts.dropFirst()).allSatisfy { $0 <= $1 }
        && (starts.last ?? 0) <= elementCount,
      "embeddingBag: offsets \(starts) do not divide \(elementCount) indices")
    guard includeLastOffset else { return starts + [elementCount] }
    require(
      starts.last == elementCount,
      "embeddingBag: the last of the offsets \(starts) is not the number of indices, \(elementCount)"
    )
    return starts
  }
}

/// Which of the indices are in which bag.
private struct Bags {
  /// The number of bags.
  let count: Int
  /// Where the indices are that count, bag after bag.
  private(set) var places: [Int] = []
  /// The bag of each.
  private(set) var owners: [Int] = []

  /// - Parameters:
  ///   - starts: Where each bag begins, and where the last one ends.
  ///   - numbers: The indices, and which of them does not count; nil if all do.
  init(starts: [Int], numbers: (all: [Int], padding: Int)?) {
    count = starts.count - 1
    for bag in 0..<count {
      for place in starts[bag]..<starts[bag + 1] {
        if let numbers, numbers.all[place] == numbers.padding { continue }
        places.append(place)
        owners.append(bag)
      }
    }
  }

  /// What each bag becomes.
  ///
  /// - Parameters:
  ///   - rows: The rows that count, (places, features).
  ///   - mode: What the rows of a bag become.
  /// - Returns: (bags, features).
  func reduced(_ rows: Tensor, _ mode: EmbeddingBagMode) -> Tensor {
    let zeros = Tensor.zeros([count, rows.shape[1]], dtype: rows.dtype)
    // Without rows too the result belongs to the table's graph.
    guard !places.isEmpty else { return zeros + rows.sum() }
    switch mode {
    case .sum: return zeros.indexAdd(0, Tensor(owners), rows)
    case .mean:
      let counts = owners.reduce(into: [Double](repeating: 0, count: count)) { $0[$1] += 1 }
      let divisors = Tensor(counts.map { max($0, 1) }, shape: [count, 1], dtype: .float64)
      return zeros.indexAdd(0, Tensor(owners), rows) / divisors.to(rows.dtype)
    case .max:
      var next = 0
      return .stacked(
        (0..<count).map { bag in
          let first = next
          while next < owners.count && owners[next] == bag { next += 1 }
          return first == next
            ? zeros[bag] : rows.sliced(0, first..<next).max(along: 0).values
        })
    }
  }
}
