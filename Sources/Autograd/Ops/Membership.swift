import Arrays
import Files
import Kernels
import Platform

extension Tensor {
  /// Whether each element is among those of another tensor. Equivalent to `torch.isin`. NaN is in none.
  ///
  /// - Parameters:
  ///   - testElements: The elements to look among.
  ///   - invert: Whether it is said the other way round.
  /// - Returns: A tensor of `bool` of this tensor's shape.
  public final func isin(_ testElements: Tensor, invert: Bool = false) -> Tensor {
    requireNoComplex("isin")
    testElements.requireNoComplex("isin")
    let common = DType.ofOperation(array, testElements.array)
    func found<T: NDArrayElement & Hashable>(_ type: T.Type) -> [Bool] {
      func elements(_ x: Tensor) -> [T] {
        x.array.cast(to: common).cast(to: T.dtype).elements(as: T.self)
      }
      let known = Set(elements(testElements))
      return elements(self).map { known.contains($0) != invert }
    }
    let isMember = common.isIntegral ? found(Int64.self) : found(Double.self)
    return .record("isin", [self, testElements], NDArray(isMember, shape: shape)) { _ in [] }
  }

  /// Which of the intervals between boundaries each element is in. Equivalent to `torch.bucketize`.
  ///
  /// - Parameters:
  ///   - boundaries: One-dimensional, in ascending order.
  ///   - right: Whether an element that is a boundary is in the interval after it.
  /// - Returns: Indices of `int64`, of this tensor's shape.
  public final func bucketize(_ boundaries: Tensor, right: Bool = false) -> Tensor {
    require(
      boundaries.rank == 1,
      "bucketize: boundaries tensor must be 1 dimension, but got shape \(boundaries.shape)")
    return boundaries.searchsorted(self, right: right)
  }

  /// The elements without those equal to the one before them, in row-major order. Equivalent to
  /// `torch.unique_consecutive`.
  ///
  /// - Returns: (count,).
  public final func uniqueConsecutive() -> Tensor {
    uniqueConsecutiveWithInverseAndCounts().values
  }

  /// The elements without those equal to the one before them, for each element which of them it is, and how
  /// many each stands for. Equivalent to `torch.unique_consecutive` with `return_inverse` and
  /// `return_counts`.
  ///
  /// - Returns: Values of shape (count,), indices of this tensor's shape, and counts of shape (count,), the last
  ///   two of `int64`.
  public final func uniqueConsecutiveWithInverseAndCounts() -> (
    values: Tensor, inverse: Tensor, counts: Tensor
  ) {
    requireStorage("uniqueConsecutive")
    return noGrad {
      let flat = detached().flattened()
      guard elementCount > 0 else {
        let none = Tensor([Int]())
        return (flat.clone(), none.reshaped(shape), none)
      }
      let isNew = (flat.sliced(0, 1..<elementCount) .!= flat.sliced(0, 0..<elementCount - 1))
        .elements(as: Bool.self)
      let starts = [0] + isNew.indices.filter { isNew[$0] }.map { $0 + 1 }
      var group = 0
      let inverse =
        [0]
        + isNew.map { isNew -> Int in
          if isNew { group += 1 }
          return group
        }
      let counts = zip(starts, starts.dropFirst() + [elementCount]).map { $1 - $0 }
      return (
        flat.indexSelect(0, Tensor(starts)), Tensor(inverse, shape: shape), Tensor(counts)
      )
    }
  }

  /// The indices of the lower triangle of a matrix, row by row. Equivalent to `torch.tril_indices`.
  ///
  /// - Parameters:
  ///   - row: The number of rows.
  ///   - col: The number of columns.
  ///   - offset: The last diagonal that counts, upwards from the main one.
  ///   - dtype: The type of an index.
  /// - Returns: (2, count): rows, then columns.
  public static func trilIndices(
    _ row: Int, _ col: Int, offset: Int = 0, dtype: DType = .int64
  ) -> Tensor {
    triangle("trilIndices", row, col, dtype) { $1 - $0 <= offset }
  }

  /// The indices of the upper triangle of a matrix, row by row. Equivalent to `torch.triu_indices`.
  ///
  /// - Parameters:
  ///   - row: The number of rows.
  ///   - col: The number of columns.
  ///   - offset: The first diagonal that counts, upwards from the main one.
  ///   - dtype: The type of an index.
  /// - Returns: (2, count): rows, then columns.
  public static func triuIndices(
    _ row: Int, _ col: Int, offset: Int = 0, dtype: DType = .int64
  ) -> Tensor {
    triangle("triuIndices", row, col, dtype) { $1 - $0 >= offset }
  }

  private static func triangle(
    _ operation: StaticString, _ rows: Int, _ columns: Int, _ dtype: DType,
    _ isMeant: (Int, Int) -> Bool
  ) -> Tensor {
    require(
      rows >= 0 && columns >= 0,
      "\(operation): \(rows) rows and \(columns) columns must be non-negative")
    let places = (0..<rows).flatMap { row in
      (0..<columns).filter { isMeant(row, $0) }.map { (row, $0) }
    }
    return Tensor(places.map(\.0) + places.map(\.1), shape: [2, places.count]).to(dtype)
      .onCurrentDevice
  }

  /// Powers of a base whose exponents are at equal distances, both ends included. Equivalent to
  /// `torch.logspace`.
  ///
  /// - Parameters:
  ///   - start: The first exponent.
  ///   - end: The last exponent.
  ///   - steps: How many; not negative.
  ///   - base: The base.
  ///   - dtype: The type of an element. For integers both ends are cut off to whole numbers, and then the powers.
  public static func logspace(
    _ start: Double, _ end: Double, _ steps: Int, base: Double = 10, dtype: DType = .float32
  ) -> Tensor {
    require(steps >= 0, "logspace: number of steps \(steps) must be non-negative")
    let isWhole = dtype.isIntegral
    let (first, last) =
      isWhole && steps != 1
      ? (start.rounded(.towardZero), end.rounded(.towardZero)) : (start, end)
    let step = steps > 1 ? (last - first) / Double(steps - 1) : 0
    let powers = (0..<steps).map { place in
      Platform.pow(
        base,
        place < steps / 2 || steps == 1
          ? first + step * Double(place) : last - step * Double(steps - place - 1))
    }
    let whole = isWhole ? powers.map { $0.rounded(.towardZero) } : powers
    for power in whole where isWhole { NDArray.requireFits(power, dtype, for: "logspace") }
    return Tensor(NDArray(whole).cast(to: dtype)).onCurrentDevice
  }

  /// A matrix with ones on the main diagonal. Equivalent to `torch.eye`.
  ///
  /// - Parameters:
  ///   - n: The number of rows.
  ///   - m: The number of columns.
  ///   - dtype: The type of an element.
  public static func eye(_ n: Int, _ m: Int, dtype: DType = .float32) -> Tensor {
    (arange(n).unsqueezed(1) .== arange(m)).to(dtype)
  }
}
