import Arrays
import Autograd
import Testing

/// Sorting against Swift's, of lengths that take each way.
@Suite struct SortingTests {
  /// Whether an element comes before another, as `torch.sort` has it: NaN is the greatest.
  private func precedes(_ x: Double, _ y: Double) -> Bool {
    x < y || (y.isNaN && !x.isNaN)
  }

  /// Where each element comes from, equal ones in their order.
  private func order(_ values: [Double], descending: Bool) -> [Int] {
    values.indices.sorted { first, second in
      let (low, high) = descending ? (second, first) : (first, second)
      if precedes(values[low], values[high]) { return true }
      return !precedes(values[high], values[low]) && first < second
    }
  }

  /// Values of few kinds, so that many are equal, with those that are easily misplaced.
  private func values(_ count: Int) -> [Double] {
    let special = [.nan, -.infinity, .infinity, 0, -0.0, -.nan, 1e-40, -1e-40]
    let random = Generator(seed: UInt64(count))
    return (0..<count).map { _ in
      let bits = Int(random.nextUInt32())
      return bits % 5 == 0 ? special[bits / 5 % special.count] : Double(bits / 5 % 300) / 8 - 17
    }
  }

  @Test(arguments: [1, 2, 63, 64, 65, 1000, 5000], [false, true])
  func positionsAreThoseOfASort(_ count: Int, descending: Bool) {
    let values = values(count)
    let expected = order(values, descending: descending)
    for dtype in [DType.float64, .float32] {
      let x = Tensor(values, dtype: .float64).to(dtype)
      #expect(x.argsort(descending: descending).elements(as: Int.self) == expected)
      for wanted in [0, 1, count / 2, min(64, count), count] {
        let top = x.topK(wanted, largest: descending)
        #expect(top.indices.elements(as: Int.self) == Array(expected.prefix(wanted)))
        #expect(top.values.array.isBitwiseEqual(to: x.indexSelect(0, top.indices).array))
      }
    }
  }

  @Test func largeIntegersAreToldApart() {
    let values: [Int] = [.max, .min, (1 << 53) + 1, 1 << 53, .max - 1, -1, 0]
    #expect(Tensor(values).argsort().elements(as: Int.self) == [1, 5, 6, 3, 2, 4, 0])
  }

  @Test func anyDimensionIsSorted() {
    let x = Tensor(
      values(2 * 70 * 3).map { $0.isNaN ? 0 : $0 }, shape: [2, 70, 3], dtype: .float64)
    let sorted = x.sorted(1).values
    for plane in 0..<2 {
      for column in 0..<3 {
        let line = x[plane].select(1, column).elements(as: Double.self)
        #expect(sorted[plane].select(1, column).elements(as: Double.self) == line.sorted())
      }
    }
    #expect(x.topK(0, 1).values.shape == [2, 0, 3])
    #expect(Tensor.zeros([3, 0]).argsort().shape == [3, 0])
  }
}
