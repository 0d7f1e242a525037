import Autograd

/// A search along a direction for a step that fulfils the strong conditions of Wolfe: the loss falls enough, and
/// its slope becomes flat enough. Equivalent to `line_search_fn="strong_wolfe"` of `torch.optim.LBFGS`.
///
/// Nocedal and Wright, "Numerical Optimization" (2nd edition, 2006), algorithms 3.5 and 3.6 and equation 3.59: steps
/// grow until a good one lies between two, and then these come nearer to each other. Next steps are minima of cubic
/// polynomials.
struct StrongWolfe {
  /// A step along the direction, with what was found there.
  struct Point {
    /// The multiple of the direction.
    var step: Double
    /// The loss.
    var loss: Double
    /// The gradient of all parameters, as one vector.
    var gradient: Tensor
    /// The derivative of the loss along the direction.
    var slope: Double
  }

  /// The share of the fall that the slope at the start promises which has to come true.
  private static let sufficientFall = 1e-4
  /// The share of the slope at the start that may be left.
  private static let flatness = 0.9

  /// Where the search begins, with a step of zero.
  let start: Point
  /// The largest absolute element of the direction.
  let directionSize: Double
  /// The search ends when parameters would move by less.
  let toleranceChange: Double
  /// How many steps may be taken after the first one.
  let maximumSteps: Int
  /// Computes the loss after a step.
  let evaluate: (_ step: Double) -> Point
  /// How many steps were taken after the first one.
  private var steps = 0

  init(
    from start: Point, directionSize: Double, toleranceChange: Double, maximumSteps: Int,
    evaluate: @escaping (_ step: Double) -> Point
  ) {
    (self.start, self.directionSize) = (start, directionSize)
    (self.toleranceChange, self.maximumSteps) = (toleranceChange, maximumSteps)
    self.evaluate = evaluate
  }

  /// Searches from a first step on.
  ///
  /// - Returns: The best point, and how many times the loss was computed.
  mutating func run(first step: Double) -> (point: Point, evaluations: Int) {
    steps = 0
    let found: Point
    switch bracket(first: step) {
    case .found(let point): found = point
    case .between(let one, let other): found = zoom(one, other)
    }
    return (found, steps + 1)
  }

  private enum Bracket {
    /// A point that fulfils the conditions.
    case found(Point)
    /// There is one between these.
    case between(Point, Point)
  }

  /// Whether the loss did not fall enough.
  private func isTooHigh(_ point: Point) -> Bool {
    point.loss > start.loss + Self.sufficientFall * point.step * start.slope
  }

  private func isFlat(_ point: Point) -> Bool {
    abs(point.slope) <= -Self.flatness * start.slope
  }

  /// Takes longer and longer steps until a good one is known to lie between two.
  private mutating func bracket(first step: Double) -> Bracket {
    var previous = start
    var point = evaluate(step)
    while steps < maximumSteps {
      if isTooHigh(point) || steps > 1 && point.loss >= previous.loss {
        return .between(previous, point)
      }
      if isFlat(point) { return .found(point) }
      if point.slope >= 0 { return .between(previous, point) }
      let least = point.step + 0.01 * (point.step - previous.step)
      let next = Self.minimum(previous, point, between: least, and: 10 * point.step)
      previous = point
      point = evaluate(next)
      steps += 1
    }
    return .between(start, point)
  }

  /// Brings two points nearer to each other until one of them fulfils the conditions, or they are too near.
  private mutating func zoom(_ one: Point, _ other: Point) -> Point {
    var ends = [one, other]
    // Of equal ones the first counts.
    func lower() -> Int { ends[0].loss <= ends[1].loss ? 0 : 1 }
    var low = lower()
    var stagnates = false
    while steps < maximumSteps {
      let (left, right) = (min(ends[0].step, ends[1].step), max(ends[0].step, ends[1].step))
      if (right - left) * directionSize < toleranceChange { break }
      var step = Self.minimum(ends[0], ends[1], between: left, and: right)
      // A step next to an end makes little progress. The second one is moved away from it.
      let margin = 0.1 * (right - left)
      if min(right - step, step - left) < margin {
        if stagnates || step >= right || step <= left {
          step = abs(step - right) < abs(step - left) ? right - margin : left + margin
          stagnates = false
        } else {
          stagnates = true
        }
      } else {
        stagnates = false
      }
      let point = evaluate(step)
      steps += 1
      if isTooHigh(point) || point.loss >= ends[low].loss {
        ends[1 - low] = point
        low = lower()
        continue
      }
      if isFlat(point) { return point }
      if point.slope * (ends[1 - low].step - ends[low].step) >= 0 { ends[1 - low] = ends[low] }
      ends[low] = point
    }
    return ends[low]
  }

  /// Where the cubic polynomial through two points with their slopes is least, within bounds; the middle of these
  /// if it has no minimum.
  private static func minimum(
    _ one: Point, _ other: Point, between least: Double, and greatest: Double
  ) -> Double {
    let (left, right) = one.step <= other.step ? (one, other) : (other, one)
    let sum =
      left.slope + right.slope - 3 * (left.loss - right.loss) / (left.step - right.step)
    let square = sum * sum - left.slope * right.slope
    guard square >= 0 else { return (least + greatest) / 2 }
    let root = square.squareRoot()
    let share = (right.slope + root - sum) / (right.slope - left.slope + 2 * root)
    let step = right.step - (right.step - left.step) * share
    return min(max(step, least), greatest)
  }
}
