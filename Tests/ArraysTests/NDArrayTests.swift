import Arrays
import Files
import Testing

@Suite struct NDArrayTests {
  let matrix = NDArray([0, 1, 2, 3, 4, 5] as [Float], shape: [2, 3])

  @Test func viewsCopyNothing() {
    let transposed = matrix.transposed()
    #expect(transposed.storage === matrix.storage)
    #expect(transposed.shape == [3, 2])
    #expect(transposed.elements(as: Float.self) == [0, 3, 1, 4, 2, 5])
    #expect(matrix.sliced(axis: 1, 0..<3, step: 2).elements(as: Float.self) == [0, 2, 3, 5])
    #expect(matrix.selected(axis: 0, -1).elements(as: Float.self) == [3, 4, 5])
    let column = matrix.sliced(axis: 1, 1..<2)
    #expect(
      column.expanded(to: [2, 2, 3]).elements(as: Float.self) == [
        1, 1, 1, 4, 4, 4, 1, 1, 1, 4, 4, 4,
      ])
    #expect(matrix.unsqueezed(-1).shape == [2, 3, 1])
    #expect(matrix.unsqueezed(0).unsqueezed(2).squeezed().shape == [2, 3])
    #expect(matrix.unsqueezed(0).unsqueezed(2).squeezed([2]).shape == [1, 2, 3])
  }

  @Test func writingChangesOnlyTheArrayWrittenTo() {
    var copy = matrix
    let view = matrix.transposed()
    copy.withMutableElements(as: Float.self) { $0[0] = 9 }
    #expect(copy.elements(as: Float.self) == [9, 1, 2, 3, 4, 5])
    #expect(matrix.elements(as: Float.self) == [0, 1, 2, 3, 4, 5])
    #expect(view.elements(as: Float.self) == [0, 3, 1, 4, 2, 5])
  }

  @Test func writingAloneKeepsTheStorage() {
    var array = NDArray(zeros: [4])
    let before = ObjectIdentifier(array.storage)
    array.withMutableElements(as: Float.self) { $0[1] = 1 }
    #expect(ObjectIdentifier(array.storage) == before)
  }

  @Test func reshapingViewsWhereItCan() {
    #expect(matrix.reshaped(to: [3, 2]).storage === matrix.storage)
    #expect(matrix.transposed().reshaped(to: [6]).elements(as: Float.self) == [0, 3, 1, 4, 2, 5])
    let large = NDArray((0..<24).map(Float.init), shape: [2, 3, 4])
    let swapped = large.transposed(0, 1)
    #expect(swapped.layout.reshaped(to: [3, 2, 2, 2]) != nil)
    #expect(swapped.layout.reshaped(to: [6, 4]) == nil)
    let reshaped = swapped.reshaped(to: [3, 2, 2, 2])
    #expect(reshaped.storage === large.storage)
    #expect(reshaped.elements(as: Float.self) == swapped.elements(as: Float.self))
    #expect(
      swapped.reshaped(to: [6, 4]).elements(as: Float.self) == swapped.elements(as: Float.self))
  }

  @Test(arguments: [1, 7, 64, 1 << 20])
  func blocksGiveAllBytesInOrder(_ blockByteCount: Int) throws {
    let large = NDArray((0..<60).map(Int32.init), shape: [3, 4, 5])
    let views = [
      large, large.transposed(0, 2), large.sliced(axis: 1, 1..<4, step: 2),
      large.selected(axis: 2, 3).expanded(to: [2, 3, 4]), large.sliced(axis: 0, 1..<1),
    ]
    for view in views {
      var bytes: [UInt8] = []
      try view.forEachBlock(ofByteCount: blockByteCount) { block, offset in
        #expect(offset == bytes.count)
        bytes.append(copying: block)
      }
      #expect(bytes == view.copied().withContiguousBytes { [UInt8](copying: $0) })
    }
  }

  /// Expected from indices alone, since rows of permuted layouts are gathered in tiles.
  @Test(arguments: [
    [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0],
  ])
  func everyRangeOfAPermutedArrayIsInOrder(_ axes: [Int]) throws {
    let shape = [3, 19, 34]
    let array = NDArray((0..<(3 * 19 * 34)).map(Int16.init), shape: Shape(shape))
    let view = array.permuted(axes)
    let strides = [19 * 34, 34, 1]
    var expected: [Int16] = []
    for i in 0..<shape[axes[0]] {
      for j in 0..<shape[axes[1]] {
        for k in 0..<shape[axes[2]] {
          expected.append(
            Int16(i * strides[axes[0]] + j * strides[axes[1]] + k * strides[axes[2]]))
        }
      }
    }
    #expect(view.elements(as: Int16.self) == expected)
    for range in [0..<1, 5..<38, 17..<1200, 33..<1938, 700..<701, 1..<1937] {
      var elements: [Int16] = []
      try view.forEachBlock(in: range, ofByteCount: 300) { bytes, place in
        #expect(place == (range.lowerBound + elements.count) * 2)
        elements.append(copying: bytes)
      }
      #expect(elements == Array(expected[range]))
    }
  }

  @Test func scalarsAndEmptyArrays() {
    let scalar = NDArray(Float(3))
    #expect(scalar.shape == .scalar)
    #expect(scalar.item(as: Float.self) == 3)
    let empty = NDArray(zeros: [2, 0, 3])
    #expect(empty.elementCount == 0)
    #expect(empty.isContiguous)
    #expect(empty.transposed().copied().shape == [2, 3, 0])
    #expect(empty.isBitwiseEqual(to: NDArray(zeros: [2, 0, 3])))
  }

  @Test func bitwiseEqualityTellsZerosAndPayloads() {
    let zeros = NDArray([0, -0.0] as [Float])
    #expect(zeros.isBitwiseEqual(to: NDArray([0, -0.0] as [Float])))
    #expect(!zeros.isBitwiseEqual(to: NDArray([0, 0] as [Float])))
    let payload = NDArray([Float(nan: 1, signaling: false)])
    #expect(payload.isBitwiseEqual(to: payload.copied()))
    #expect(!payload.isBitwiseEqual(to: NDArray([Float(nan: 2, signaling: false)])))
    // The same bytes, of another type or shape.
    let ones = NDArray([1, 1] as [Int32])
    #expect(!ones.isBitwiseEqual(to: NDArray([1, 1] as [UInt32])))
    #expect(!ones.isBitwiseEqual(to: NDArray([4_294_967_297] as [Int64])))
    #expect(!ones.isBitwiseEqual(to: ones.reshaped(to: [2, 1])))
    #expect(!ones.isBitwiseEqual(to: NDArray([1, 1, 1] as [Int32])))
    #expect(ones.isBitwiseEqual(to: NDArray([1, 1] as [Int32])))
  }

  @Test func losslessConversionIsTold() {
    #expect(DType.bfloat16.isLosslesslyConvertible(to: .float32))
    #expect(!DType.float32.isLosslesslyConvertible(to: .bfloat16))
    #expect(!DType.float16.isLosslesslyConvertible(to: .bfloat16))
    #expect(DType.int32.isLosslesslyConvertible(to: .float64))
    #expect(!DType.int64.isLosslesslyConvertible(to: .float64))
    #expect(!DType.float32.isLosslesslyConvertible(to: .int64))
    #expect(!DType.int8.isLosslesslyConvertible(to: .uint64))
    #expect(DType.bool.isLosslesslyConvertible(to: .float8E4M3FN))
    #expect(DType.float8E5M2FNUZ.isLosslesslyConvertible(to: .float32))
    // Neither infinities nor −0, and no zero: torch gives NaN, 0 and 5.9e-39.
    #expect(!DType.float8E5M2.isLosslesslyConvertible(to: .float8E5M2FNUZ))
    #expect(!DType.bool.isLosslesslyConvertible(to: .float8E8M0FNU))
    #expect(DType.float8E8M0FNU.isLosslesslyConvertible(to: .float32))
    #expect(DType.float32.isLosslesslyConvertible(to: .complex64))
  }

  @Test func readingAsAnotherTypeTraps() async {
    await #expect(processExitsWith: .failure) {
      _ = NDArray(zeros: [2]).elements(as: Double.self)
    }
  }
}
