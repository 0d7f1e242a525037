import Arrays
import CKernels
import Files
import Kernels

/// How each step of a recurrence follows from the one before.
public enum RecurrenceKind: String, Sendable {
  /// The hyperbolic tangent of the contributions of input and previous state.
  case tanh
  /// The ReLU of the contributions of input and previous state.
  case relu
  /// Long short-term memory. Gates: input, forget, cell, output.
  ///
  /// Hochreiter and Schmidhuber, "Long short-term memory" (1997).
  case lstm
  /// Gated recurrent units. Gates: reset, update, new.
  ///
  /// Cho et al., "Learning phrase representations using RNN encoder-decoder" (2014).
  case gru

  var kernel: CKRecurrence {
    switch self {
    case .tanh: .tanh
    case .relu: .relu
    case .lstm: .LSTM
    case .gru: .GRU
    }
  }

  /// The number of gates: 1, or 4 for ``lstm``, or 3 for ``gru``.
  public var gateCount: Int { Recurrence.gates(of: kernel) }
  /// The number of tensors that make up a state: 2 for ``lstm``, whose second one holds the cells;
  /// otherwise 1.
  public var stateCount: Int { self == .lstm ? 2 : 1 }
}

extension Tensor {
  /// All states of a recurrence.
  ///
  /// This tensor holds the contributions of the input to the gates: (steps, batch, gates · hidden).
  /// The layers `RNN`, `LSTM` and `GRU` are built on this.
  ///
  /// - Parameters:
  ///   - kind: How each step follows from the one before.
  ///   - weight: The factor of the previous state, (gates · hidden, hidden).
  ///   - bias: Added to that product, (gates · hidden,).
  ///   - initial: The initial state, (states, batch, hidden).
  /// - Returns: (states, steps + 1, batch, hidden), the initial state first.
  /// - Precondition: The shapes fit.
  public final func recurrence(
    _ kind: RecurrenceKind, _ weight: Tensor, _ bias: Tensor?, initial: Tensor
  ) -> Tensor {
    if let result = Autocast.lowered({ low in
      low(self).recurrence(kind, low(weight), bias.map(low), initial: low(initial))
    }) {
      return result
    }
    let hidden = weight.rank == 2 ? weight.shape[1] : 0
    let width = kind.gateCount * hidden
    require(
      rank == 3 && weight.shape == [width, hidden] && shape[2] == width
        && initial.shape == [kind.stateCount, shape[1], hidden]
        && bias.map { $0.shape == [width] } ?? true,
      "recurrence: shape \(shape) does not fit a weight of shape \(weight.shape) and a state of "
        + "shape \(initial.shape)")
    for operand in [weight, bias] {
      require(
        operand.map { $0.dtype == dtype } ?? true,
        "recurrence: input and weights must have the same dtype, but got \(dtype) of shape "
          + "\(shape) and \(operand?.dtype ?? dtype) of shape \(operand?.shape ?? .scalar)")
    }
    if weight.dtype == dtype,
      let result = widened({
        $0.recurrence(kind, weight.wide, bias?.wide, initial: initial.wide)
      })
    {
      return result
    }
    requireLoops("recurrence")
    let recurrence = Recurrence(
      kind.kernel, steps: shape[0], batch: shape[1], hidden: hidden)
    let (states, trace) = recurrence.forward(
      array, weight.array, bias?.array, initial.array.cast(to: dtype))
    let inputs = [self, weight, initial] + (bias.map { [$0] } ?? [])
    return .recordJointly("recurrence", inputs, states) { _ in
      let saved = inputs.map(\.saved)
      return { grad, _ in
        guard !GradMode.isEnabled else {
          return Tensor.gradients(at: saved.map { $0() }, grad) { inputs in
            inputs[0].steppedRecurrence(
              kind, inputs[1], inputs.count > 3 ? inputs[3] : nil, initial: inputs[2])
          }
        }
        let raw = recurrence.gradients(
          grad.array, saved[1]().array, trace, hasBias: saved.count > 3)
        return ([raw.contributions, raw.weight, raw.initial] + (raw.bias.map { [$0] } ?? []))
          .map { Tensor($0) }
      }
    }
  }

  /// The same in tensor operations.
  private final func steppedRecurrence(
    _ kind: RecurrenceKind, _ weight: Tensor, _ bias: Tensor?, initial: Tensor
  ) -> Tensor {
    var state = initial
    var states = [state]
    for step in 0..<shape[0] {
      let last = state[0]
      let x = self[step].chunked(kind.gateCount, axis: 1)
      let h = last.linear(weight, bias).chunked(kind.gateCount, axis: 1)
      switch kind {
      case .tanh: state = (x[0] + h[0]).tanh().unsqueezed(0)
      case .relu: state = (x[0] + h[0]).relu().unsqueezed(0)
      case .gru:
        let reset = (x[0] + h[0]).sigmoid()
        let update = (x[1] + h[1]).sigmoid()
        let fresh = (x[2] + reset * h[2]).tanh()
        state = (fresh + update * (last - fresh)).unsqueezed(0)
      case .lstm:
        let fresh = (x[0] + h[0]).sigmoid() * (x[2] + h[2]).tanh()
        let cells = (x[1] + h[1]).sigmoid() * state[1] + fresh
        state = .stacked([(x[3] + h[3]).sigmoid() * cells.tanh(), cells])
      }
      states.append(state)
    }
    return .stacked(states, axis: 1)
  }
}

extension Tensor {
  /// The gradients of a function in tensor operations, as part of the graph.
  ///
  /// What an operation with loops of its own for the gradient uses where that is to be
  /// differentiated in turn.
  static func gradients(
    at inputs: [Tensor], _ gradient: Tensor, of function: ([Tensor]) -> Tensor
  ) -> [Tensor?] {
    // Nodes of their own: gradients of an outer walk may be waiting at those of the inputs.
    let fresh = inputs.map {
      Tensor.record("input", [$0], $0.array, isView: true) { _ in [{ $0 }] }
    }
    return BackwardWalk.gradients(
      [(function(fresh), gradient)], for: fresh, retainGraph: true, createGraph: true,
      stoppingThere: true)
  }
}
