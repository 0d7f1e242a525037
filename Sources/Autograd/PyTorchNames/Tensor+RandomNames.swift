import Arrays
import Files
import Kernels
import Platform

// Tensors of random numbers, as PyTorch draws them.
extension Tensor {
  /// Random integers from `low` to `high`, which is not included, as PyTorch draws them. Equivalent
  /// to `torch.randint`.
  ///
  /// - Parameters:
  ///   - low: The least integer.
  ///   - high: The end, not included.
  ///   - shape: The length along each dimension.
  ///   - dtype: The type of an element.
  ///   - generator: The source of the numbers.
  /// - Precondition: The type holds the integers; a floating-point type may round them, as in PyTorch.
  public static func randint(
    _ low: Int, _ high: Int, _ shape: Shape, dtype: DType = .int64,
    generator: Generator = .current
  ) -> Tensor {
    require(low < high, "randint: expects low < high, not \(low) and \(high)")
    let (first, end) = dtype.rounded(low, high)
    require(
      first < end, "randint: between \(low) and \(high) there is no number of \(dtype)")
    require(
      dtype.draws(first) && dtype.draws(end - 1),
      "randint: from \(low) to \(high), which is not included, is out of bounds for \(dtype)")
    let span = UInt64(bitPattern: Int64(end)) &- UInt64(bitPattern: Int64(first))
    let numbers = (0..<shape.elementCount).map { _ in
      // As in PyTorch, so that the remainders are nearly of equal probability.
      let drawn = span >= 1 << 28 ? generator.nextUInt64() : UInt64(generator.nextUInt32())
      return first &+ Int(truncatingIfNeeded: drawn % span)
    }
    return Tensor(numbers, shape: shape).to(dtype).onCurrentDevice
  }
  /// Random integers from 0 to `high`, which is not included. Equivalent to `torch.randint`.
  ///
  /// - Parameters:
  ///   - high: The end, not included.
  ///   - shape: The length along each dimension.
  ///   - dtype: The type of an element.
  public static func randint(_ high: Int, _ shape: Shape, dtype: DType = .int64) -> Tensor {
    randint(0, high, shape, dtype: dtype)
  }
  /// Normally distributed random numbers. Equivalent to `torch.normal`.
  ///
  /// - Parameters:
  ///   - mean: The mean of the distribution.
  ///   - std: The standard deviation of the distribution.
  ///   - shape: The length along each dimension.
  ///   - generator: The source of the numbers.
  public static func normal(
    _ mean: Double, _ std: Double, _ shape: Shape, generator: Generator = .current
  ) -> Tensor {
    Tensor(generator.normal(shape, mean: mean, std: std, dtype: .float32)).onCurrentDevice
  }
  /// Ones with the probabilities in a tensor, zeros otherwise. Equivalent to `torch.bernoulli`.
  ///
  /// The numbers are drawn as PyTorch draws them. The gradient is zero.
  ///
  /// - Parameters:
  ///   - probabilities: Numbers from 0 to 1; others trap.
  ///   - generator: The source of the numbers.
  public static func bernoulli(
    _ probabilities: Tensor, generator: Generator = .current
  ) -> Tensor {
    require(
      [Double](probabilities).allSatisfy { (0...1).contains($0) },
      "bernoulli: expected p_in >= 0 && p_in <= 1 for shape \(probabilities.shape)")
    let own = probabilities.array
    let compute = own.dtype.isFloatingPoint ? own.dtype.computeType : .float64
    let drawn = generator.uniform(own.shape, from: 0, to: 1, dtype: compute)
    let isOne = NDArray.compare(.less, drawn, own.cast(to: compute), for: "bernoulli")
    let result = isOne.cast(to: own.dtype)
    return .record("bernoulli", [probabilities], result) { _ in [{ $0.zeros }] }
  }
  /// Indices drawn with the weights in each row of a tensor. Equivalent to `torch.multinomial`.
  ///
  /// Rows need not sum to one. The indices are drawn as PyTorch draws them.
  ///
  /// - Parameters:
  ///   - weights: (n,) or (rows, n), not negative, with something to draw from in each row.
  ///   - count: How many are drawn from each row. Without replacement at most as many as there are
  ///     weights that are not zero; PyTorch would draw those of zero, too.
  ///   - replacement: Whether an index may be drawn again.
  ///   - generator: The source of the numbers.
  /// - Returns: (count,) or (rows, count), of `int64`.
  public static func multinomial(
    _ weights: Tensor, _ count: Int, replacement: Bool = false, generator: Generator = .current
  ) -> Tensor {
    require(
      (1...2).contains(weights.rank) && weights.dtype.isFloatingPoint && count > 0,
      "multinomial: \(count) of \(weights.dtype) weights of shape \(weights.shape)")
    let rows = (weights.rank == 1 ? [weights] : weights.unbind(0)).map { [Double]($0) }
    for row in rows {
      require(
        row.allSatisfy { $0 >= 0 && $0.isFinite } && row.contains { $0 > 0 },
        "multinomial: probability tensor contains either `inf`, `nan` or element < 0, or only zeros"
      )
      require(
        replacement || count <= row.count { $0 > 0 },
        "multinomial: cannot draw \(count) of \(row.count { $0 > 0 }) without replacement")
    }
    let drawn = rows.map { row in
      replacement && count > 1
        ? slots(row, count, weights.dtype, generator)
        : greatestShares(row, count, weights.dtype, generator)
    }
    return weights.rank == 1 ? Tensor(drawn[0]) : Tensor(drawn)
  }
  /// Indices drawn with the weights in each row. Equivalent to `torch.Tensor.multinomial`.
  ///
  /// - Parameters:
  ///   - count: How many are drawn from each row.
  ///   - replacement: Whether an index may be drawn again.
  public final func multinomial(_ count: Int, replacement: Bool = false) -> Tensor {
    .multinomial(self, count, replacement: replacement)
  }

  /// Where uniform numbers fall among the sums of the weights so far, with replacement.
  private static func slots(
    _ weights: [Double], _ count: Int, _ dtype: DType, _ generator: Generator
  ) -> [Int] {
    // Sums and quotients are rounded as those of PyTorch, in the type of the weights.
    func sums<T: BinaryFloatingPoint>(_ type: T.Type) -> [Double] {
      var sum: T = 0
      let sums = weights.map { weight in
        sum += T(weight)
        return sum
      }
      return sums.map { Double($0 / sum) }
    }
    let bounds = dtype == .float64 ? sums(Double.self) : sums(Float.self)
    let numbers = generator.uniform([count], from: 0, to: 1, dtype: .float64)
    return numbers.elements(as: Double.self).map { number in
      // The first bound that is not below the number; the last one counts as 1.
      var (low, high) = (0, weights.count - 1)
      while low < high {
        let middle = (low + high) / 2
        if bounds[middle] < number { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  /// The indices of the greatest quotients of the weights and exponentially distributed numbers, which
  /// are distributed as if one after the other were drawn, without replacement.
  private static func greatestShares(
    _ weights: [Double], _ count: Int, _ dtype: DType, _ generator: Generator
  ) -> [Int] {
    let waits = generator.exponential([weights.count], dtype: dtype)
    let shares = NDArray.binary(
      .divide, NDArray(weights).cast(to: dtype), waits, for: "multinomial"
    ).cast(to: .float64).elements(as: Double.self)
    let order = shares.indices.sorted {
      shares[$0] > shares[$1] || shares[$0] == shares[$1] && $0 < $1
    }
    return Array(order.prefix(count))
  }
}

extension Generator {
  /// Exponentially distributed numbers of mean 1, in the order of PyTorch's `exponential_`, which draws in
  /// double precision for all types.
  func exponential(_ shape: Shape, dtype: DType) -> NDArray {
    uniform(shape, from: 0, to: 1, dtype: .float64).mapped { -log1p(-$0) }.cast(to: dtype)
  }
}
