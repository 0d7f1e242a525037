/// A regular expression of Python's, as configurations of adapters have them to name modules.
///
/// It is run as an automaton, so that its time is that of its length times the text's, whoever wrote it.
/// What it has no part for (looking ahead, references, counts in braces) is refused by name.
package struct KeyExpression: Sendable {
  /// Why an expression cannot be used, as a clause that follows it.
  package struct Problem: Error {
    /// What is wrong with it.
    package let reason: String
  }

  /// A step of the automaton.
  enum Step: Sendable {
    case take(ScalarClass)
    case fork(Int, Int)
    case jump(Int)
    case start
    case end
  }

  private let steps: [Step]

  /// The longest expression, in characters, so that no text takes long.
  private static let maximumLength = 1000

  /// Reads an expression.
  ///
  /// - Throws: ``Problem`` for one that is malformed, or that has what is not supported.
  package init(_ source: String) throws(Problem) {
    guard source.unicodeScalars.count <= Self.maximumLength else {
      throw Problem(reason: "is longer than \(Self.maximumLength) characters")
    }
    var parser = KeyExpressionParser(source)
    let node = try parser.parse()
    var steps: [Step] = []
    Self.append(node, to: &steps)
    self.steps = steps
  }

  /// Whether the whole of a text matches. Equivalent to `re.fullmatch`.
  package func matches(_ text: String) -> Bool {
    let scalars = Array(text.unicodeScalars)
    var states = reached(from: [0], at: 0, of: scalars.count)
    for (index, scalar) in scalars.enumerated() {
      var next: [Int] = []
      for state in states where state < steps.count {
        if case .take(let kind) = steps[state], kind.contains(scalar) { next.append(state + 1) }
      }
      guard !next.isEmpty else { return false }
      states = reached(from: next, at: index + 1, of: scalars.count)
    }
    return states.contains(steps.count)
  }

  /// The steps that are reached from others without taking anything of the text.
  private func reached(from states: [Int], at position: Int, of count: Int) -> [Int] {
    var seen = [Bool](repeating: false, count: steps.count + 1)
    var waiting = states
    var result: [Int] = []
    while let state = waiting.popLast() {
      guard !seen[state] else { continue }
      seen[state] = true
      guard state < steps.count else {
        result.append(state)
        continue
      }
      switch steps[state] {
      case .take: result.append(state)
      case .fork(let one, let other): waiting += [one, other]
      case .jump(let target): waiting.append(target)
      case .start: if position == 0 { waiting.append(state + 1) }
      case .end: if position == count { waiting.append(state + 1) }
      }
    }
    return result
  }

  private static func append(_ node: KeyExpressionNode, to steps: inout [Step]) {
    switch node {
    case .one(let kind): steps.append(.take(kind))
    case .start: steps.append(.start)
    case .end: steps.append(.end)
    case .sequence(let nodes): for node in nodes { append(node, to: &steps) }
    case .choice(let one, let other):
      let fork = steps.count
      steps.append(.fork(fork + 1, fork + 1))
      append(one, to: &steps)
      let jump = steps.count
      steps.append(.jump(jump))
      steps[fork] = .fork(fork + 1, steps.count)
      append(other, to: &steps)
      steps[jump] = .jump(steps.count)
    case .repeated(let node, let isNeeded, let isOften):
      let fork = steps.count
      if !isNeeded { steps.append(.fork(fork + 1, fork + 1)) }
      let first = steps.count
      append(node, to: &steps)
      if isOften { steps.append(.fork(isNeeded ? first : fork, steps.count + 1)) }
      if !isNeeded { steps[fork] = .fork(first, steps.count) }
    }
  }
}

/// Which characters a step takes.
struct ScalarClass: Sendable {
  /// A part of a class.
  enum Part: Sendable {
    case range(ClosedRange<UInt32>)
    case digit, word, space
    indirect case not(Part)

    func contains(_ scalar: Unicode.Scalar) -> Bool {
      switch self {
      case .range(let range): range.contains(scalar.value)
      case .digit: scalar.properties.generalCategory == .decimalNumber
      case .word:
        scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
      case .space: scalar.properties.isWhitespace
      case .not(let part): !part.contains(scalar)
      }
    }
  }

  var parts: [Part] = []
  var isNegated = false

  /// Whatever is not the end of a line.
  static let any = ScalarClass(parts: [.range(10...10)], isNegated: true)

  static func literal(_ scalar: Unicode.Scalar) -> ScalarClass {
    ScalarClass(parts: [.range(scalar.value...scalar.value)])
  }

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    parts.contains { $0.contains(scalar) } != isNegated
  }
}

/// A part of an expression.
indirect enum KeyExpressionNode {
  case one(ScalarClass)
  case start
  case end
  case sequence([KeyExpressionNode])
  case choice(KeyExpressionNode, KeyExpressionNode)
  /// Whether it has to be there, and whether it may be there more than once.
  case repeated(KeyExpressionNode, isNeeded: Bool, isOften: Bool)
}
