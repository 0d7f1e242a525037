import Arrays
import Autograd
import Testing

/// Recurrences of shapes that do not divide evenly, against the same in operations of their own. That these
/// are PyTorch's is for the layers' tests.
@Suite struct RecurrenceTests {
  struct Size: Sendable, CustomTestStringConvertible {
    var kind: RecurrenceKind
    var steps: Int
    var batch: Int
    var hidden: Int
    var dtype: DType = .float32
    var testDescription: String { "\(kind) \(steps)×\(batch)×\(hidden) of \(dtype)" }
  }

  static let kinds: [RecurrenceKind] = [.tanh, .relu, .lstm, .gru]

  /// One row and many, less than a panel of columns and more, a product for all threads, and single steps.
  static let sizes: [Size] =
    kinds.flatMap { kind in
      [
        (1, 1, 5), (1, 7, 20), (3, 1, 3), (3, 1, 70), (2, 2, 16), (4, 5, 17), (3, 13, 16),
        (2, 25, 33),
      ]
      .flatMap { steps, batch, hidden in
        [DType.float32, .float64].map {
          Size(kind: kind, steps: steps, batch: batch, hidden: hidden, dtype: $0)
        }
      }
    } + [
      Size(kind: .lstm, steps: 3, batch: 1, hidden: 600),
      Size(kind: .gru, steps: 3, batch: 130, hidden: 40),
      Size(kind: .tanh, steps: 2, batch: 0, hidden: 4),
    ]

  @Test(arguments: sizes, [true, false]) func statesAndGradientsAreThoseOfSingleSteps(
    _ size: Size, hasBias: Bool
  ) {
    manualSeed(5)
    let width = size.kind.gateCount * size.hidden
    func leaf(_ shape: Shape, _ scale: Double) -> Tensor {
      (Tensor.randn(shape, dtype: size.dtype) * scale).detach().requiresGrad_()
    }
    let x = leaf([size.steps, size.batch, width], 1)
    let weight = leaf([width, size.hidden], 1 / Double(size.hidden).squareRoot())
    let bias = hasBias ? leaf([width], 1) : nil
    let initial = leaf([size.kind.stateCount, size.batch, size.hidden], 0.5)
    let leaves = [x, weight, initial] + (bias.map { [$0] } ?? [])
    let above = Tensor.randn(
      [size.kind.stateCount, size.steps + 1, size.batch, size.hidden], dtype: size.dtype)

    let states = x.recurrence(size.kind, weight, bias, initial: initial)
    let expected = Self.stepped(x, size.kind, weight, bias, initial)
    #expect(states.shape == above.shape)
    let tolerance = size.dtype == .float32 ? 2e-5 : 1e-12
    expectClose(states, expected, tolerance, "states")
    let found = Tensor.gradients(of: [states], for: leaves, [above])
    let wanted = Tensor.gradients(of: [expected], for: leaves, [above])
    for (name, (gradient, other)) in zip(["x", "weight", "initial", "bias"], zip(found, wanted)) {
      guard let gradient, let other else {
        Issue.record("\(name) has no gradient")
        continue
      }
      expectClose(gradient, other, 10 * tolerance, "\(name)")
    }
  }

  private func expectClose(
    _ found: Tensor, _ wanted: Tensor, _ tolerance: Double, _ what: Comment
  ) {
    #expect(found.shape == wanted.shape, what)
    let scale = max(1, wanted.doubles.map(abs).max() ?? 0)
    let apart = zip(found.doubles, wanted.doubles).map { abs($0 - $1) }
    // NaN is near nothing.
    #expect(apart.allSatisfy { $0 <= tolerance * scale }, what)
  }

  /// The definitions of PyTorch's documentation, step by step.
  private static func stepped(
    _ x: Tensor, _ kind: RecurrenceKind, _ weight: Tensor, _ bias: Tensor?, _ initial: Tensor
  ) -> Tensor {
    var state = initial
    var states = [state]
    for step in 0..<x.shape[0] {
      let gates = x[step].chunk(kind.gateCount, dim: 1)
      let ofState =
        (state[0].matmul(weight.transposed()) + (bias ?? Tensor.zeros([1], dtype: x.dtype)))
        .chunk(kind.gateCount, dim: 1)
      let sums = zip(gates, ofState).map { $0 + $1 }
      switch kind {
      case .tanh: state = sums[0].tanh().unsqueeze(0)
      case .relu: state = sums[0].relu().unsqueeze(0)
      case .lstm:
        let cells = sums[1].sigmoid() * state[1] + sums[0].sigmoid() * sums[2].tanh()
        state = Tensor.stack([sums[3].sigmoid() * cells.tanh(), cells])
      case .gru:
        let fresh = (gates[2] + sums[0].sigmoid() * ofState[2]).tanh()
        let update = sums[1].sigmoid()
        state = ((1 - update) * fresh + update * state[0]).unsqueeze(0)
      }
      states.append(state)
    }
    return Tensor.stack(states, dim: 1)
  }
}
