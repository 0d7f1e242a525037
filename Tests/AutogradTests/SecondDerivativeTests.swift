import Arrays
import Autograd
import Testing

/// Gradients of gradients beside infinities, NaN and edges. Expected values are those of PyTorch 2.13
/// (`torch.autograd.grad` of `torch.autograd.grad(…, create_graph=True)`).
@Suite struct SecondDerivativeTests {
  /// The gradient of the gradient times `direction`.
  private func second(
    _ x: [Double], _ upstream: [Double], _ direction: [Double], _ function: (Tensor) -> Tensor
  ) throws -> [Double] {
    let x = Tensor(x, dtype: .float32).requiresGrad_()
    let first = try #require(
      Tensor.gradients(
        of: [function(x)], for: [x], [Tensor(upstream, dtype: .float32)], createGraph: true)[0])
    return try #require(
      Tensor.gradients(of: [first], for: [x], [Tensor(direction, dtype: .float32)])[0]
    ).doubles
  }

  private func expect(_ values: [Double], _ expected: [Double]) {
    #expect(values.count == expected.count)
    for (value, known) in zip(values, expected) {
      let room = 1e-5 * known.magnitude + 1e-30
      let isKnown =
        known.isNaN ? value.isNaN : value == known || (value - known).magnitude <= room
      #expect(isKnown, "\(values) and not \(expected)")
    }
  }

  @Test func smoothL1LossIsCurvedBetweenItsBoundsOnly() throws {
    let zeros = Tensor.zeros([5])
    expect(
      try second([.nan, 1, -1, 0.5, 3], [1, 2, 3, 4, 5], [1, 1, 1, 1, 1]) {
        $0.smoothL1Loss(zeros, reduction: .none)
      }, [0, 0, 0, 4, 0])
  }

  @Test func softMarginLossOfALargeExponentIsStraight() throws {
    let ones = Tensor.ones([4])
    expect(
      try second([-70, -1, 14, 2], [1, 2, 1e6, 4], [1, 1, 1, 1]) {
        $0.softMarginLoss(ones, reduction: .none)
      }, [0, 0.3932238817214966, 0.8315273523330688, 0.41997429728507996])
  }

  @Test func sigmoidOfAnInfiniteGradientIsCurved() throws {
    expect(
      try second([0.5, -1, 40], [.infinity, 2, -.infinity], [1, 1, 1]) { $0.sigmoid() },
      [-.infinity, 0.18171550333499908, .nan])
  }

  @Test func gluKeepsAnInfiniteHalf() throws {
    expect(
      try second([.infinity, 2, 0.5, 1], [-1, 2], [0, 1, -0.5, 1]) { $0.glu(0) },
      [0.11750185489654541, 0.3932238519191742, -.infinity, 0.029792815446853638])
  }

  @Test func cumprodBesideZerosMeetsWhatFollowsOnly() throws {
    expect(
      try second([0, 1, 2, 0, 3], [1, -2, 3, -4, 5], [1, 1, 1, 1, 1]) { $0.cumprod(0) },
      [29, 4, 3, 22, 0])
  }

  @Test func cumprodOfARowWithoutZerosBesideOneWithZeros() throws {
    let x = Tensor([0.5, -0.25, -.infinity, -2, 0.5, 0, 1, 2, 0, 3], dtype: .float32)
      .requiresGrad_()
    let upstream = Tensor([1, -2, 3, -4, 5, 1, -2, 3, -4, 5], dtype: .float32).reshaped(2, 5)
    let first = try #require(
      Tensor.gradients(of: [x.reshaped(2, 5).cumprod(1)], for: [x], [upstream], createGraph: true)[
        0])
    expect(first.doubles, [.nan, .nan, -0.75, .nan, -.infinity, 5, 0, 0, 0, 0])
  }

  @Test func aWeightOfCrossEntropiesIsNotRoundedToTheTargetsType() throws {
    let x = Tensor([0.5, -1, 2], dtype: .float32).requiresGrad_()
    let target = Tensor([0.25, 1, 0.5], dtype: .bfloat16).requiresGrad_()
    let weight = Tensor([3.1285, 0.7, -1.3], dtype: .float32)
    let loss = x.binaryCrossEntropyWithLogits(target, weight: weight, reduction: .sum)
    loss.backward(Tensor([-0.40625], dtype: .bfloat16).reshaped([]))
    #expect(loss.dtype == .bfloat16)
    expect(loss.doubles, [2.109375])
    expect(
      try #require(x.grad).doubles, [-0.47337836027145386, 0.20789477229118347, 0.2011084258556366])
    expect(try #require(target.grad).doubles, [0.63671875, -0.28515625, -1.0546875])
  }
}
