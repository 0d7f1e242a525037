import States

/// A regular expression for keys, as it is written, and what follows from its text.
struct KeyPattern: Hashable, Sendable {
  /// A part of an expression that is made of plain text and groups only.
  private enum Piece {
    case text(String)
    /// What stands between the parentheses.
    case group(String)
  }

  let source: String

  init(_ source: String) { self.source = source }

  /// The number of capturing groups.
  var groupCount: Int {
    var count = 0
    var characters = source[...]
    var isInClass = false
    while let character = characters.popFirst() {
      switch character {
      case "\\": _ = characters.popFirst()
      case "[": isInClass = true
      case "]": isInClass = false
      case "(" where !isInClass:
        let isNamed =
          characters.hasPrefix("?<") && !characters.hasPrefix("?<=")
          && !characters.hasPrefix("?<!")
        if !characters.hasPrefix("?") || isNamed { count += 1 }
      default: break
      }
    }
    return count
  }

  /// The expression that finds what a template made of this one's matches, and the template that
  /// makes those matches again.
  ///
  /// There is one if the expression is made of plain text, anchors and groups, and the template
  /// has each of its groups once; nil otherwise.
  func inverse(of template: KeyTemplate) -> (pattern: KeyPattern, template: KeyTemplate)? {
    guard let (pieces, isAnchored) = simplePieces else { return nil }
    let groups = pieces.compactMap { if case .group(let source) = $0 { source } else { nil } }
    let order = template.groups
    guard order.sorted() == Array(1..<(groups.count + 1)) else { return nil }
    var pattern = isAnchored.start ? "^" : ""
    for piece in template.pieces {
      switch piece {
      case .text(let text): pattern += Self.escaped(text)
      case .group(let number): pattern += "(\(groups[number - 1]))"
      }
    }
    if isAnchored.end { pattern += "$" }
    var original: [KeyTemplate.Piece] = []
    var number = 0
    for piece in pieces {
      switch piece {
      case .text(let text): original.append(.text(text))
      case .group:
        number += 1
        guard let place = order.firstIndex(of: number) else { return nil }
        original.append(.group(place + 1))
      }
    }
    return (KeyPattern(pattern), KeyTemplate(pieces: original))
  }

  /// The text as an expression that matches just it.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      if #"\^$.|?*+()[]{}"#.contains(character) { result.append("\\") }
      result.append(character)
    }
    return result
  }

  /// The parts of the expression and whether it is bound to the ends of the key, nil if anything
  /// in it but groups and anchors matches more than one text.
  private var simplePieces: (pieces: [Piece], isAnchored: (start: Bool, end: Bool))? {
    var rest = source[...]
    let isAnchoredAtStart = rest.first == "^"
    if isAnchoredAtStart { rest.removeFirst() }
    var isAnchoredAtEnd = false
    var pieces: [Piece] = []
    var text = ""
    while let character = rest.popFirst() {
      switch character {
      case "\\":
        guard let next = rest.popFirst(), !next.isLetter, !next.isNumber else { return nil }
        text.append(next)
      case "(":
        guard let group = Self.takeGroup(&rest) else { return nil }
        if !text.isEmpty { pieces.append(.text(text)) }
        text = ""
        pieces.append(.group(group))
      case "$" where rest.isEmpty: isAnchoredAtEnd = true
      case "^", "$", ".", "|", "?", "*", "+", ")", "[", "]", "{", "}": return nil
      default: text.append(character)
      }
    }
    if !text.isEmpty { pieces.append(.text(text)) }
    return (pieces, (isAnchoredAtStart, isAnchoredAtEnd))
  }

  /// Takes a group from a text that begins behind its parenthesis, nil if it has groups inside or
  /// is not a plain one.
  private static func takeGroup(_ rest: inout Substring) -> String? {
    guard rest.first != "?" else { return nil }
    var group = ""
    var depth = 1
    var isInClass = false
    while let character = rest.popFirst() {
      switch character {
      case "\\":
        guard let next = rest.popFirst(), !next.isNumber else { return nil }
        group += "\\\(next)"
        continue
      case "[": isInClass = true
      case "]": isInClass = false
      case "(" where !isInClass:
        guard rest.hasPrefix("?:") else { return nil }
        depth += 1
      case ")" where !isInClass:
        depth -= 1
        if depth == 0 { return group }
      default: break
      }
      group.append(character)
    }
    return nil
  }
}
