import States

/// A new name for what an expression matched: text in which `\1` to `\9` stand for the groups of
/// the expression and `\0` for all that matched.
struct KeyTemplate: Hashable, Sendable {
  /// A part of a template.
  enum Piece: Hashable, Sendable {
    case text(String)
    case group(Int)
  }

  let pieces: [Piece]

  init(pieces: [Piece]) { self.pieces = pieces }

  /// A template as it is written. A backslash before anything but a digit means that character.
  init(_ source: String) {
    var pieces: [Piece] = []
    var text = ""
    var isEscaped = false
    for character in source {
      if isEscaped, let group = character.wholeNumberValue {
        if !text.isEmpty { pieces.append(.text(text)) }
        text = ""
        pieces.append(.group(group))
        isEscaped = false
      } else if !isEscaped && character == "\\" {
        isEscaped = true
      } else {
        text.append(character)
        isEscaped = false
      }
    }
    if !text.isEmpty { pieces.append(.text(text)) }
    self.pieces = pieces
  }

  /// The groups that the template names, in order.
  var groups: [Int] {
    pieces.compactMap { if case .group(let number) = $0 { number } else { nil } }
  }

  /// The template as it is written.
  var source: String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text.replacing("\\", with: #"\\"#)
      case .group(let number): "\\\(number)"
      }
    }.joined()
  }

  /// The text for a match. A number that is no group's stands for itself.
  func expanded(_ output: AnyRegexOutput) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .group(let number):
        number < output.count ? String(output[number].substring ?? "") : String(number)
      }
    }.joined()
  }
}
