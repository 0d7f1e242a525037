/// The translation between a tensor's key and the links that lead to its dataset.
///
/// See <doc:Layout>, "Paths and keys". Decoding needs nothing but the path.
enum LinkPath {
  /// How a part is joined to its neighbour where no group may separate them.
  private static let joint = "%2E"

  /// One part of a key as the name of a link.
  static func escape(_ part: Substring, escapingDots: Bool = false) -> String {
    if part.isEmpty { return "%" }
    var name = ""
    name.reserveCapacity(part.utf8.count)
    for character in part.unicodeScalars {
      switch character {
      case "/": name += "%2F"
      case "%": name += "%25"
      case "\0": name += "%00"
      case "." where escapingDots: name += joint
      default: name.unicodeScalars.append(character)
      }
    }
    return name
  }

  /// The part of a key that a link's name stands for.
  static func unescape(_ name: Substring) -> String {
    if name == "%" { return "" }
    guard name.utf8.contains(UInt8(ascii: "%")) else { return String(name) }
    return String(name).replacing("%2F", with: "/").replacing("%2E", with: ".")
      .replacing("%00", with: "\0").replacing("%25", with: "%")
  }

  /// The links that lead to the tensor of `key`, given all keys beside it.
  static func encode(key: String, isTensor: (Substring) -> Bool) -> [String] {
    var links: [String] = []
    var previousIsEmpty = false
    var start = key.startIndex
    while true {
      let end = key[start...].firstIndex(of: ".") ?? key.endIndex
      let part = key[start..<end]
      let mustJoin =
        start > key.startIndex
        && (part.isEmpty || previousIsEmpty || isTensor(key[..<key.index(before: start)]))
      if mustJoin {
        let last = links.removeLast()
        links.append((last == "%" ? "" : last) + joint + (part.isEmpty ? "" : escape(part)))
      } else {
        links.append(escape(part))
      }
      previousIsEmpty = part.isEmpty && !mustJoin
      guard end < key.endIndex else { return links }
      start = key.index(after: end)
    }
  }

  /// The key of the tensor that these links lead to.
  static func decode(_ links: some Sequence<Substring>) -> String {
    links.map { unescape($0) }.joined(separator: ".")
  }

  /// The links that lead to the state of a parameter, from `/optimizer/state`.
  static func encode(
    parameter: String, isSlot: (_ parameter: String, _ slot: String) -> Bool
  ) -> [String] {
    var links = encode(key: parameter) { _ in false }
    // A group may not have the path of a slot: its last part then joins the one before it.
    var depth = 2
    while depth <= links.count {
      let prefix = links[..<depth]
      if isSlot(decode(prefix.dropLast().map { $0[...] }), unescape(prefix[depth - 1][...])) {
        links[depth - 2] += joint + links.remove(at: depth - 1)
      } else {
        depth += 1
      }
    }
    return links
  }
}
