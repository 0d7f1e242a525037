import Arrays
import Autograd
import Files

/// The base class of `RNNCell`, `LSTMCell` and `GRUCell`, which compute one step of a recurrent
/// layer.
///
/// State dict: `weight_ih` (gates · hidden, inputs), `weight_hh` (gates · hidden, hidden), `bias_ih`
/// and `bias_hh` (gates · hidden,).
public class RecurrentCell: Module {
  /// (gates · hidden, inputs).
  public final let weightIh: Parameter
  /// (gates · hidden, hidden).
  public final let weightHh: Parameter
  /// (gates · hidden,), if the cell has biases.
  public final let biasIh: Parameter?
  /// (gates · hidden,), if the cell has biases.
  public final let biasHh: Parameter?
  /// The number of features of the input.
  public final let inputSize: Int
  /// The number of features of the state.
  public final let hiddenSize: Int
  fileprivate final let kind: RecurrenceKind

  fileprivate init(_ kind: RecurrenceKind, _ inputSize: Int, _ hiddenSize: Int, _ bias: Bool) {
    require(
      inputSize > 0 && hiddenSize > 0,
      "recurrent cell: a state of \(hiddenSize) for \(inputSize) inputs")
    self.kind = kind
    self.inputSize = inputSize
    self.hiddenSize = hiddenSize
    let width = kind.gateCount * hiddenSize
    weightIh = Parameter(Tensor.zeros([width, inputSize]))
    weightHh = Parameter(Tensor.zeros([width, hiddenSize]))
    biasIh = bias ? Parameter(Tensor.zeros([width])) : nil
    biasHh = bias ? Parameter(Tensor.zeros([width])) : nil
    super.init()
    let bound = 1 / Double(hiddenSize).squareRoot()
    for parameter in parameters() {
      Initialization.uniform(parameter, from: -bound, to: bound)
    }
  }

  /// The state after an input of (batch, features), or of (features,), from a state of zeros.
  public final override func forward(_ input: Tensor) -> Tensor { step(input, nil)[0] }

  /// The state after an input: one tensor, or with cells two, stacked.
  fileprivate final func step(_ input: Tensor, _ state: Tensor?) -> Tensor {
    guard input.rank != 1 else {
      return step(input.unsqueezed(0), state?.unsqueezed(1)).squeezed([1])
    }
    require(
      input.rank == 2 && input.shape[1] == inputSize,
      "\(typeName): input of shape \(input.shape) does not have \(inputSize) features in its last "
        + "of 1 or 2 dimensions")
    let shape: Shape = [kind.stateCount, input.shape[0], hiddenSize]
    require(
      state.map { $0.shape == shape } ?? true,
      "\(typeName): a state of shape \(state?.shape ?? .scalar) is not \(shape)")
    return input.linear(weightIh, biasIh).unsqueezed(0)
      .recurrence(kind, weightHh, biasHh, initial: state ?? Tensor.zeros(shape, dtype: input.dtype))
      .select(1, 1)
  }

  /// What a cell with one state per unit gives.
  fileprivate final func callWithHiddenState(_ input: Tensor, _ state: Tensor?) -> Tensor {
    withHooks([input] + (state.map { [$0] } ?? [])) { inputs in
      [step(inputs[0], inputs.count > 1 ? inputs[1].unsqueezed(0) : nil)[0]]
    }[0]
  }

  /// The arguments as PyTorch prints them: `10, 20, bias=False`.
  public final override var extraDescription: String {
    "\(inputSize), \(hiddenSize)" + (biasIh == nil ? ", bias=False" : "")
      + (kind == .relu ? ", nonlinearity=relu" : "")
  }
}

/// One step of an ``RNN``. Equivalent to `torch.nn.RNNCell`.
///
/// State dict: as ``RecurrentCell``, with one gate.
public final class RNNCell: RecurrentCell {
  /// A cell with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - inputSize: The number of features of the input.
  ///   - hiddenSize: The number of features of the state.
  ///   - bias: Whether the cell has biases.
  ///   - nonlinearity: The activation of the step.
  public init(
    _ inputSize: Int, _ hiddenSize: Int, bias: Bool = true, nonlinearity: RNNNonlinearity = .tanh
  ) {
    super.init(nonlinearity == .tanh ? .tanh : .relu, inputSize, hiddenSize, bias)
  }

  /// The state after an input of (batch, features), from a state of (batch, hidden), or both without
  /// a batch; from zeros if nil.
  public func callAsFunction(_ input: Tensor, _ state: Tensor?) -> Tensor {
    callWithHiddenState(input, state)
  }
}

/// One step of a ``GRU``. Equivalent to `torch.nn.GRUCell`.
///
/// State dict: as ``RecurrentCell``, with three gates: reset, update, new.
public final class GRUCell: RecurrentCell {
  /// A cell with PyTorch's initial values. The arguments are those of ``RNNCell``.
  public init(_ inputSize: Int, _ hiddenSize: Int, bias: Bool = true) {
    super.init(.gru, inputSize, hiddenSize, bias)
  }

  /// The state after an input of (batch, features), from a state of (batch, hidden), or both without
  /// a batch; from zeros if nil.
  public func callAsFunction(_ input: Tensor, _ state: Tensor?) -> Tensor {
    callWithHiddenState(input, state)
  }
}

/// One step of an ``LSTM``. Equivalent to `torch.nn.LSTMCell`.
///
/// State dict: as ``RecurrentCell``, with four gates: input, forget, cell, output.
public final class LSTMCell: RecurrentCell {
  /// A cell with PyTorch's initial values. The arguments are those of ``RNNCell``.
  public init(_ inputSize: Int, _ hiddenSize: Int, bias: Bool = true) {
    super.init(.lstm, inputSize, hiddenSize, bias)
  }

  /// State and cells after an input of (batch, features), from both of (batch, hidden), or all
  /// without a batch; from zeros if nil.
  public func callAsFunction(
    _ input: Tensor, _ state: (hidden: Tensor, cells: Tensor)?
  ) -> (hidden: Tensor, cells: Tensor) {
    let results = withHooks([input] + (state.map { [$0.hidden, $0.cells] } ?? [])) { inputs in
      let state = step(
        inputs[0], inputs.count > 1 ? .stacked([inputs[1], inputs[2]]) : nil)
      return [state[0], state[1]]
    }
    return (results[0], results[1])
  }
}
