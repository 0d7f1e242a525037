/// The name of a file that is one part of several: `model-00001-of-00003.safetensors`.
///
/// transformers and diffusers put the name of a variant before or behind the numbers, and do not
/// agree on how many digits these have: all of that is kept as it is.
package struct ShardName: Hashable, Sendable {
  /// What precedes the numbers.
  package let stem: String
  /// Which part it is, from 1 on.
  package let number: Int
  /// How many parts there are.
  package let count: Int
  /// What follows the numbers, with its point: `.safetensors`.
  package let ending: String

  private let digitCount: Int
  private let countText: String

  /// More parts than any model has; a name that claims more is no shard's.
  private static let maximumCount = 100_000

  /// The name of a part as Hugging Face's libraries write it.
  package init(_ stem: String, _ number: Int, of count: Int, ending: String) {
    self.stem = stem
    self.number = number
    self.count = count
    self.ending = ending
    digitCount = 5
    countText = Self.padded(count, 5)
  }

  /// Takes a file's name apart; nil if it is not that of a part.
  package init?(_ name: String) {
    let parts = name.separated(by: "-of-")
    guard parts.count > 1, let last = parts.last else { return nil }
    let before = parts.dropLast().joined(separator: "-of-")
    let digits = before.reversed().prefix(while: Self.isDigit)
    let head = before.dropLast(digits.count)
    let countText = last.prefix(while: Self.isDigit)
    let ending = last.dropFirst(countText.count)
    guard head.hasSuffix("-"), head.count > 1, ending.hasPrefix("."),
      let number = Int(String(digits.reversed())), let count = Int(countText),
      (1...Self.maximumCount).contains(count), (1...count).contains(number)
    else { return nil }
    stem = String(head.dropLast())
    self.number = number
    self.count = count
    self.ending = String(ending)
    self.countText = String(countText)
    digitCount = digits.count
  }

  /// The file's name.
  package var name: String { name(number) }

  /// The name of the first part, which those of one set have in common.
  package var first: String { name(1) }

  /// The names of all parts, in order, each made when it is needed: a name may claim many.
  package var siblings: LazyMapSequence<ClosedRange<Int>, String> {
    (1...count).lazy.map { name($0) }
  }

  private func name(_ number: Int) -> String {
    "\(stem)-\(Self.padded(number, digitCount))-of-\(countText)\(ending)"
  }

  private static func isDigit(_ character: Character) -> Bool {
    character.isASCII && character.isNumber
  }

  private static func padded(_ number: Int, _ digitCount: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(digitCount - digits.count, 0)) + digits
  }
}

extension String {
  /// The parts between the places at which a separator stands.
  package func separated(by separator: String) -> [String] {
    var parts: [String] = []
    var rest = utf8[...]
    var part = rest
    while !rest.isEmpty {
      if rest.starts(with: separator.utf8) {
        parts.append(String(Substring(part[..<rest.startIndex])))
        rest = rest.dropFirst(separator.utf8.count)
        part = rest
      } else {
        rest = rest.dropFirst()
      }
    }
    return parts + [String(Substring(part))]
  }
}
