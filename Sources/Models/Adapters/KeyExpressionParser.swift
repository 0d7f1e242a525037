/// Reads the text of a ``KeyExpression``.
struct KeyExpressionParser {
  private typealias Problem = KeyExpression.Problem

  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var depth = 0

  /// How deep groups may be in each other.
  private static let maximumDepth = 50

  init(_ source: String) { scalars = Array(source.unicodeScalars) }

  /// The whole expression.
  mutating func parse() throws(KeyExpression.Problem) -> KeyExpressionNode {
    let node = try choice()
    guard position == scalars.count else {
      throw Problem(reason: "has a parenthesis that nothing opens")
    }
    return node
  }

  private var next: Unicode.Scalar? {
    position < scalars.count ? scalars[position] : nil
  }

  private mutating func take(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard scalars[position...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  private mutating func choice() throws(KeyExpression.Problem) -> KeyExpressionNode {
    var branches = [try sequence()]
    while take("|") { branches.append(try sequence()) }
    var node = branches.removeLast()
    while let branch = branches.popLast() { node = .choice(branch, node) }
    return node
  }

  private mutating func sequence() throws(KeyExpression.Problem) -> KeyExpressionNode {
    var nodes: [KeyExpressionNode] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      nodes.append(try repetition(of: try atom()))
    }
    return .sequence(nodes)
  }

  /// An atom, and how often it is there. That as little as possible is taken makes no difference to
  /// whether the whole matches.
  private mutating func repetition(
    of atom: KeyExpressionNode
  ) throws(KeyExpression.Problem) -> KeyExpressionNode {
    guard let scalar = next, "*+?{".unicodeScalars.contains(scalar) else { return atom }
    guard scalar != "{" else { throw Problem(reason: "has a brace, which is not supported") }
    position += 1
    _ = take("?")
    if let scalar = next, "*+?{".unicodeScalars.contains(scalar) {
      throw Problem(reason: "repeats a repetition, which is not supported")
    }
    return .repeated(atom, isNeeded: scalar == "+", isOften: scalar != "?")
  }

  private mutating func atom() throws(KeyExpression.Problem) -> KeyExpressionNode {
    let scalar = scalars[position]
    position += 1
    switch scalar {
    case "(": return try group()
    case "[": return .one(try bracketed())
    case ".": return .one(.any)
    case "^": return .start
    case "$": return .end
    case "\\": return .one(ScalarClass(parts: [try escaped()]))
    case "*", "+", "?": throw Problem(reason: "repeats nothing")
    case "{": throw Problem(reason: "has a brace, which is not supported")
    default: return .one(.literal(scalar))
    }
  }

  private mutating func group() throws(KeyExpression.Problem) -> KeyExpressionNode {
    if take("?P<") {
      while let scalar = next, scalar != ">" {
        guard
          scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        else { break }
        position += 1
      }
      guard take(">") else { throw Problem(reason: "has a group whose name does not end") }
    } else if !take("?:"), next == "?" {
      throw Problem(reason: "has a group that begins with (?, which is not supported")
    }
    depth += 1
    guard depth <= Self.maximumDepth else { throw Problem(reason: "has too many groups in groups") }
    let node = try choice()
    depth -= 1
    guard take(")") else { throw Problem(reason: "has a parenthesis that nothing closes") }
    return node
  }

  /// What stands behind a backslash.
  private mutating func escaped() throws(KeyExpression.Problem) -> ScalarClass.Part {
    guard let scalar = next else { throw Problem(reason: "ends with a backslash") }
    position += 1
    switch scalar {
    case "d": return .digit
    case "D": return .not(.digit)
    case "w": return .word
    case "W": return .not(.word)
    case "s": return .space
    case "S": return .not(.space)
    default:
      guard scalar.isASCII, !scalar.properties.isAlphabetic, scalar.properties.numericType == nil
      else {
        throw Problem(reason: "has \\\(scalar), which is not supported")
      }
      return .range(scalar.value...scalar.value)
    }
  }

  /// A class of characters, behind its bracket.
  private mutating func bracketed() throws(KeyExpression.Problem) -> ScalarClass {
    var result = ScalarClass(isNegated: take("^"))
    var isFirst = true
    while let scalar = next, scalar != "]" || isFirst {
      isFirst = false
      position += 1
      let part =
        scalar == "\\" ? try escaped() : .range(scalar.value...scalar.value)
      guard case .range(let first) = part, position + 1 < scalars.count, scalars[position] == "-",
        scalars[position + 1] != "]"
      else {
        result.parts.append(part)
        continue
      }
      position += 1
      let end = scalars[position]
      position += 1
      let last = end == "\\" ? try escaped() : .range(end.value...end.value)
      guard case .range(let last) = last, first.lowerBound <= last.lowerBound else {
        throw Problem(reason: "has a range of characters that is none")
      }
      result.parts.append(.range(first.lowerBound...last.lowerBound))
    }
    guard take("]") else { throw Problem(reason: "has a bracket that nothing closes") }
    return result
  }
}
