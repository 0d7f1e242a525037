import Checkpoints

/// Gives tensors names that MATLAB takes, as fields of structs within each other.
///
/// A name is taken apart at points and slashes. Identifiers are letters, digits and `_`, begin with a letter,
/// have 63 characters at most, and are no words of MATLAB's or Octave's own. A part that begins with a digit
/// or `_` gets an `x` before it, other characters become `_`, and what is taken already, or reserved,
/// gets a number or a `_` behind it.
///
/// ```
/// layer1.0.conv1.weight → layer1.x0.conv1.weight
/// ```
struct MATLABNames {
  /// The identifiers in a struct, by the path that leads to it.
  private var taken: [[String]: Set<String>] = [:]
  /// The number that comes next behind identifiers that begin alike, by the path and what they begin with.
  private var next: [[String]: [String: Int]] = [:]
  /// The identifiers of the structs that were made, by the path of the struct that holds them, and the part.
  private var structs: [[String]: [String: String]] = [:]

  /// `namelengthmax` of MATLAB's.
  static let maximumLength = 63
  /// So many characters stay of a name to which a number is added, however long that is.
  private static let stemLength = 40
  /// How many structs are within each other: the rest of a name becomes one identifier.
  private static let maximumDepth = 24

  private static let reserved: Set = [
    // `iskeyword` of MATLAB R2024b, and of Octave 7.3.
    "break", "case", "catch", "classdef", "continue", "else", "elseif", "end", "for", "function",
    "global", "if", "otherwise", "parfor", "persistent", "return", "spmd", "switch", "try", "while",
    "do", "end_try_catch", "end_unwind_protect", "endclassdef", "endenumeration", "endevents",
    "endfor", "endfunction", "endif", "endmethods", "endparfor", "endproperties", "endspmd",
    "endswitch", "endwhile", "enumeration", "events", "methods", "properties", "until",
    "unwind_protect", "unwind_protect_cleanup", "arguments", "endarguments",
  ]

  /// No names yet.
  init() {}

  /// The fields that lead to a tensor, each call's other than those before.
  ///
  /// - Parameter name: A name of a tensor, unlike that of any other.
  mutating func path(of name: String) -> [String] {
    var parts = Self.parts(of: name)
    if parts.count > Self.maximumDepth {
      parts[(Self.maximumDepth - 1)...] = [
        parts[(Self.maximumDepth - 1)...].joined(separator: "_")
      ]
    }
    var path: [String] = []
    for part in parts.dropLast() {
      let identifier = structs[path]?[part] ?? free(part, in: path)
      structs[path, default: [:]][part] = identifier
      path.append(identifier)
    }
    return path + [free(parts.last ?? "", in: path)]
  }

  /// The fields by which somebody who knows the key looks for a tensor.
  static func expectedPath(of name: String) -> [String] {
    parts(of: name).map { $0.utf8.first.map(isDigit) == true ? "x" + $0 : $0 }
  }

  private static func parts(of name: String) -> [String] {
    name.split(omittingEmptySubsequences: false) { $0 == "." || $0 == "/" }.map(String.init)
  }

  /// An identifier that is not taken yet.
  private mutating func free(_ part: String, in path: [String]) -> String {
    let wanted = Self.identifier(part)
    var identifier = String(wanted.prefix(Self.maximumLength))
    if taken[path, default: []].insert(identifier).inserted { return identifier }
    // Where the last one ended: counting from the start would take many names of one sort for ever.
    let stem = String(wanted.prefix(Self.stemLength))
    var number = next[path]?[stem] ?? 2
    repeat {
      let suffix = "_\(number)"
      identifier = wanted.prefix(Self.maximumLength - suffix.count) + suffix
      number += 1
    } while !taken[path, default: []].insert(identifier).inserted
    next[path, default: [:]][stem] = number
    return identifier
  }

  /// A part in letters, digits and `_`, of any length.
  private static func identifier(_ part: String) -> String {
    var text = String(
      decoding: part.unicodeScalars.map { scalar in
        guard let byte = UInt8(exactly: scalar.value), isLetter(byte) || isDigit(byte) else {
          return UInt8(ascii: "_")
        }
        return byte
      }, as: UTF8.self)
    if text.utf8.first.map(isLetter) != true { text = "x" + text }
    return reserved.contains(text) ? text + "_" : text
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
