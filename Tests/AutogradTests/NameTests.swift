import Arrays
import Autograd
import Testing

/// Operations under PyTorch's names. What is expected is what PyTorch 2.13 prints for the same calls; all of its
/// own samples are judged by `Tools/scripts/judge-engine`.
@Suite struct NameTests {
  private func numbers(_ x: Tensor) -> [Double] { [Double](x) }

  @Test func operatorsRoundAndWrap() {
    let x = Tensor([-7, 7, -7])
    #expect(numbers(x.div(Tensor([2, -2, -2]), roundingMode: .trunc)) == [-3, -3, 3])
    #expect(numbers(x.div(2, roundingMode: .floor)) == [-4, 3, -4])
    #expect(x.div(2, roundingMode: .floor).dtype == .int64 && x.div(2).dtype == .float32)
    #expect(numbers(Tensor([-7.0, 7]).fmod(3.0)) == [-1, 1])
    #expect(numbers(Tensor([1.0, 2]).add(Tensor([1.0, 1]), alpha: 3)) == [4, 5])
    #expect(numbers(Tensor([5, -6]).bitwiseRightShift(1)) == [2, -3])
    #expect(numbers(Tensor([200] as [UInt8]).bitwiseNot()) == [55])
    #expect(numbers(Tensor([5.0, 1]).clamp(2, 3)) == [3, 2])
    #expect(Tensor([5, 1]).clamp(2, 3).dtype == .int64)
    #expect(numbers(Tensor([0.0, .nan]).logicalNot()) == [1, 0])
  }

  /// Python's signs are of masks and of bits.
  @Test func signsOfMasksAreThoseOfBitsToo() {
    let (a, b) = (Tensor([12, 10] as [Int64]), Tensor([10, 6] as [Int64]))
    #expect([Int](a & b) == [8, 2] && [Int](a | b) == [14, 14] && [Int](a ^ b) == [6, 12])
    #expect([Int](~a) == [-13, -11])
    #expect(numbers(~Tensor([true, false])) == [0, 1])
    // A byte beside them is as wide as they are.
    #expect([Int](a & Tensor([255, 7] as [UInt8])) == [12, 2])
  }

  @Test func whatIsNotANumberIsPassedOverOrKept() {
    let x = Tensor([3.0, .nan, 1, 2])
    let (values, indices) = x.nanmedian(0)
    #expect(values.item() == 2.0 && indices.item(as: Int.self) == 3)
    #expect(x.nansum().item() == 6.0 && x.nanmean().item() == 2.0)
    #expect(x.nanquantile(0.25).item() == 1.5)
    #expect(x.nanquantile(0.25, interpolation: .midpoint).item() == 1.5)
    #expect(x.nanquantile(0.2, dim: 0, interpolation: .nearest).item() == 1.0)
    #expect([Int](x.cummax(0).indices) == [0, 1, 1, 1])
    #expect(numbers(x.fmax(Tensor(2.0))) == [3, 2, 2, 2])
  }

  @Test func equationsAndNormsOfMatrices() {
    let matrix = Tensor([[4.0, 2], [1, 3]])
    let (sign, logarithm) = matrix.slogdet()
    #expect(sign.item() == 1.0 && abs(logarithm.item() - 2.302585092994046) < 1e-6)
    #expect(matrix.solve(Tensor([2.0, 4])).allclose(Tensor([-0.2, 1.4])))
    let triangle = Tensor([[2.0, 9], [1, 4]])
    #expect(
      numbers(triangle.solveTriangular(Tensor([[2.0], [6.0]]), upper: false)) == [1, 1.25])
    let power = Tensor.arange(9).float().view(3, 3).matrixPower(2)
    #expect(numbers(power) == [15, 18, 21, 42, 54, 66, 69, 90, 111])
    let x = Tensor([[1.0, -2], [3, 4]])
    #expect(x.matrixNorm(1).item() == 6.0 && x.matrixNorm(.infinity).item() == 7.0)
    #expect(numbers(Tensor([1, 2]).kron(Tensor([3, 4]))) == [3, 4, 6, 8])
  }

  @Test func partsAndPlaces() {
    let x = Tensor.arange(5)
    #expect(x.tensorSplit(3).map { [Int]($0) } == [[0, 1], [2, 3], [4]])
    #expect(x.tensorSplit([1, -1]).map { [Int]($0) } == [[0], [1, 2, 3], [4]])
    #expect([Int](Tensor.arange(4).view(2, 2).rot90()) == [1, 3, 0, 2])
    let mean = Tensor.zeros(3).scatterReduce(
      0, Tensor([0, 0, 2]), Tensor([2.0, 4, 5]), reduce: .mean, includeSelf: false)
    #expect(numbers(mean) == [3, 0, 5])
    let put = Tensor.zeros(2, 2).indexPut(
      [Tensor([0, 0]), Tensor([1, 1])], Tensor([2.0, 3]), accumulate: true)
    #expect(numbers(put) == [0, 5, 0, 0])
    let added = Tensor.zeros(2, 3).indexAdd(1, Tensor([2, 2]), Tensor.ones(2, 2), alpha: 2)
    #expect(numbers(added) == [0, 0, 4, 0, 0, 4])
    #expect(numbers(Tensor([1, 2, 3]).isin(Tensor([2, 9]))) == [0, 1, 0])
    #expect([Int](Tensor.trilIndices(2, 3)) == [0, 1, 1, 0, 0, 1])
    #expect(numbers(Tensor([1.0, 2]).diagEmbed(1)) == [0, 1, 0, 0, 0, 2, 0, 0, 0])
  }

  @Test func inPlaceTheyChangeTheTensorAndItsGraph() {
    let x = Tensor([1.0, 2], requiresGrad: true)
    let y = x * 1
    y.indexFill_(0, Tensor([-1]), 5.0).clip_(0, 3)
    y.sum().backward()
    #expect(numbers(y) == [1, 3] && x.grad.map(numbers) == [1, 0])
    let bits = Tensor([3, 8])
    bits.bitwiseAnd_(6)
    #expect([Int](bits) == [2, 0])
    let truths = Tensor([1.0, 5])
    truths.gt_(2)
    #expect(numbers(truths) == [0, 1] && truths.dtype == .float32)
    let square = Tensor.zeros(2, 2)
    square.fillDiagonal_(7)
    #expect(numbers(square) == [7, 0, 0, 7])
  }

  @Test func questionsAndLikenesses() {
    let x = Tensor.ones([2, 3], dtype: .float64)
    #expect(x.t().stride() == [1, 3] && x.nbytes == 48 && x.elementSize() == 8)
    #expect(x.isFloatingPoint() && !x.isComplex() && x.isSameSize(Tensor.zeros(2, 3)))
    #expect(x.newZeros(2).dtype == .float64 && x.newTensor([1, 2]).dtype == .float64)
    #expect(Tensor(3).typeAs(x).dtype == .float64 && x.newFull([2], 7).shape == [2])
  }
}
