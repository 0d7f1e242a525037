import Arrays
import Files

/// An equation of ``Tensor/einsum(_:_:)``: which dimensions of operands and result are the same.
struct EinsumEquation {
  /// A dimension: a letter, or one of those that an ellipsis stands for.
  enum Label: Hashable, Comparable, CustomStringConvertible {
    /// Counted from the last one, which is 0.
    case covered(Int)
    case letter(Character)

    var description: String {
      switch self {
      case .letter(let letter): "subscript \(letter)"
      case .covered: "a dimension covered by the ellipsis"
      }
    }

    // Those of an ellipsis come first, then capital letters.
    static func < (lhs: Label, rhs: Label) -> Bool {
      switch (lhs, rhs) {
      case (.covered(let x), .covered(let y)): x > y
      case (.covered, .letter): true
      case (.letter, .covered): false
      case (.letter(let x), .letter(let y)): x < y
      }
    }
  }

  /// The dimensions of each operand.
  let operands: [[Label]]
  /// The dimensions of the result.
  let output: [Label]

  /// The equation read for operands of these shapes.
  ///
  /// - Precondition: It is well formed, and fits the shapes.
  init(_ equation: String, _ shapes: [Shape]) {
    let sides = equation.filter { $0 != " " }.split(
      separator: "-", omittingEmptySubsequences: false)
    let hasArrow = sides.count == 2 && sides[1].hasPrefix(">")
    require(
      sides.count == 1 || hasArrow,
      "einsum(): found '-' that is not part of an arrow in \"\(equation)\"")
    let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false)
    require(
      terms.count >= shapes.count,
      "einsum(): more operands were provided than specified in the equation \"\(equation)\"")
    require(
      terms.count <= shapes.count,
      "einsum(): fewer operands were provided than specified in the equation \"\(equation)\"")
    var covered = 0
    operands = zip(terms, shapes).enumerated().map { index, pair in
      let place = "operand \(index)"
      let (before, after) = Self.letters(pair.0, place)
      let letters = before + (after ?? [])
      let rank = pair.1.rank
      guard let after else {
        require(
          letters.count == rank,
          "einsum(): the number of subscripts in the equation (\(letters.count)) does not match "
            + "the number of dimensions (\(rank)) for \(place) of shape \(pair.1) and no ellipsis "
            + "was given")
        return letters
      }
      require(
        letters.count <= rank,
        "einsum(): the number of subscripts in the equation (\(letters.count)) is more than the "
          + "number of dimensions (\(rank)) for \(place) of shape \(pair.1)")
      let count = rank - letters.count
      covered = max(covered, count)
      return before + (0..<count).reversed().map { .covered($0) } + after
    }
    let all = (0..<covered).reversed().map { Label.covered($0) }
    let given = operands.joined()
    guard hasArrow else {
      let counts = given.reduce(into: [Label: Int]()) { $0[$1, default: 0] += 1 }
      output = all + counts.filter { $0.value == 1 && $0.key >= .letter("A") }.keys.sorted()
      return
    }
    let (before, after) = Self.letters(sides[1].dropFirst(), "the output")
    let letters = before + (after ?? [])
    for (index, letter) in letters.enumerated() {
      guard case .letter(let name) = letter else { continue }
      require(
        !letters[..<index].contains(letter),
        "einsum(): output subscript \(name) appears more than once in the output")
      require(
        given.contains(letter),
        "einsum(): output subscript \(name) does not appear in the equation for any input operand")
    }
    output = before + (after.map { all + $0 } ?? [])
  }

  /// The letters before an ellipsis and after it; nil after it if there is none.
  private static func letters(
    _ term: Substring, _ place: String
  ) -> (before: [Label], after: [Label]?) {
    var parts: [[Label]] = [[]]
    var rest = term
    while let character = rest.first {
      if rest.hasPrefix("...") {
        require(
          parts.count == 1, "einsum(): found '.' for \(place) for which an ellipsis was found")
        parts.append([])
        rest = rest.dropFirst(3)
        continue
      }
      require(
        character != ".", "einsum(): found '.' for \(place) that is not part of any ellipsis")
      require(
        character.isASCII && character.isLetter,
        "einsum(): invalid subscript \"\(character)\" given for \(place), subscripts must be in "
          + "[a-zA-Z]")
      parts[parts.count - 1].append(.letter(character))
      rest = rest.dropFirst()
    }
    return (parts[0], parts.count > 1 ? parts[1] : nil)
  }
}
