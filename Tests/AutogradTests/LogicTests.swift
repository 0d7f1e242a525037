import Arrays
import Autograd
import Testing

/// Operations on and to booleans, which have no gradients and so are not in the table.
@Suite struct LogicTests {
  private let yesNo = Tensor([true, false])
  private let column = Tensor([true, false], shape: [2, 1])

  private func booleans(_ x: Tensor) -> [Bool] { x.elements(as: Bool.self) }

  @Test func operatorsBroadcast() {
    #expect(booleans(yesNo .& column) == [true, false, false, false])
    #expect(booleans(yesNo .| column) == [true, true, true, false])
    #expect(booleans(yesNo .^ column) == [false, true, true, false])
    #expect(booleans(.!yesNo) == [false, true])
    let empty = Tensor.ones([0, 2]) .> 0
    #expect((empty .& yesNo).shape == [0, 2] && (empty .& yesNo).dtype == .bool)
  }

  @Test func comparisonsBroadcastAndTakeNumbers() {
    let x = Tensor([1, 2, .nan] as [Double], dtype: .float64)
    let y = Tensor([2.0, 1], shape: [2, 1], dtype: .float64)
    #expect(booleans(x .< y) == [true, false, false, false, false, false])
    #expect(booleans(x .>= 2) == [false, true, false])
    #expect(booleans(x .!= x) == [false, false, true])
    #expect(booleans(Tensor([1, 2, 3]) .<= 2) == [true, true, false])
    #expect(booleans(Tensor([1, 2, 3]) .> 1.5) == [false, true, true])
    #expect((Tensor.ones([0]) .== 1).shape == [0])
    #expect(
      booleans(Tensor(2.0, dtype: .float64) .== 2) == [true]
        && (Tensor(2.0, dtype: .float64) .== 2).shape == .scalar)
  }

  @Test func foldsOverAxesAndOfNothing() {
    let x = Tensor([0, 2, 0, 0, 3, 4], shape: [2, 3])
    #expect(booleans(x.any([0])) == [false, true, true])
    #expect(booleans(x.all([0], keepDims: true)) == [false, true, false])
    #expect(x.all([0], keepDims: true).shape == [1, 3])
    #expect(booleans(x.any()) == [true] && booleans(x.all()) == [false])
    #expect(x.countNonzero([1]).elements(as: Int.self) == [1, 2])
    let empty = Tensor.ones([0, 2])
    #expect(booleans(empty.any()) == [false] && booleans(empty.all()) == [true])
    #expect(booleans(empty.all([0])) == [true, true])
    #expect(empty.countNonzero().item(as: Int.self) == 0)
  }

  @Test(arguments: [DType.float16, .bfloat16, .float32, .float64])
  func kindsOfNumbers(_ dtype: DType) {
    let x = Tensor([1, -.infinity, .nan, .infinity, 0] as [Double], dtype: .float64).to(dtype)
    #expect(booleans(x.isNaN()) == [false, false, true, false, false])
    #expect(booleans(x.isInfinite()) == [false, true, false, true, false])
    #expect(booleans(x.isFinite()) == [true, false, false, false, true])
  }

  @Test func integersAreFinite() {
    #expect(booleans(Tensor([Int.max, 0]).isFinite()) == [true, true])
    #expect(booleans(Tensor([Int.max, 0]).isInfinite()) == [false, false])
    #expect(booleans(yesNo.isNaN()) == [false, false])
  }

  @Test func closenessIsPyTorchs() {
    let x = Tensor([1, .infinity, 0] as [Double], dtype: .float64)
    #expect(x.isClose(to: Tensor([1 + 5e-6, .infinity, 5e-9] as [Double], dtype: .float64)))
    #expect(!x.isClose(to: Tensor([1 + 5e-5, .infinity, 0] as [Double], dtype: .float64)))
    #expect(!x.isClose(to: Tensor([1, -.infinity, 0] as [Double], dtype: .float64)))
    #expect(!Tensor([1.0], dtype: .float64).isClose(to: Tensor([Double.infinity])))
    #expect(!Tensor(Double.nan).isClose(to: Tensor(Double.nan)))
    #expect(Tensor(Double.nan).isClose(to: Tensor(Double.nan), equalNaN: true))
    #expect(Tensor.ones([0]).isClose(to: Tensor.ones([0])))
    #expect(Tensor.ones([2, 2]).isClose(to: Tensor(1.0, dtype: .float64).to(.float32)))
  }
}
