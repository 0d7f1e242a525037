/// The paths of tensors whose keys come one after the other: those of one module share a group,
/// whose path is found once.
struct LinkPathEncoder {
  private let isTensor: (Substring) -> Bool
  /// The module of the last key, and its path with a slash; nil if its tensors cannot simply be
  /// added to that.
  private var last: (module: Substring, path: String?) = ("", nil)

  /// - Parameter isTensor: Whether a key beside the others is that of a tensor.
  init(isTensor: @escaping (Substring) -> Bool) { self.isTensor = isTensor }

  /// The links that lead to the tensor of `key`, joined by `/`.
  mutating func path(_ key: String) -> String {
    guard let dot = key.utf8.lastIndex(of: UInt8(ascii: ".")), dot > key.startIndex else {
      return LinkPath.encode(key: key, isTensor: isTensor).joined(separator: "/")
    }
    let module = key[..<dot]
    let name = key[key.utf8.index(after: dot)...]
    // Texts that only Unicode takes for the same are two names.
    if !module.utf8.elementsEqual(last.module.utf8) { last = (module, groupPath(module)) }
    guard let group = last.path, !name.isEmpty else {
      return LinkPath.encode(key: key, isTensor: isTensor).joined(separator: "/")
    }
    return group + LinkPath.escape(name)
  }

  private func groupPath(_ module: Substring) -> String? {
    // Where the module is a tensor too, or its name ends with a dot, parts are joined.
    guard !isTensor(module), module.utf8.last != UInt8(ascii: ".") else { return nil }
    let links = LinkPath.encode(key: String(module), isTensor: isTensor)
    return links.count < LinkPath.maximumDepth ? links.joined(separator: "/") + "/" : nil
  }
}

/// The translation between a tensor's key and the links that lead to its dataset.
///
/// See <doc:Layout>, "Paths and keys". Decoding needs nothing but the path.
enum LinkPath {
  /// How a part is joined to its neighbour where no group may separate them.
  private static let joint = "%2E"
  /// How many links a key becomes at most: what would be deeper is joined. Readers refuse groups that
  /// are nested without end.
  static let maximumDepth = 128

  /// One part of a key as the name of a link.
  static func escape(_ part: Substring, escapingDots: Bool = false) -> String {
    if part.isEmpty { return "%" }
    let needsEscape = part.utf8.contains {
      $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "%") || $0 == 0
        || escapingDots && $0 == UInt8(ascii: ".")
    }
    guard needsEscape else { return String(part) }
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
      let end = key[start...].utf8.firstIndex(of: UInt8(ascii: ".")) ?? key.endIndex
      let part = key[start..<end]
      let mustJoin =
        start > key.startIndex
        && (part.isEmpty || previousIsEmpty || links.count == maximumDepth
          || isTensor(key[..<key.utf8.index(before: start)]))
      if mustJoin {
        let last = links.removeLast()
        links.append((last == "%" ? "" : last) + joint + (part.isEmpty ? "" : escape(part)))
      } else {
        links.append(escape(part))
      }
      previousIsEmpty = part.isEmpty && !mustJoin
      guard end < key.endIndex else { return links }
      start = key.utf8.index(after: end)
    }
  }

  /// The key of the tensor that a path leads to, from the group of its section.
  static func decode(path: Substring) -> String {
    guard path.utf8.contains(UInt8(ascii: "%")) else {
      // Most keys: what separates groups is all that differs. There is room for the path, all of which
      // is written.
      return unsafe String(unsafeUninitializedCapacity: path.utf8.count) { buffer in
        _ = unsafe buffer.initialize(from: path.utf8)
        for index in buffer.indices where unsafe buffer[index] == UInt8(ascii: "/") {
          unsafe buffer[index] = UInt8(ascii: ".")
        }
        return path.utf8.count
      }
    }
    return decode(path.split(separator: "/", omittingEmptySubsequences: false))
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
