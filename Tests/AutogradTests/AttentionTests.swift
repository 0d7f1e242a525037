import Arrays
import Autograd
import Testing

/// Attention where no gradient is recorded, which goes another way, beside attention where one is. That one
/// is held against PyTorch by the cases.
@Suite struct AttentionTests {
  struct Case: CustomTestStringConvertible {
    var query: Shape
    var key: Shape
    var value: Shape
    var mask: Shape?
    var isCausal = false
    var scale: Double?

    var testDescription: String {
      "\(query) \(key) \(value) \(mask.map { "\($0)" } ?? "") \(isCausal)"
    }

    static let all = [
      Case(query: [5, 8], key: [7, 8], value: [7, 3]),
      Case(query: [2, 3, 40, 16], key: [2, 3, 33, 16], value: [2, 3, 33, 5], scale: 0.7),
      Case(query: [2, 3, 6, 4], key: [2, 3, 6, 4], value: [2, 3, 6, 4], isCausal: true),
      Case(query: [3, 9, 4], key: [3, 5, 4], value: [3, 5, 4], isCausal: true),
      Case(query: [3, 4, 4], key: [3, 11, 4], value: [3, 11, 4], isCausal: true),
      // Queries in more than one block of scores.
      Case(query: [2, 90, 4], key: [2, 700, 4], value: [2, 700, 3], mask: [90, 700]),
      Case(query: [1, 90, 4], key: [1, 700, 4], value: [1, 700, 3], isCausal: true),
      // Masks and operands that are repeated.
      Case(query: [2, 3, 6, 4], key: [2, 3, 7, 4], value: [2, 3, 7, 4], mask: [2, 1, 1, 7]),
      Case(query: [2, 3, 6, 4], key: [2, 3, 7, 4], value: [2, 3, 7, 4], mask: [3, 6, 1]),
      Case(query: [2, 3, 6, 4], key: [2, 3, 7, 4], value: [2, 3, 7, 4], mask: [7]),
      Case(query: [2, 3, 6, 4], key: [3, 7, 4], value: [2, 1, 7, 4], mask: [6, 7]),
      Case(query: [1, 6, 4], key: [1, 7, 4], value: [1, 7, 4], mask: [2, 6, 7]),
      Case(query: [1, 4], key: [7, 4], value: [7, 4], mask: [5, 7]),
      Case(query: [2, 0, 4], key: [2, 7, 4], value: [2, 7, 4]),
      Case(query: [2, 3, 4], key: [2, 0, 4], value: [2, 0, 4]),
    ]
  }

  @Test(arguments: Case.all) func aRecordingDoesNotChangeTheResult(_ sample: Case) {
    for dtype in [DType.float32, .float64, .bfloat16] {
      let (query, key, value) = Generator(seed: 3).use {
        (
          Tensor.randn(sample.query), Tensor.randn(sample.key), Tensor.randn(sample.value)
        )
      }
      let operands = [query, key, value].map { $0.to(dtype) }
      var masks: [Tensor?] = [nil]
      if let shape = sample.mask {
        let numbers = Generator(seed: 4).use { Tensor.randn(shape) }
        let hiding = numbers .> -0.4
        masks = [numbers.to(dtype), hiding, Tensor.zeros(shape).maskedFill(hiding, -.infinity)]
      }
      for mask in masks {
        let plain = attention(sample, operands, mask)
        #expect(plain.requiresGrad == false)
        let recorded = attention(
          sample, [operands[0].detach().requiresGrad_()] + operands[1...], mask)
        #expect(recorded.requiresGrad)
        #expect(plain.shape == recorded.shape)
        #expect(plain.dtype == dtype)
        #expect(
          plain.allclose(
            recorded.detach(), rtol: dtype == .bfloat16 ? 1e-2 : 1e-5, atol: 1e-5, equalNaN: true),
          "\(dtype)")
      }
    }
  }

  /// Views with their dimensions in another order give what copies of them give.
  @Test func operandsMayLieInAnyOrder() {
    let x = Generator(seed: 5).use { Tensor.randn([2, 9, 3, 8]) }
    let heads = x.permuted([0, 2, 1, 3])
    let columns = Generator(seed: 6).use { Tensor.randn([2, 3, 8, 9]) }.transposed(2, 3)
    for (query, key, value) in [(heads, heads, heads), (columns, heads, columns)] {
      let found = query.scaledDotProductAttention(key, value, isCausal: true)
      let copies = [query, key, value].map { Tensor($0.array.copied()) }
      let expected = copies[0].scaledDotProductAttention(copies[1], copies[2], isCausal: true)
      #expect(found.allclose(expected, rtol: 1e-6, atol: 1e-6))
    }
  }

  /// NaN and infinity in the scores, and queries that see nothing, come out as where gradients are recorded.
  @Test func oddScoresAreAsWhereGradientsAreRecorded() {
    let query = Tensor([[1, 0], [0, 1], [.nan, 1], [1, 1]] as [[Float]])
    let key = Tensor([[1, 2], [.infinity, 1], [-.infinity, 3]] as [[Float]])
    let value = Tensor([[1], [2], [3]] as [[Float]])
    let mask = Tensor([
      [true, false, true], [true, true, true], [true, true, false], [false, false, false],
    ])
    for mask in [nil, mask] as [Tensor?] {
      let plain = query.scaledDotProductAttention(key, value, mask: mask)
      let recorded = query.detach().requiresGrad_()
        .scaledDotProductAttention(key, value, mask: mask)
      #expect(plain.allclose(recorded.detach(), equalNaN: true), "\(plain) and \(recorded)")
    }
    // Scores that are minus infinity without any mask.
    let hidden = Tensor([[-.infinity, 0], [-.infinity, 0]] as [[Float]])
    for query in [Tensor([[1, 1]] as [[Float]]), Tensor([[1, 1]] as [[Float]]).requiresGrad_()] {
      let output = query.scaledDotProductAttention(hidden, Tensor([[1], [2]] as [[Float]]))
      #expect(output.detach().elements(as: Float.self) == [0])
    }
  }

  private func attention(_ sample: Case, _ operands: [Tensor], _ mask: Tensor?) -> Tensor {
    operands[0].scaledDotProductAttention(
      operands[1], operands[2], mask: mask, isCausal: sample.isCausal, scale: sample.scale)
  }
}
