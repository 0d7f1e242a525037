import Arrays
import Checkpoints
import Interchange
import OrderedCollections
import States
import Testing

/// How far apart values are said to be, and what else is said to differ.
@Suite struct ComparisonTests {
  private func differences(
    _ a: NDArray, _ b: NDArray, _ tolerance: CheckpointComparison.Tolerance? = nil
  ) throws -> [CheckpointComparison.Difference] {
    try CheckpointComparison(
      Checkpoint(state: ["x": a]), Checkpoint(state: ["x": b]), tolerance: tolerance
    ).differences.map(\.difference)
  }

  private func values(_ a: NDArray, _ b: NDArray) throws -> ValueDifference {
    let all = try differences(a, b)
    guard case .values(let difference)? = all.first else {
      throw CheckpointError(.damaged, file: "", reason: "no values differ: \(all)")
    }
    return difference
  }

  private func array(_ bits: [UInt64], _ dtype: DType) throws -> NDArray {
    var bytes: [UInt8] = []
    for word in bits {
      bytes += (0..<dtype.itemSize).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
    }
    let storage = Storage(copying: bytes)
    return NDArray(storage: storage, dtype: dtype, layout: Layout([bits.count]))
  }

  /// Neighbours are one apart, also across zero, in every floating-point type.
  @Test(arguments: [
    (DType.float16, 0x3C00, 0x3C01), (.bfloat16, 0x3F80, 0x3F7F),
    (.float32, 0x3F80_0000, 0x3F7F_FFFF),
    (.float64, 0x3FF0_0000_0000_0000, 0x3FF0_0000_0000_0001), (.float8E4M3FN, 0x38, 0x39),
    (.float8E5M2, 0x3C, 0x3B), (.float8E8M0FNU, 0x7F, 0x80), (.float8E4M3FNUZ, 0x40, 0x41),
  ])
  func neighboursAreOneULPApart(_ dtype: DType, _ a: UInt64, _ b: UInt64) throws {
    let found = try values(array([a, a], dtype), array([a, b], dtype))
    #expect(found.count == 1)
    #expect(found.maximumULP == 1)
    #expect(found.worstIndex == [1])
  }

  /// NumPy 2.4: `isclose([110, 100], [100, 110], rtol=0.095, atol=0)` is `[False, True]`, since the share is
  /// one of the second value.
  @Test func aRelativeToleranceIsAShareOfTheSecondValue() throws {
    let (more, less) = (NDArray([Float(110)]), NDArray([Float(100)]))
    let tolerance = CheckpointComparison.Tolerance(absolute: 0, relative: 0.095)
    #expect(try differences(more, less, tolerance).count == 1)
    #expect(try differences(less, more, tolerance).isEmpty)
  }

  @Test func zeroLiesBetweenTheSmallestNumbers() throws {
    let found = try values(
      NDArray([Float.leastNonzeroMagnitude]), NDArray([-Float.leastNonzeroMagnitude]))
    #expect(found.maximumULP == 2)
    #expect(found.maximumRelative == 2)
  }

  @Test func theWorstElementIsNamedByItsIndices() throws {
    var elements = [Float](repeating: 1, count: 100_000)
    let before = NDArray(elements, shape: [100, 1000])
    elements[70_003] = 3
    elements[90_009] = 1.5
    let found = try values(before, NDArray(elements, shape: [100, 1000]))
    #expect(found.count == 2)
    #expect(found.worstIndex == [70, 3])
    #expect(found.maximumAbsolute == 2)
    #expect(found.maximumRelative == 2.0 / 3)
  }

  @Test func integersThatNoDoubleTellsApartDiffer() throws {
    let found = try values(NDArray([Int64.max, 5]), NDArray([Int64.max - 1, 5]))
    #expect(found.count == 1 && found.maximumAbsolute == 1 && found.maximumULP == nil)
    let wide = try values(NDArray([Int64.min]), NDArray([Int64.max]))
    #expect(wide.maximumAbsolute == 0x1p64)
    #expect(try values(NDArray([UInt64.max]), NDArray([UInt64(0)])).count == 1)
    #expect(try values(NDArray([true, false]), NDArray([true, true])).worstIndex == [1])
  }

  @Test func bitsThatNoValueShowsAreOtherBits() throws {
    #expect(try values(NDArray([Float(0)]), NDArray([-Float(0)])).count == 0)
    let quiet = try array([0x7FC0_0000], .float32)
    #expect(try values(quiet, array([0x7FC0_0001], .float32)).count == 0)
    #expect(try differences(NDArray([Float(0)]), NDArray([-Float(0)]), .init()) == [])
    #expect(try values(quiet, NDArray([Float(1)])).maximumAbsolute == .infinity)
  }

  @Test func bothPartsOfComplexNumbersCount() throws {
    let a = NDArray([Complex<Float>(1, 2), Complex<Float>(3, 4)])
    let found = try values(a, NDArray([Complex<Float>(1, 2), Complex<Float>(3, 5)]))
    #expect(found.count == 1 && found.worstIndex == [1] && found.maximumAbsolute == 1)
  }

  @Test func aTypeOfTheSameValuesIsToldApartFromOthers() throws {
    #expect(
      try differences(NDArray([Float(1)]), NDArray([Double(1)])) == [
        .dtype(.float32, .float64, nil)
      ])
    let other = try differences(NDArray([Float(1)]), NDArray([Double(1.25)]))
    guard case .dtype(.float32, .float64, let values?)? = other.first else {
      Issue.record("\(other)")
      return
    }
    #expect(values.maximumAbsolute == 0.25 && values.maximumULP == nil)
    #expect(try differences(NDArray([Float(1)]), NDArray([Double(1)]), .init()) == [])
  }

  @Test func everyOrderOfDimensionsIsRecognised() throws {
    let array = NDArray((0..<120).map(Float.init), shape: [2, 3, 4, 5])
    for axes in [[3, 2, 1, 0], [0, 2, 3, 1], [1, 0, 2, 3], [2, 3, 0, 1]] {
      let inverse = axes.indices.map { axes.firstIndex(of: $0) ?? 0 }
      #expect(try differences(array, array.permuted(axes).copied()) == [.transposed(inverse)])
    }
    var changed = array.permuted([1, 0, 2, 3]).copied()
    changed.withMutableElements(as: Float.self) { $0[7] = -1 }
    #expect(try differences(array, changed) == [.shape([2, 3, 4, 5], [3, 2, 4, 5])])
  }

  @Test func whatIsNotUniqueIsNotCalledRenamed() throws {
    let ones = NDArray([Float(1)])
    let comparison = try CheckpointComparison(
      Checkpoint(state: ["a": ones, "b": ones.copied()]),
      Checkpoint(state: ["c": ones, "d": ones.copied()]))
    #expect(
      comparison.differences.map(\.difference) == [.missing, .missing, .unexpected, .unexpected])
  }

  @Test func theRestIsComparedToo() throws {
    let array = NDArray([Float(1)])
    var a = Checkpoint(
      state: ["x": array, "y": NDArray([Float(2)])], metadata: ["epoch": 1, "only": 2],
      architecture: "a")
    var b = Checkpoint(
      state: ["y": NDArray([Float(2)]), "x": array], metadata: ["epoch": 2], architecture: "b")
    a.state.moduleVersions = ["x": 1]
    b.state.moduleVersions = ["x": 2]
    #expect(try CheckpointComparison(a, b, extent: .tensors).differences.isEmpty)
    let names = try CheckpointComparison(a, b).differences
      .map { "\($0.name): \($0.difference)" }
    #expect(
      names == [
        "the metadata: epoch is 1 and 2", "the metadata: only only in the first",
        "the versions of modules: other for 'x'", "the description of the model: another",
        "the order of the tensors: another",
      ])
  }
}
