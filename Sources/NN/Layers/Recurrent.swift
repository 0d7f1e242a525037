import Arrays
import Autograd
import Files

/// The base class of the recurrent layers `RNN`, `LSTM` and `GRU`.
///
/// State dict, for each layer `k`: `weight_ih_lk` (gates · hidden, inputs), `weight_hh_lk`
/// (gates · hidden, hidden), `bias_ih_lk` and `bias_hh_lk` (gates · hidden,), of an ``LSTM`` with
/// projections also `weight_hr_lk` (projection, hidden); then the same with `_reverse` at the end
/// for the backward direction.
public class RecurrentLayer: Module {
  /// The number of features of the input.
  public final let inputSize: Int
  /// The number of features of the state.
  public final let hiddenSize: Int
  /// The number of layers, each of which takes the states of the one before.
  public final let numLayers: Int
  /// Whether the layers have biases.
  public final let hasBias: Bool
  /// Whether the batch comes before time.
  public final let batchFirst: Bool
  /// The probability of zeros between layers, in training.
  public final let dropout: Double
  /// Whether each layer also runs backwards in time.
  public final let bidirectional: Bool
  /// The number of features that each state is projected to, or 0 if it is not.
  public final let projSize: Int

  private final let kind: RecurrenceKind
  private final let weights: [(name: String, parameter: Parameter)]

  fileprivate init(
    _ kind: RecurrenceKind, _ inputSize: Int, _ hiddenSize: Int, _ numLayers: Int, _ bias: Bool,
    _ batchFirst: Bool, _ dropout: Double, _ bidirectional: Bool, projSize: Int = 0
  ) {
    require(
      projSize >= 0 && projSize < hiddenSize,
      "recurrent layer: proj_size \(projSize) has to be a positive integer, smaller than "
        + "hidden_size \(hiddenSize), or zero to disable projections")
    require(
      inputSize > 0 && hiddenSize > 0 && numLayers > 0 && (0...1).contains(dropout),
      "recurrent layer: \(numLayers) layers of \(hiddenSize) for \(inputSize) inputs, dropout "
        + "\(dropout)")
    self.kind = kind
    self.inputSize = inputSize
    self.hiddenSize = hiddenSize
    self.numLayers = numLayers
    hasBias = bias
    self.batchFirst = batchFirst
    self.dropout = dropout
    self.bidirectional = bidirectional
    self.projSize = projSize
    let stateSize = projSize > 0 ? projSize : hiddenSize
    let width = kind.gateCount * hiddenSize
    let directions = bidirectional ? 2 : 1
    weights = (0..<numLayers * directions).flatMap { index in
      let inputs = index < directions ? inputSize : directions * stateSize
      let suffix = "l\(index / directions)" + (index % directions == 1 ? "_reverse" : "")
      let weights: [(String, Shape)] = [
        ("weight_ih_", [width, inputs]), ("weight_hh_", [width, stateSize]),
      ]
      let biases: [(String, Shape)] = [("bias_ih_", [width]), ("bias_hh_", [width])]
      let projection: [(String, Shape)] = [("weight_hr_", [projSize, hiddenSize])]
      let shapes = weights + (bias ? biases : []) + (projSize > 0 ? projection : [])
      return shapes.map { ($0 + suffix, Parameter(Tensor.zeros($1))) }
    }
    super.init()
    resetParameters()
  }

  /// The weights under their generated names.
  public final override func members() -> [Member] {
    weights.map { Member($0.name, .parameter($0.parameter)) } + registered
  }

  /// Sets the initial values again, from the current random generator.
  public final func resetParameters() {
    let bound = 1 / Double(hiddenSize).squareRoot()
    for (_, parameter) in weights {
      Initialization.uniform(parameter, from: -bound, to: bound)
    }
  }

  /// The states of the last layer, starting from zeros.
  ///
  /// - Parameter input: (time, batch, features), (batch, time, features) if `batchFirst`, or (time,
  ///   features).
  /// - Returns: The shape of the input, with directions · hidden features.
  public final override func forward(_ input: Tensor) -> Tensor {
    run(input, initial: nil).output
  }

  /// What a layer with one state per unit gives: the states of the last layer, and those of all
  /// layers after the last step.
  final func runWithHiddenState(
    _ input: Tensor, _ state: Tensor?
  ) -> (output: Tensor, state: Tensor) {
    let results = withHooks([input] + (state.map { [$0] } ?? [])) { inputs in
      let (output, final) = run(inputs[0], initial: inputs.count > 1 ? [inputs[1]] : nil)
      return [output, final[0]]
    }
    return (results[0], results[1])
  }

  /// The states of the last layer, and those of all layers after the last step: states and, of an
  /// ``LSTM``, cells, each of (layers · directions, batch, hidden).
  final func run(_ input: Tensor, initial: [Tensor]?) -> (output: Tensor, final: [Tensor]) {
    guard input.rank != 2 else {
      let batch = batchFirst ? 0 : 1
      let (output, final) = run(
        input.unsqueezed(batch), initial: initial?.map { $0.unsqueezed(1) })
      return (output.squeezed([batch]), final.map { $0.squeezed([1]) })
    }
    require(
      input.rank == 3 && input.shape[2] == inputSize,
      "\(typeName): input of shape \(input.shape) does not have \(inputSize) features in its last "
        + "of 2 or 3 dimensions")
    var x = batchFirst ? input.transposed(0, 1) : input
    let directions = bidirectional ? 2 : 1
    let sizes = [projSize > 0 ? projSize : hiddenSize, hiddenSize].prefix(kind.stateCount)
    let shapes = sizes.map { Shape([numLayers * directions, x.shape[1], $0]) }
    for (state, shape) in zip(initial ?? [], shapes) {
      require(
        state.shape == shape,
        "\(typeName): a state of shape \(state.shape) is not \(shape)")
    }
    let initial = initial ?? shapes.map { Tensor.zeros($0, dtype: input.dtype) }
    let count = weights.count / (numLayers * directions)
    var finals: [[Tensor]] = []
    for layer in 0..<numLayers {
      var outputs: [Tensor] = []
      for direction in 0..<directions {
        let index = layer * directions + direction
        let w = weights[index * count..<(index + 1) * count].map(\.parameter)
        let isReverse = direction == 1
        let sequence = isReverse ? x.flipped([0]) : x
        // What the input contributes is one product for all steps. Where both biases are only
        // added, their sum is, with the state's part, which also makes one of their gradients.
        let isSplit = hasBias && kind == .gru
        let bias = !hasBias ? nil : isSplit ? w[3] : w[2] + w[3]
        let states = runDirection(
          sequence.linear(w[0], isSplit ? w[2] : nil), w, bias, initial.map { $0[index] })
        let steps = x.shape[0]
        let output = states[0].sliced(0, 1..<steps + 1)
        outputs.append(isReverse ? output.flipped([0]) : output)
        finals.append(states.map { $0[steps] })
      }
      x = directions == 1 ? outputs[0] : .concatenated(outputs, axis: 2)
      if layer < numLayers - 1 { x = x.dropout(dropout, training: isTraining) }
    }
    let final = (0..<kind.stateCount).map { state in Tensor.stacked(finals.map { $0[state] }) }
    return (batchFirst ? x.transposed(0, 1) : x, final)
  }

  /// States, and cells if there are any, of (steps + 1, batch, hidden), the initial ones first.
  ///
  /// - Parameter bias: What is added to the product with the state.
  private final func runDirection(
    _ contributions: Tensor, _ weights: [Parameter], _ bias: Tensor?, _ initial: [Tensor]
  ) -> [Tensor] {
    guard projSize > 0, let projection = weights.last else {
      let states = contributions.recurrence(
        kind, weights[1], bias, initial: .stacked(initial))
      return (0..<kind.stateCount).map { states[$0] }
    }
    var (hidden, cells) = ([initial[0]], [initial[1]])
    for step in 0..<contributions.shape[0] {
      // The gates need the projected state, which the loops of a recurrence do not have.
      let gates = (contributions[step] + hidden[step].linear(weights[1], bias))
        .chunked(4, axis: 1)
      let cell = gates[1].sigmoid() * cells[step] + gates[0].sigmoid() * gates[2].tanh()
      cells.append(cell)
      hidden.append((gates[3].sigmoid() * cell.tanh()).linear(projection))
    }
    return [.stacked(hidden), .stacked(cells)]
  }

  /// The arguments as PyTorch prints them: `10, 20, num_layers=2, batch_first=True`.
  public final override var extraDescription: String {
    var text = "\(inputSize), \(hiddenSize)"
    if projSize != 0 { text += ", proj_size=\(projSize)" }
    if numLayers != 1 { text += ", num_layers=\(numLayers)" }
    if !hasBias { text += ", bias=False" }
    if batchFirst { text += ", batch_first=True" }
    if dropout != 0 { text += ", dropout=\(pythonFloat(dropout))" }
    if bidirectional { text += ", bidirectional=True" }
    return text
  }
}

/// The activation of an ``RNN``.
public enum RNNNonlinearity: String, Sendable {
  /// The hyperbolic tangent.
  case tanh
  /// The ReLU.
  case relu
}

/// A simple recurrent layer. Equivalent to `torch.nn.RNN`.
///
/// State dict: as ``RecurrentLayer``, with one gate.
public final class RNN: RecurrentLayer {
  /// A layer with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - inputSize: The number of features of the input.
  ///   - hiddenSize: The number of features of the state.
  ///   - numLayers: The number of layers.
  ///   - nonlinearity: The activation of each step.
  ///   - bias: Whether the layers have biases.
  ///   - batchFirst: Whether the batch comes before time.
  ///   - dropout: The probability of zeros between layers, in training.
  ///   - bidirectional: Whether each layer also runs backwards in time.
  public init(
    _ inputSize: Int, _ hiddenSize: Int, numLayers: Int = 1,
    nonlinearity: RNNNonlinearity = .tanh, bias: Bool = true, batchFirst: Bool = false,
    dropout: Double = 0, bidirectional: Bool = false
  ) {
    super.init(
      nonlinearity == .tanh ? .tanh : .relu, inputSize, hiddenSize, numLayers, bias, batchFirst,
      dropout, bidirectional)
  }

  /// The states of the last layer, and those of all layers after the last step.
  ///
  /// - Parameters:
  ///   - input: (time, batch, features), (batch, time, features) if `batchFirst`, or (time,
  ///     features).
  ///   - state: The initial states, (layers · directions, batch, hidden), without the batch if the
  ///     input has none; zeros if nil.
  /// - Returns: The output, with directions · hidden features, and states of the shape of `state`.
  public func callAsFunction(
    _ input: Tensor, _ state: Tensor?
  ) -> (output: Tensor, state: Tensor) {
    runWithHiddenState(input, state)
  }
}

/// A layer of gated recurrent units. Equivalent to `torch.nn.GRU`.
///
/// State dict: as ``RecurrentLayer``, with three gates: reset, update, new.
public final class GRU: RecurrentLayer {
  /// A layer with PyTorch's initial values. The arguments are those of ``RNN``.
  public init(
    _ inputSize: Int, _ hiddenSize: Int, numLayers: Int = 1, bias: Bool = true,
    batchFirst: Bool = false, dropout: Double = 0, bidirectional: Bool = false
  ) {
    super.init(
      .gru, inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional)
  }

  /// The states of the last layer, and those of all layers after the last step.
  ///
  /// - Parameters:
  ///   - input: (time, batch, features), (batch, time, features) if `batchFirst`, or (time,
  ///     features).
  ///   - state: The initial states, (layers · directions, batch, hidden), without the batch if the
  ///     input has none; zeros if nil.
  /// - Returns: The output, with directions · hidden features, and states of the shape of `state`.
  public func callAsFunction(
    _ input: Tensor, _ state: Tensor?
  ) -> (output: Tensor, state: Tensor) {
    runWithHiddenState(input, state)
  }
}

/// A layer of long short-term memory. Equivalent to `torch.nn.LSTM`.
///
/// State dict: as ``RecurrentLayer``, with four gates: input, forget, cell, output.
public final class LSTM: RecurrentLayer {
  /// A layer with PyTorch's initial values.
  ///
  /// - Parameters:
  ///   - inputSize: The number of features of the input.
  ///   - hiddenSize: The number of features of the state.
  ///   - numLayers: The number of layers.
  ///   - bias: Whether the layers have biases.
  ///   - batchFirst: Whether the batch comes before time.
  ///   - dropout: The probability of zeros between layers, in training.
  ///   - bidirectional: Whether each layer also runs backwards in time.
  ///   - projSize: The number of features to which each state is projected, less than `hiddenSize`;
  ///     0 for none. Sak et al., "Long short-term memory based recurrent neural network
  ///     architectures for large vocabulary speech recognition" (2014).
  public init(
    _ inputSize: Int, _ hiddenSize: Int, numLayers: Int = 1, bias: Bool = true,
    batchFirst: Bool = false, dropout: Double = 0, bidirectional: Bool = false,
    projSize: Int = 0
  ) {
    super.init(
      .lstm, inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional,
      projSize: projSize)
  }

  /// The states of the last layer, and states and cells of all layers after the last step.
  ///
  /// - Parameters:
  ///   - input: (time, batch, features), (batch, time, features) if `batchFirst`, or (time,
  ///     features).
  ///   - state: The initial states and cells, both (layers · directions, batch, hidden), the states
  ///     with `projSize` features if that is not 0; without the batch if the input has none; zeros
  ///     if nil.
  /// - Returns: The output, with directions · hidden (or `projSize`) features, and states and cells
  ///   of the shapes of `state`.
  public func callAsFunction(
    _ input: Tensor, _ state: (hidden: Tensor, cells: Tensor)?
  ) -> (output: Tensor, state: (hidden: Tensor, cells: Tensor)) {
    let results = withHooks([input] + (state.map { [$0.hidden, $0.cells] } ?? [])) { inputs in
      let (output, final) = run(
        inputs[0], initial: inputs.count > 1 ? [inputs[1], inputs[2]] : nil)
      return [output] + final
    }
    return (results[0], (results[1], results[2]))
  }
}
