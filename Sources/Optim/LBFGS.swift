import Arrays
import Autograd
import Files
import NN
import OrderedCollections
import States

/// The quasi-Newton method of Broyden, Fletcher, Goldfarb and Shanno with limited memory. Equivalent to
/// `torch.optim.LBFGS`.
///
/// Nocedal, "Updating quasi-Newton matrices with limited storage" (1980). The loss is computed several
/// times in a step, so ``step(_:)`` needs a closure:
///
/// ```swift
/// optimizer.step {
///   optimizer.zeroGrad()
///   let loss = model(x).mseLoss(y)
///   loss.backward()
///   return loss
/// }
/// ```
///
/// Its state, the directions of earlier steps, cannot be saved: ``Optimizer/stateDict()`` traps after a step.
public final class LBFGS: Optimizer {
  /// How the length of a step is found.
  public enum LineSearch: String, Sendable {
    /// By a search along the direction, until the loss falls enough and its slope is flat enough: the strong
    /// conditions of Wolfe.
    case strongWolfe = "strong_wolfe"
  }

  private var iterations = 0
  private var direction: Tensor?
  private var stepLength = 0.0
  private var scale = 1.0
  private var previousGradient: Tensor?
  private var history: [(change: Tensor, step: Tensor, factor: Double)] = []

  /// An optimizer of a module or its parameters.
  ///
  /// - Parameters:
  ///   - source: The parameters of a module, or a module; see ``ParameterSource``.
  ///   - lr: The learning rate, not negative.
  ///   - maxIter: The greatest number of iterations in a step.
  ///   - maxEval: The greatest number of times that the loss is computed in a step; 1.25 · `maxIter` if
  ///     nil.
  ///   - toleranceGrad: A step ends where no gradient is greater.
  ///   - toleranceChange: A step ends where neither loss nor parameters change by more.
  ///   - historySize: How many earlier directions are kept.
  ///   - lineSearchFn: How the length of a step is found; the learning rate if nil.
  public convenience init(
    _ source: some ParameterSource, lr: Double = 1, maxIter: Int = 20, maxEval: Int? = nil,
    toleranceGrad: Double = 1e-7, toleranceChange: Double = 1e-9, historySize: Int = 100,
    lineSearchFn: LineSearch? = nil
  ) {
    self.init(
      source.namedSource, lr: lr, maxIter: maxIter, maxEval: maxEval,
      toleranceGrad: toleranceGrad, toleranceChange: toleranceChange, historySize: historySize,
      lineSearchFn: lineSearchFn)
  }

  /// An optimizer with one parameter group; there cannot be more.
  ///
  /// - Parameters:
  ///   - parameters: As ``/NN/Module/namedParameters(prefix:recurse:removeDuplicate:)`` returns them.
  ///   - lr: The learning rate, not negative.
  ///   - maxIter: The greatest number of iterations in a step.
  ///   - maxEval: The greatest number of times that the loss is computed in a step; 1.25 · `maxIter` if
  ///     nil.
  ///   - toleranceGrad: A step ends where no gradient is greater.
  ///   - toleranceChange: A step ends where neither loss nor parameters change by more.
  ///   - historySize: How many earlier directions are kept.
  ///   - lineSearchFn: How the length of a step is found; the learning rate if nil.
  public init(
    _ parameters: [(name: String, parameter: Parameter)], lr: Double = 1, maxIter: Int = 20,
    maxEval: Int? = nil, toleranceGrad: Double = 1e-7, toleranceChange: Double = 1e-9,
    historySize: Int = 100, lineSearchFn: LineSearch? = nil
  ) {
    require(
      lr >= 0 && maxIter > 0 && historySize > 0,
      "LBFGS: lr \(lr) must not be negative, maxIter \(maxIter) and historySize \(historySize) positive"
    )
    super.init(
      groups: [ParameterGroup(parameters)],
      defaults: [
        "lr": .float(lr), "max_iter": .int(maxIter), "max_eval": .int(maxEval ?? maxIter * 5 / 4),
        "tolerance_grad": .float(toleranceGrad), "tolerance_change": .float(toleranceChange),
        "history_size": .int(historySize),
        "line_search_fn": lineSearchFn.map { .string($0.rawValue) } ?? .none,
      ])
  }

  override var needsClosure: Bool { true }

  override func didReplaceState() {
    (iterations, direction, stepLength, scale) = (0, nil, 0, 1)
    (previousGradient, history) = (nil, [])
  }

  override var unsavedState: String? {
    iterations == 0
      ? nil : "LBFGS has taken a step, and the directions it keeps cannot be saved"
  }

  /// Minimizes the loss for up to `max_iter` iterations.
  ///
  /// - Parameter closure: Clears the gradients, computes the loss, calls `backward` on it and returns
  ///   it.
  /// - Returns: The loss before the step.
  /// - Precondition: The optimizer has one group.
  @discardableResult
  public override func step(_ closure: () -> Tensor) -> Tensor {
    require(groups.count == 1, "LBFGS doesn't support per-parameter options (parameter groups)")
    let first = enableGrad(closure)
    noGrad { run(Double(first), closure) }
    return first
  }

  private func run(_ start: Double, _ closure: () -> Tensor) {
    let group = groups[0]
    let (maxIter, maxEval) = (Int(group.number("max_iter")), Int(group.number("max_eval")))
    let least = group.number("tolerance_change")
    let searches = searchesLines(group)
    var (loss, evaluations) = (start, 1)
    var gradient = flatGradient()
    func isDone() -> Bool { Double(gradient.abs().max()) <= group.number("tolerance_grad") }
    if isDone() { return }
    for iteration in 1...maxIter {
      iterations += 1
      let direction = nextDirection(gradient, historySize: Int(group.number("history_size")))
      self.direction = direction
      previousGradient = gradient
      let previousLoss = loss
      stepLength =
        iterations == 1 ? min(1, Double(1 / gradient.abs().sum())) * group.lr : group.lr
      let slope = Double(gradient.dot(direction))
      if slope > -least { break }
      var isFlat = false
      if searches {
        let found = search(
          from: .init(step: 0, loss: loss, gradient: gradient, slope: slope), direction, least,
          maxEval - evaluations, closure)
        (loss, gradient, stepLength) = (found.point.loss, found.point.gradient, found.point.step)
        move(direction * stepLength)
        isFlat = isDone()
        evaluations += found.evaluations
      } else if iteration < maxIter {
        move(direction * stepLength)
        loss = Double(enableGrad(closure))
        gradient = flatGradient()
        isFlat = isDone()
        evaluations += 1
      } else {
        move(direction * stepLength)
      }
      if iteration == maxIter || evaluations >= maxEval || isFlat
        || Double((direction * stepLength).abs().max()) <= least || abs(loss - previousLoss) < least
      {
        break
      }
    }
  }

  private func searchesLines(_ group: ParameterGroup) -> Bool {
    guard let name = group["line_search_fn"], name != .none else { return false }
    require(
      name.stringValue.flatMap(LineSearch.init(rawValue:)) != nil,
      "LBFGS: only 'strong_wolfe' is supported as line_search_fn, not \(name)")
    return true
  }

  /// Searches along a direction. The parameters are as before afterwards.
  private func search(
    from start: StrongWolfe.Point, _ direction: Tensor, _ least: Double, _ maximumSteps: Int,
    _ closure: () -> Tensor
  ) -> (point: StrongWolfe.Point, evaluations: Int) {
    let before = groups[0].parameters.map { $1.detached().clone() }
    return withoutActuallyEscaping(closure) { closure in
      var search = StrongWolfe(
        from: start, directionSize: Double(direction.abs().max()), toleranceChange: least,
        maximumSteps: maximumSteps
      ) { step in
        self.move(direction * step)
        let loss = Double(enableGrad(closure))
        let gradient = self.flatGradient()
        for ((_, parameter), values) in zip(self.groups[0].parameters, before) {
          parameter.assign(values)
        }
        return .init(
          step: step, loss: loss, gradient: gradient, slope: Double(gradient.dot(direction)))
      }
      return search.run(first: stepLength)
    }
  }

  /// The approximate inverse Hessian times the gradient, downwards.
  private func nextDirection(_ gradient: Tensor, historySize: Int) -> Tensor {
    guard let before = direction, let previousGradient, iterations > 1 else { return -gradient }
    let change = gradient - previousGradient
    let step = before * stepLength
    let curvature = Double(change.dot(step))
    if curvature > 1e-10 {
      if history.count == historySize { history.removeFirst() }
      history.append((change, step, 1 / curvature))
      scale = curvature / Double(change.dot(change))
    }
    var result = -gradient
    var shares: [Double] = []
    for entry in history.reversed() {
      let share = Double(entry.step.dot(result)) * entry.factor
      shares.append(share)
      result = result - entry.change * share
    }
    result = result * scale
    for (entry, share) in zip(history, shares.reversed()) {
      let other = Double(entry.change.dot(result)) * entry.factor
      result = result + entry.step * (share - other)
    }
    return result
  }

  /// The gradients of all parameters as one vector.
  private func flatGradient() -> Tensor {
    .concatenated(
      groups[0].parameters.map { ($1.grad ?? .zeros(like: $1)).flattened().detached() })
  }

  /// Adds parts of a vector to the parameters.
  private func move(_ change: Tensor) {
    var start = 0
    for (_, parameter) in groups[0].parameters {
      let part = change.sliced(0, start..<start + parameter.elementCount)
      start += parameter.elementCount
      parameter.assign(parameter + part.reshaped(parameter.shape))
    }
  }
}
